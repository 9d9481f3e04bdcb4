import { refuse, type Refusal } from '@parley/contract/refusals.ts';
import type { Config } from '../config/config.ts';
import type { JournalMeter } from '../journal/journal-meter.ts';
import { nextStage, type OverloadStage } from './overload-stage.ts';

type StageLimits = Config['overload']['refuseNewChats'];

export interface OverloadOptions {
  readonly limits: Config['overload'];
  readonly maxOpenChats: number;
  readonly meter: JournalMeter;
  readonly openChats: () => number;
  readonly onChange?: (after: OverloadStage, before: OverloadStage) => void;
}

/** Of each limit so much is reached; the names are those of the signals at `/metrics`. */
export interface Shares {
  readonly event_loop: number;
  readonly disk_age: number;
  readonly disk_entries: number;
  readonly disk_length: number;
  /** 1 while there is no room on the disk, else 0. */
  readonly disk_full: number;
  readonly memory: number;
  readonly open_chats: number;
}

/**
 * Whether the server has too much to do. What waits for the disk and which chats are open is looked at whenever it is asked; what
 * has to be sampled (the event loop's lag, memory) is told by `sampled`. Asking costs some tens of nanoseconds.
 */
export class Overload {
  readonly #options: OverloadOptions;
  readonly #recoverAt: number;
  #stage: OverloadStage = 'Normal';
  #eventLoopLagMs = 0;
  #memoryPercent = 0;
  /** How often each stage has refused something. */
  readonly refused = { newChats: 0, messages: 0 };

  constructor(options: OverloadOptions) {
    this.#options = options;
    this.#recoverAt = options.limits.recoverAtPercent / 100;
  }

  /** New figures of what has to be sampled. */
  sampled(figures: { readonly eventLoopLagMs: number; readonly memoryPercent: number }): void {
    this.#eventLoopLagMs = figures.eventLoopLagMs;
    this.#memoryPercent = figures.memoryPercent;
    this.stage();
  }

  /** The stage now. */
  stage(): OverloadStage {
    const { limits, onChange } = this.#options;
    const before = this.#stage;
    const chats = this.#options.openChats() / this.#options.maxOpenChats;
    const load = {
      toNewChats: Math.max(chats, this.#worst(limits.refuseNewChats)),
      toNewMessages: this.#worst(limits.refuseMessages),
    };
    this.#stage = nextStage(before, load, this.#recoverAt);
    if (this.#stage !== before) onChange?.(this.#stage, before);
    return this.#stage;
  }

  /** Why no new chat is taken now; null when one is. */
  newChat(): Refusal | null {
    if (this.stage() === 'Normal') return null;
    this.refused.newChats += 1;
    return this.#refusal();
  }

  /** Why nothing that is said is taken now; null when it is. */
  message(): Refusal | null {
    if (this.stage() !== 'NoNewMessages') return null;
    this.refused.messages += 1;
    return this.#refusal();
  }

  /** How near the limit of new chats each signal is. */
  shares(): Shares {
    const { limits, meter, openChats, maxOpenChats } = this.#options;
    const first = limits.refuseNewChats;
    return {
      event_loop: this.#eventLoopLagMs / first.eventLoopLagMs,
      disk_age: meter.oldestWaitingMs() / first.oldestWaitingMs,
      disk_entries: meter.waitingEntries / first.waitingEntries,
      disk_length: meter.waitingLength / first.waitingCharacters,
      disk_full: fullness(meter),
      memory: this.#memoryPercent / first.memoryPercent,
      open_chats: openChats() / maxOpenChats,
    };
  }

  #worst(limits: StageLimits): number {
    const { meter } = this.#options;
    return Math.max(
      fullness(meter),
      this.#eventLoopLagMs / limits.eventLoopLagMs,
      this.#memoryPercent / limits.memoryPercent,
      meter.waitingEntries / limits.waitingEntries,
      meter.waitingLength / limits.waitingCharacters,
      meter.oldestAtMs === null ? 0 : meter.oldestWaitingMs() / limits.oldestWaitingMs,
    );
  }

  #refusal(): Refusal {
    const refusal = refuse('Unavailable', 'There is too much to do at present; try again later.');
    return { ...refusal, retryAfterMs: this.#options.limits.retryAfterMs };
  }
}

/** Without room on the disk nothing can be taken, whatever the limits are. */
function fullness(meter: JournalMeter): number {
  return meter.isFull ? 1 : 0;
}
