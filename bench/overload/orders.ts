/** What the load is to do; durations in milliseconds. */
export type OverloadJob = {
  port: number;
  pairs: number;
  slowReaders: number;
  /** Messages in the chat that the slow readers ask for. */
  slowHistory: number;
  /** Push sessions that are begun each second in the overload, each over a connection of its own. */
  connectsPerSecond: number;
  /** How often peak, overload and recovery follow each other; a last peak comes after them. */
  rounds: number;
  /** For finding how many messages at once give the peak. */
  searchMs: number;
  peakMs: number;
  calmMs: number;
  overloadMs: number;
  recoveryMs: number;
};

/** One second: what was accepted, what the agents received, what was refused, and how long the accepted took. */
export type LoadSecond = { accepted: number; delivered: number; refused: number; p99Ms: number };

/** One part of the run. `unsent` fell due when every customer waited for an answer. */
export type Phase = {
  name: 'search' | 'calm' | 'peak' | 'overload' | 'recovery';
  offered: number;
  sent: number;
  unsent: number;
  seconds: LoadSecond[];
};

/** `bare` is how many refusals did not say when to try again. */
export type OverloadFound = {
  phases: Phase[];
  refused: number;
  bare: number;
  /** Requests whose connection broke: nobody knows what became of them. */
  broken: number;
  lost: number;
  doubled: number;
  /** Push sessions that new clients began in the overloads, and how long they waited for them, connecting included. */
  connects: { begun: number; answered: number; p50Ms: number; p90Ms: number };
  /** Agents whose push session ended because they fell behind, and who began another. */
  renewals: number;
};

export type OverloadAnswer = { kind: 'phase'; name: Phase['name'] } | ({ kind: 'result' } & OverloadFound);
