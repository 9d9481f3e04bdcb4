/** How an engine under test is set up; what is left out has the engine's default. Durations in milliseconds. */
export type EngineSettings = {
  /** 0: any free port. */
  port: number;
  timeoutMs?: number;
  maxIntervalMs?: number;
  maxSessions?: number;
  maxBodyBytes?: number;
  maxMessagesPerBatch?: number;
  maxQueueEvents?: number;
  trustClientId?: boolean;
  socketIdleMs?: number;
};

/** What the engine holds: everything here must come back to where it was when sessions go. */
export type EngineCounts = {
  sessions: number;
  browsers: number;
  principals: number;
  subscribedChannels: number;
  /** WebSockets. */
  sockets: number;
  timers: number;
  /** TCP connections the HTTP server holds, upgraded ones included. */
  connections: number;
};

/** What the process around the engine can be asked. */
export type EngineCalls = {
  publish: { argument: { channel: string; data: unknown[] }; result: null };
  /** Publishes one event to one session alone. */
  deliver: { argument: { clientId: string; channel: string; data: unknown }; result: boolean };
  counts: { argument: null; result: EngineCounts };
  /** Heap in use after a forced collection, in bytes. */
  memory: { argument: null; result: { heapUsed: number; rss: number } };
  /** What the engine counted, and the texts of the errors it was not at peace with. */
  troubles: { argument: null; result: { errors: string[]; counters: Record<string, number> } };
};

export type EngineCallName = keyof EngineCalls;
export type EngineCall = { call: number; name: EngineCallName; argument: unknown };
export type EngineReport =
  { kind: 'listening'; port: number } | { kind: 'answer'; call: number; result?: unknown; error?: string };

/** The path Bayeux is mounted on. */
export const mountPath = '/cometd';
