import { getHeapStatistics } from 'node:v8';
import { totalmem } from 'node:os';
import { systemClock, type Clock as PushClock } from '@parley/bayeux/sessions/clock.ts';
import { secondsBounds, Tally } from '../telemetry/tally.ts';

const sampleEveryMs = 100;
/** A stop is felt at once and forgotten within seconds; one that is not repeated counts for a part of its length. */
const smoothingMs = 1000;
/** Asking for all memory reads a file. */
const samplesPerMemory = 10;

export interface LoadFigures {
  readonly eventLoopLagMs: number;
  readonly memoryPercent: number;
}

/** The lag after a sample that came so much later than it should have. */
function smoothedLag(lagMs: number, sample: { readonly lateMs: number; readonly elapsedMs: number }): number {
  const weight = 1 - Math.exp(-sample.elapsedMs / smoothingMs);
  return lagMs + (sample.lateMs - lagMs) * weight;
}

/** The heap in per cent of its limit, or all memory of the container's limit when there is one, whichever is more. */
function memoryPercent(): number {
  const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics();
  const heap = used / limit;
  const allowed = process.constrainedMemory();
  const isContained = allowed > 0 && allowed < totalmem();
  return 100 * Math.max(heap, isContained ? process.memoryUsage.rss() / allowed : 0);
}

/**
 * Measures what has to be sampled, ten times a second: how late its timer runs is the event loop's lag. It keeps no
 * process alive.
 */
export class LoadSampler {
  readonly lagSeconds = new Tally(secondsBounds);
  readonly #tell: (figures: LoadFigures) => void;
  readonly #clock: PushClock;
  readonly #stop: () => void;
  #lastAtMs: number;
  #samples = 0;
  #lagMs = 0;
  #memoryPercent = 0;

  constructor(tell: (figures: LoadFigures) => void, clock = systemClock) {
    this.#tell = tell;
    this.#clock = clock;
    this.#lastAtMs = clock.monotonicMs();
    this.#stop = clock.every(sampleEveryMs, () => this.#sample());
  }

  stop(): void {
    this.#stop();
  }

  #sample(): void {
    const nowMs = this.#clock.monotonicMs();
    const elapsedMs = nowMs - this.#lastAtMs;
    this.#lastAtMs = nowMs;
    const lateMs = Math.max(0, elapsedMs - sampleEveryMs);
    this.lagSeconds.observe(lateMs / 1000);
    this.#lagMs = smoothedLag(this.#lagMs, { lateMs, elapsedMs });
    if (this.#samples % samplesPerMemory === 0) this.#memoryPercent = memoryPercent();
    this.#samples += 1;
    this.#tell({ eventLoopLagMs: this.#lagMs, memoryPercent: this.#memoryPercent });
  }
}
