/**
 * One ticking clock for every hold, expiry and lazy flush: arming and disarming cost a few field writes, and an idle
 * engine runs one interval however many sessions wait.
 */

import type { Clock } from './clock.ts';

/** Whatever is told that a deadline has passed. One owner can have several timers and tells them apart. */
export interface TimerOwner {
  /** Called once per deadline. It may arm the timer again. */
  timerFired(timer: WheelTimer): void;
}

/** The tick of a timer that is disarmed. A small integer, because V8 boxes an Infinity; three years of ticks away. */
const never = 2 ** 31 - 1;

/** A deadline on the wheel. Reused: one timer can be armed any number of times. */
export class WheelTimer {
  readonly owner: TimerOwner;
  /** Tick at which it fires; `never` when disarmed. It may lie beyond the slot the timer hangs in. */
  dueTick = never;
  /** Tick of the slot it hangs in; -1 when it hangs nowhere. */
  slotTick = -1;
  previous: WheelTimer | undefined;
  next: WheelTimer | undefined;

  constructor(owner: TimerOwner) {
    this.owner = owner;
  }

  /** True while it has a deadline. */
  get isArmed(): boolean {
    return this.dueTick !== never;
  }
}

const slotCount = 2048;

/** A hashed wheel of 2,048 slots; at the default tick of 50 ms one turn takes 102 s, and longer deadlines go round. */
export class TimerWheel {
  readonly tickMs: number;
  readonly #clock: Clock;
  readonly #slots: (WheelTimer | undefined)[] = Array.from({ length: slotCount }, () => undefined);
  readonly #startMs: number;
  readonly #stop: () => void;
  readonly #onError: (error: unknown) => void;
  #tick = 0;
  #size = 0;

  constructor(clock: Clock, onError: (error: unknown) => void, tickMs = 50) {
    this.#clock = clock;
    this.#onError = onError;
    this.tickMs = tickMs;
    this.#startMs = clock.monotonicMs();
    this.#stop = clock.every(tickMs, () => this.#advance());
  }

  /** Number of timers hanging on the wheel, disarmed ones that still wait to be dropped included. */
  get size(): number {
    return this.#size;
  }

  /** Arms a timer to fire `delayMs` from now, to the next tick; an earlier deadline of the same timer is replaced. */
  arm(timer: WheelTimer, delayMs: number): void {
    const dueMs = this.#clock.monotonicMs() - this.#startMs + delayMs;
    timer.dueTick = Math.max(this.#tick + 1, Math.ceil(dueMs / this.tickMs));
    if (timer.slotTick >= 0) {
      if (timer.slotTick <= timer.dueTick) return;
      this.#unlink(timer);
    }
    this.#link(timer);
  }

  /** Disarms a timer. It stays in its slot until that comes round, so that arming again costs nothing. */
  disarm(timer: WheelTimer): void {
    timer.dueTick = never;
  }

  /** Takes a timer off the wheel for good, so that nothing refers to it any more. */
  remove(timer: WheelTimer): void {
    timer.dueTick = never;
    if (timer.slotTick >= 0) this.#unlink(timer);
  }

  /** Stops the clock. Nothing fires afterwards. */
  stop(): void {
    this.#stop();
  }

  #link(timer: WheelTimer): void {
    timer.slotTick = Math.min(timer.dueTick, this.#tick + slotCount);
    const slot = timer.slotTick % slotCount;
    const head = this.#slots[slot];
    timer.previous = undefined;
    timer.next = head;
    if (head !== undefined) head.previous = timer;
    this.#slots[slot] = timer;
    this.#size++;
  }

  #unlink(timer: WheelTimer): void {
    if (timer.previous !== undefined) timer.previous.next = timer.next;
    else this.#slots[timer.slotTick % slotCount] = timer.next;
    if (timer.next !== undefined) timer.next.previous = timer.previous;
    timer.previous = undefined;
    timer.next = undefined;
    timer.slotTick = -1;
    this.#size--;
  }

  #advance(): void {
    const now = Math.floor((this.#clock.monotonicMs() - this.#startMs) / this.tickMs);
    while (this.#tick < now) {
      this.#tick++;
      this.#turn(this.#tick % slotCount);
    }
  }

  #turn(slot: number): void {
    let timer = this.#slots[slot];
    // The list is taken whole: a timer that is armed again while it fires may land in this very slot.
    const due: WheelTimer[] = [];
    while (timer !== undefined) {
      due.push(timer);
      timer = timer.next;
    }
    for (const each of due) {
      if (each.slotTick < 0 || each.slotTick > this.#tick) continue;
      this.#unlink(each);
      if (each.dueTick === never) continue;
      if (each.dueTick > this.#tick) {
        this.#link(each);
        continue;
      }
      each.dueTick = never;
      try {
        each.owner.timerFired(each);
      } catch (error) {
        this.#onError(error);
      }
    }
  }
}
