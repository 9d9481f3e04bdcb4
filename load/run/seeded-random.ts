/** A source of chance: each call gives the next number in [0, 1). */
export type Random = () => number;

/** Chance that can be had again: the same seed gives the same numbers. Of no use for secrets. */
export function seededRandom(seed: number): Random {
  let state = Math.imul(seed, 0x2545f491) ^ 0x6a09e667;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = state ^ (state >>> 15);
    mixed = Math.imul(mixed, 0x7feb352d);
    mixed ^= mixed >>> 13;
    mixed = Math.imul(mixed, 0x297a2d39);
    mixed ^= mixed >>> 16;
    return (mixed >>> 0) / 2 ** 32;
  };
}

/** A waiting time of a Poisson process: exponential with this mean, in the mean's unit. */
export function exponential(random: Random, mean: number): number {
  return -mean * Math.log(1 - random());
}
