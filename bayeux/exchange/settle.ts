/** Waiting for policies and handlers: at once when they answer at once, and never for ever. */

import type { Core } from '../core.ts';
import type { MaybePromise } from '../options.ts';
import { type TimerOwner, WheelTimer } from '../sessions/timer-wheel.ts';

/** The rest of an exchange, when it has to wait; undefined when it is done. */
export type Pending = Promise<void> | undefined;

/** An answer, or `failed` when asking threw, rejected or took longer than `policyTimeoutMs`. */
export type Settled<T> = T | typeof failed;

/** The mark of a question that got no answer. */
export const failed = Symbol('failed');

/**
 * Asks, and goes on with the answer: in the same turn if it is there, else when it comes. A throw, a rejection and a
 * timeout go on with `failed`; the first two are reported.
 */
export function settle<P, T>(
  core: Core<P>,
  ask: () => MaybePromise<T>,
  goOn: (answer: Settled<T>) => Pending | void,
): Pending {
  let answer: MaybePromise<T>;
  try {
    answer = ask();
  } catch (error) {
    core.report(error);
    return goOn(failed) ?? undefined;
  }
  if (!isPromise(answer)) return goOn(answer) ?? undefined;
  return new PatientWait(core, answer).answered.then((late) => goOn(late) ?? undefined);
}

function isPromise<T>(value: MaybePromise<T>): value is Promise<T> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

/** One wait for one promise, with an end. */
class PatientWait<P, T> implements TimerOwner {
  readonly answered: Promise<Settled<T>>;
  readonly #core: Core<P>;
  readonly #timer: WheelTimer;
  #resolve: (answer: Settled<T>) => void = () => {};

  constructor(core: Core<P>, promise: Promise<T>) {
    this.#core = core;
    this.#timer = new WheelTimer(this);
    this.answered = new Promise((resolve) => (this.#resolve = resolve));
    core.wheel.arm(this.#timer, core.options.policyTimeoutMs);
    promise.then(
      (answer) => this.#finish(answer),
      (error: unknown) => {
        core.report(error);
        this.#finish(failed);
      },
    );
  }

  timerFired(): void {
    this.#core.counters.policiesTimedOut++;
    this.#finish(failed);
  }

  #finish(answer: Settled<T>): void {
    this.#core.wheel.remove(this.#timer);
    this.#resolve(answer);
  }
}
