import { refuse, type Refusal } from '@parley/contract/refusals.ts';
import type { Cancel, Clock } from '../clock.ts';

/** A request that is being carried out and can be answered before that has come to its end. */
export interface RequestUnderWay {
  /** Nothing that its work comes to later is told to whoever sent it. */
  answerEarly(refusal: Refusal): void;
  /** Where it stands among those under way, which alone set it; undefined when it is none of them. */
  position?: number | undefined;
}

/** A request that waits for a disk without room is answered after one to two times this. */
export const answerAfterMs = 2_000;

/**
 * The requests that change something and are being carried out. What they have decided cannot be taken back, so while the
 * disk is full they wait for room as long as that takes (docs/adr/0017). Those that sent them do not: they are answered
 * Unconfirmed, and find by their idempotency key what became of it.
 *
 * In a list, each request with its position: V8 gives a Set that changes with each request a new table again and again, and
 * the old ones, once in the old generation, keep each other and the requests in them until a major collection. That was
 * 4 kB and a tenth of the processor time of each message.
 */
export class RequestsUnderWay {
  readonly #clock: Clock;
  readonly #requests: RequestUnderWay[] = [];
  /** Those that were under way when it was last looked. */
  #waiting: readonly RequestUnderWay[] = [];
  #cancel: Cancel | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  begun(request: RequestUnderWay): void {
    request.position = this.#requests.length;
    this.#requests.push(request);
  }

  /** It was carried out; nothing happens when it was answered early. The last of the list takes its position. */
  ended(request: RequestUnderWay): void {
    const { position } = request;
    const last = this.#requests.at(-1);
    if (position === undefined || last === undefined) return;
    this.#requests[position] = last;
    last.position = position;
    this.#requests.pop();
    request.position = undefined;
  }

  /** Carries out work that may be answered early, by `answerEarly`. */
  async during<Done>(answerEarly: RequestUnderWay['answerEarly'], work: () => Promise<Done>): Promise<Done> {
    const request = { answerEarly };
    this.begun(request);
    try {
      return await work();
    } finally {
      this.ended(request);
    }
  }

  /** Whether there is room on the disk: without it, none waits for long. */
  setFull(isFull: boolean): void {
    this.#cancel?.();
    this.#cancel = null;
    this.#waiting = [];
    if (isFull) this.#look();
  }

  /** Nobody of them is to wait any longer for a disk without room: they are answered now. */
  answerAll(): void {
    for (const request of [...this.#requests]) this.#answer(request);
  }

  #answer(request: RequestUnderWay): void {
    if (request.position === undefined) return;
    this.ended(request);
    request.answerEarly(refuse('Unconfirmed'));
  }

  #look(): void {
    for (const request of this.#waiting) this.#answer(request);
    this.#waiting = [...this.#requests];
    this.#cancel = this.#clock.setTimer(this.#clock.now() + answerAfterMs, () => this.#look());
  }
}
