/** How customers hear of their chats: they ask again and again, or hold a poll over CometD. */
export type CustomerMode = 'polling' | 'cometd';

/** What the load is to do: so many customers who each ask, or write, once in `everyMs`. */
export type CustomersJob = { mode: CustomerMode; port: number; customers: number; everyMs: number };

/** `begin` starts counting anew, `end` asks for the result. */
export type CustomersOrder = { kind: 'begin' } | { kind: 'end' };

/** `p50Ms`, `p99Ms`: until a poll is answered, or until what was written comes back as a push. */
export type CustomersAnswer =
  | { kind: 'ready' }
  | { kind: 'result'; requests: number; elapsedMs: number; p50Ms: number; p99Ms: number; late: number };
