import { refuse, type Refusal } from '@parley/contract/refusals.ts';
import type { Cancel, Clock } from '../clock.ts';

/** A request that is being carried out and can be answered before that has come to its end. */
export interface RequestUnderWay {
  /** Nothing that its work comes to later is told to whoever sent it. */
  answerEarly(refusal: Refusal): void;
}

/** A request that waits for a disk without room is answered after one to two times this. */
export const answerAfterMs = 2_000;

/**
 * The requests that change something and are being carried out. What they have decided cannot be taken back, so while the
 * disk is full they wait for room as long as that takes (docs/adr/0017). Those that sent them do not: they are answered
 * Unconfirmed, and find by their idempotency key what became of it.
 */
export class RequestsUnderWay {
  readonly #clock: Clock;
  readonly #requests = new Set<RequestUnderWay>();
  /** Those that were under way when it was last looked. */
  #waiting: ReadonlySet<RequestUnderWay> = new Set();
  #cancel: Cancel | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  begun(request: RequestUnderWay): void {
    this.#requests.add(request);
  }

  /** It was carried out; nothing happens when it was answered early. */
  ended(request: RequestUnderWay): void {
    this.#requests.delete(request);
  }

  /** Whether there is room on the disk: without it, none waits for long. */
  setFull(isFull: boolean): void {
    this.#cancel?.();
    this.#cancel = null;
    this.#waiting = new Set();
    if (isFull) this.#look();
  }

  #look(): void {
    for (const request of this.#waiting)
      if (this.#requests.delete(request)) request.answerEarly(refuse('Unconfirmed'));
    this.#waiting = new Set(this.#requests);
    this.#cancel = this.#clock.setTimer(this.#clock.now() + answerAfterMs, () => this.#look());
  }
}
