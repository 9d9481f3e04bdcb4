import type { Chat } from '../domain/chat.ts';
import type { StoredEvent } from '../domain/chat-event.ts';
import type { DispatchRow } from '../journal/journal.ts';

/** What a receiver is to be told of one event: the type of it, the text that is sent, and when it falls due. */
export interface Telling {
  readonly kind: string;
  readonly body: string;
  /** At once when absent. */
  readonly dueAtMs?: number;
}

/**
 * What came of an attempt. `Confirmed`: it is done with. `Moot`: there is no need to tell it any more. `NotYet`: it was
 * not tried and is looked at again at `atMs`. `Failed`: it is tried again; with `final` never again.
 */
export type Outcome =
  | { readonly outcome: 'Confirmed' | 'Moot' }
  | { readonly outcome: 'NotYet'; readonly atMs: number }
  | {
      readonly outcome: 'Failed';
      readonly failure: string;
      readonly final?: boolean;
      /** Not before so long. */
      readonly retryAfterMs?: number | undefined;
    };

/**
 * Somebody outside who is told what happens: a webhook, a sender of pushes to closed apps. The outbox keeps what they
 * have not confirmed and calls `send` until they have.
 */
export interface Receiver {
  /** Unique among the receivers. */
  readonly name: string;
  /** Where it is, and what it is told, for administrators. */
  readonly url: string;
  readonly events: readonly string[];
  /** Dispatches under way at the same time. */
  readonly parallel: number;
  /** What is told of the event, decided when it happens; null: nothing. `chat` is the chat after it. Pure. */
  tellingOf(stored: StoredEvent, chat: Chat): Telling | null;
  /**
   * Tells it once. Never rejects. The signal is given when it takes too long or the server stops: whatever is waited for
   * then must end at once.
   */
  send(dispatch: DispatchRow, signal: AbortSignal): Promise<Outcome>;
  close(): void;
}
