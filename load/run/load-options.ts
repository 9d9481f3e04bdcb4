export interface Account {
  readonly userName: string;
  readonly password: string;
}

/** What a run is asked for. */
export interface LoadOptions {
  /** Where the server is, without a path. */
  readonly url: string;
  /** The customer-facing service that customers write to. */
  readonly service: string;
  /** The agents, each with their own login; the server must know them. */
  readonly accounts: readonly Account[];
  readonly customers: number;
  /** Measured for so long, after the ramp. */
  readonly seconds: number;
  /**
   * `closed`: every customer writes, waits for the agent's answer, thinks, writes again. `open`: messages fall due at
   * `rate` whatever the server does, and their latency counts from then.
   */
  readonly mode: 'closed' | 'open';
  /** Customers' messages a second in all, in open mode. */
  readonly rate: number;
  /** The clients come one after the other within so many seconds, and then as long again is left out as warm-up. */
  readonly rampSeconds: number;
  /** The mean of customers' pauses between an answer and the next message, in closed mode. */
  readonly thinkMs: number;
  /** Customers' messages in one chat; then they leave and ask for a new one. */
  readonly messagesPerChat: number;
  /** Share of clients, in per cent, whose connections are cut every few seconds. */
  readonly flappingPercent: number;
  readonly push: 'long-polling' | 'websocket';
  readonly customerMode: 'polling' | 'cometd';
  /** Pause between a customer's polls. */
  readonly pollMs: number;
  readonly requestTimeoutMs: number;
  /** At the end, chats that are not over within so long are given up and checked as they stand. */
  readonly drainMs: number;
  readonly seed: number;
}

export const defaultLoad: Omit<LoadOptions, 'url' | 'service' | 'accounts'> = {
  customers: 50,
  seconds: 60,
  mode: 'closed',
  rate: 200,
  rampSeconds: 5,
  thinkMs: 500,
  messagesPerChat: 30,
  flappingPercent: 0,
  push: 'long-polling',
  customerMode: 'cometd',
  pollMs: 1_000,
  requestTimeoutMs: 20_000,
  drainMs: 30_000,
  seed: 1,
};
