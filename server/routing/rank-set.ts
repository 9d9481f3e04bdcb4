/** A set of agents by their rank, 32 to a word: intersecting two sets of 1,000 agents takes 32 steps. */
export type RankSet = Uint32Array;

export function emptyRankSet(size: number): RankSet {
  return new Uint32Array(Math.ceil(size / 32));
}

export function addRank(set: RankSet, rank: number): void {
  const word = rank >>> 5;
  set[word] = (set[word] ?? 0) | (1 << (rank & 31));
}

export function removeRank(set: RankSet, rank: number): void {
  const word = rank >>> 5;
  set[word] = (set[word] ?? 0) & ~(1 << (rank & 31));
}

export function hasRank(set: RankSet, rank: number): boolean {
  return (((set[rank >>> 5] ?? 0) >>> (rank & 31)) & 1) === 1;
}

/** The ranks that are in both sets, which were made for the same number of agents. */
export function intersect(left: RankSet, right: RankSet): RankSet {
  return left.map((bits, word) => bits & (right[word] ?? 0));
}

function bitsIn(word: number): number {
  let bits = word - ((word >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** How many ranks are in both sets. */
export function countCommon(left: RankSet, right: RankSet): number {
  let count = 0;
  for (let at = 0; at < left.length; at++) {
    const word = (left[at] ?? 0) & (right[at] ?? 0);
    if (word !== 0) count += bitsIn(word);
  }
  return count;
}

/** The smallest rank in a word that is not empty; `at` is the word's place in its set. */
export function lowestRank(word: number, at: number): number {
  return at * 32 + 31 - Math.clz32(word & -word);
}
