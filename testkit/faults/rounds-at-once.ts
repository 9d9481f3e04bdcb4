/** What keeps the chats of a round. */
export type Store = 'sqlite' | 'postgres';

/** One server under load, and faults in the order that the seed gives. */
export interface Round {
  /** From 1; the same on each store. */
  readonly number: number;
  readonly seed: number;
  readonly store: Store;
}

/** What a round came to. */
export interface RoundOutcome {
  /** Nothing was wrong. */
  readonly isGood: boolean;
  readonly faults: number;
  readonly acknowledged: number;
  readonly unknown: number;
}

/** A round that is being played. */
export interface RoundUnderWay {
  /** Says that it is to begin no further fault. */
  finish(): void;
  readonly ended: Promise<RoundOutcome>;
}

export interface RoundsOptions {
  readonly stores: readonly Store[];
  readonly firstSeed: number;
  /** So long faults are played at least, all rounds together. */
  readonly wantedMs: number;
  /** So many rounds at the same time. */
  readonly atOnce: number;
  /** Begins a round, which says after each fault for how long it has played. */
  begin(round: Round, onPlayed: (playedMs: number) => void): RoundUnderWay;
}

/** What all rounds came to. `isGood` when every one was. */
export interface RoundsOutcome extends RoundOutcome {
  readonly rounds: number;
  readonly playedMs: number;
}

/** Round r of seed s is the first of seed s + r - 1, on each store. */
function* roundsFrom(seed: number, stores: readonly Store[]): Generator<Round, never> {
  for (let number = 1; ; number += 1)
    for (const store of stores) yield { number, seed: seed + number - 1, store };
}

/**
 * Plays rounds until they have lasted long enough together, one on each store to its end: the later ones stop when it is
 * enough. One that fails lets the others come to their end, and none begins after it.
 */
export async function playRounds(options: RoundsOptions): Promise<RoundsOutcome> {
  const { stores, wantedMs, atOnce, begin } = options;
  const upcoming = roundsFrom(options.firstSeed, stores);
  const underWay = new Map<RoundUnderWay, Round>();
  const playedMs = new Map<Round, number>();
  const outcomes: RoundOutcome[] = [];
  let next = upcoming.next().value;

  const isWhole = ({ number }: Round): boolean => number === 1;
  const sum = (): number => [...playedMs.values()].reduce((total, ms) => total + ms, 0);
  const isEnough = (): boolean => sum() >= wantedMs;
  const hasFailed = (): boolean => outcomes.some(({ isGood }) => !isGood);
  const finishWhatMay = (): void => {
    for (const [one, round] of underWay) if (hasFailed() || (isEnough() && !isWhole(round))) one.finish();
  };

  async function playInTurn(): Promise<void> {
    while (!hasFailed() && (isWhole(next) || !isEnough())) {
      const round = next;
      next = upcoming.next().value;
      const one = begin(round, (ms) => {
        playedMs.set(round, ms);
        finishWhatMay();
      });
      underWay.set(one, round);
      outcomes.push(await one.ended);
      underWay.delete(one);
      finishWhatMay();
    }
  }

  await Promise.all(Array.from({ length: atOnce }, playInTurn));
  const total = (name: 'faults' | 'acknowledged' | 'unknown'): number =>
    outcomes.reduce((all, outcome) => all + outcome[name], 0);
  return {
    ...{ isGood: !hasFailed(), rounds: outcomes.length, playedMs: sum() },
    ...{ faults: total('faults'), acknowledged: total('acknowledged'), unknown: total('unknown') },
  };
}
