/** The servers that are measured: ours, and the least that any server must do. */
export const peerNames = ['parley', 'bare'] as const;
export type PeerName = (typeof peerNames)[number];

export type ServerAnswer = { kind: 'listening'; port: number };

/** What the load is to do: so many pairs of a customer who writes and an agent who listens. */
export type LoadJob = { peer: PeerName; port: number; pairs: number };

/** `begin` starts counting anew, `end` asks for the result. */
export type LoadOrder = { kind: 'begin' } | { kind: 'end' };

export type LoadAnswer = { kind: 'ready' } | ({ kind: 'result' } & LoadResult);

/** `lost` and `twice` count over the whole run, the rest since `begin`. Latencies: sending until the agent receives. */
export type LoadResult = {
  messages: number;
  elapsedMs: number;
  p50Ms: number;
  p99Ms: number;
  lost: number;
  twice: number;
};

/** What every agent signs in with. */
export const benchPassword = 'bench';

export function agentName(pair: number): string {
  return `agent${pair}`;
}

/** The service whose customers the agents serve, and its queue. */
export const benchService = 'bench';

const words = 'A message of about a hundred and twenty characters, which is what people write in a chat.';

/** What is said: `~<µs of sending>~<number in its pair, from 1>~` and words, as a form carries it. */
export function messageField(atUs: number, n: number): string {
  return `~${atUs}~${n}~${words.replaceAll(' ', '+')}`;
}

/** Finds every message in the text of an answer to an agent, without parsing the rest. */
export function scanMessages(text: string, found: (atUs: number, n: number) => void): void {
  for (const [, atUs, n] of text.matchAll(/"~(\d+)~(\d+)~/g)) found(Number(atUs), Number(n));
}
