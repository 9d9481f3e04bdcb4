/** How much is let in: all of it, no new chats, or no new messages either. */
export type OverloadStage = 'Normal' | 'NoNewChats' | 'NoNewMessages';

/** What is measured, as shares of the limits of each stage: the largest of all signals. 1 is the limit itself. */
export interface Load {
  readonly toNewChats: number;
  readonly toNewMessages: number;
}

/**
 * The stage after this one under a load. A stage begins when a signal reaches its limit, and ends when all of them have fallen
 * below `recoverAt` of it, so that a load near the limit does not change its mind with every request.
 */
export function nextStage(stage: OverloadStage, load: Load, recoverAt: number): OverloadStage {
  const messages = stage === 'NoNewMessages' ? recoverAt : 1;
  if (load.toNewMessages >= messages) return 'NoNewMessages';
  const chats = stage === 'Normal' ? 1 : recoverAt;
  return load.toNewChats >= chats ? 'NoNewChats' : 'Normal';
}
