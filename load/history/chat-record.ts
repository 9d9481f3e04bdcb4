import type {
  ChatHistory,
  LogEntry,
  Operation,
  Outcome,
  Reading,
  Saying,
  Seen,
  Sight,
} from './chat-history.ts';
import type { Stream, Visibility } from './chat-history.ts';

/** A request under way; `end` is told once how it ended. */
export interface Attempt {
  end(outcome: Outcome, index?: number): void;
}

type Mutable<Value> = { -readonly [Key in keyof Value]: Value[Key] };

/** What one observer is told, as it comes. */
export class StreamRecord implements Stream {
  readonly observer: string;
  readonly sight: Sight;
  readonly seen: Seen[] = [];
  isOpen = true;
  readonly fromIndex: number | undefined;
  readonly #now: () => number;

  constructor(
    { observer, sight, fromIndex }: Pick<Stream, 'observer' | 'sight' | 'fromIndex'>,
    now: () => number,
  ) {
    this.observer = observer;
    this.sight = sight;
    this.fromIndex = fromIndex;
    this.#now = now;
  }

  saw(entries: readonly LogEntry[]): void {
    const atMs = this.#now();
    for (const entry of entries) this.seen.push({ entry, atMs });
  }

  /** The observer listens no more, or in a new session: what comes later is not part of this. */
  close(): void {
    this.isOpen = false;
  }
}

/** Writes down what happens in one chat, for `checkChat`. */
export class ChatRecord implements ChatHistory {
  readonly chatId: string;
  readonly operations: Operation[] = [];
  readonly streams: StreamRecord[] = [];
  readonly readings: Reading[] = [];
  readonly #now: () => number;

  /** `now`: one monotonic clock for everybody who is recorded. */
  constructor(chatId: string, now: () => number) {
    this.chatId = chatId;
    this.#now = now;
  }

  /** A request is about to be sent. */
  attempt(saying: Saying, visibility: Visibility = 'All'): Attempt {
    const now = this.#now;
    const operation: Mutable<Operation> = {
      saying,
      visibility,
      invokedAtMs: now(),
      outcome: 'unknown',
      endedAtMs: Infinity,
    };
    this.operations.push(operation);
    return {
      end(outcome, index) {
        operation.outcome = outcome;
        operation.endedAtMs = now();
        operation.index = index;
      },
    };
  }

  /** Somebody begins to listen; with `fromIndex`, has asked for everything from there on. */
  stream(observer: string, sight: Sight, fromIndex?: number): StreamRecord {
    const stream = new StreamRecord({ observer, sight, fromIndex }, this.#now);
    this.streams.push(stream);
    return stream;
  }

  /** To be called before a log is asked for; the answer goes to what is returned. */
  ask(
    observer: string,
    sight: Sight,
    fromIndex = 1,
  ): (entries: readonly LogEntry[], untilIndex?: number) => void {
    const askedAtMs = this.#now();
    return (entries, untilIndex) => {
      this.readings.push({
        ...{ observer, sight, askedAtMs, answeredAtMs: this.#now(), fromIndex, untilIndex },
        entries: [...entries],
      });
    };
  }
}
