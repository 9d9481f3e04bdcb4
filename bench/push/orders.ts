/** What the benchmark tells a server under test, and what the server answers. */
export type ServerOrder =
  { kind: 'publish'; pairs: number; messagesPerSecond: number; durationMs: number } | { kind: 'memory' };

export type ServerAnswer =
  | { kind: 'listening'; port: number }
  | { kind: 'published'; messages: number }
  | { kind: 'memory'; heapUsed: number; external: number; rss: number };

export type TransportName = 'long-polling' | 'websocket';

/**
 * What the load is to do. Sessions 2k and 2k+1 are a pair and subscribe to `/pair/<k>`.
 * `closed`: keep `window` messages under way, each published by the first of its pair and received by both.
 * `listen`: only receive, and re-poll. `tabs` sessions share one browser cookie (1: each is its own browser).
 * `echo`: `sessions` connections send one message and wait for the answer, over and over; no Bayeux.
 */
export type LoadJob = {
  load: 'closed' | 'listen' | 'echo';
  transport: TransportName;
  port: number;
  sessions: number;
  window: number;
  tabs: number;
};

/** `begin` starts counting anew, `end` asks for the result, `more` opens further sessions and answers `ready`. */
export type LoadOrder = { kind: 'begin' } | { kind: 'end' } | { kind: 'more'; sessions: number };

export type LoadAnswer = { kind: 'ready' } | ({ kind: 'result' } & LoadResult);

/** `lost` and `twice` count deliveries over the whole run; the rest is since `begin`. */
export type LoadResult = {
  deliveries: number;
  elapsedMs: number;
  p50Ms: number;
  p99Ms: number;
  lost: number;
  twice: number;
  /** Answers that said the session must shake hands again or wait: any but 0 spoils a run. */
  refused: number;
};

/** The path every server mounts Bayeux on. */
export const mountPath = '/cometd';

/** The channel of a pair. */
export function pairChannel(pair: number): string {
  return `/pair/${pair}`;
}

const text =
  'A message of one hundred and twenty characters, as long as what people write to each other in a chat. '.padEnd(
    120,
    '.',
  );

/** What is published: `t` the intended moment of publishing in µs, `n` the message's number in its pair, from 1. */
export type PairPayload = { t: number; n: number; text: string };

/** `t` and `n` come first and in this order: the load reads them from the bytes without parsing. */
export function pairPayload(atUs: number, n: number): PairPayload {
  return { t: atUs, n, text };
}

/** Microseconds of the monotonic clock, which is one for all processes of a machine. */
export function nowUs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1_000_000 + Math.floor(nanoseconds / 1000);
}
