/** The middle value, or the mean of the two middle ones; throws on an empty list, which is a bug in the caller. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('median of nothing');
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] as number;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2;
}

/** Rounds to `digits` significant decimals after the point, for figures that go into the last line. */
export function rounded(value: number, digits = 2): number {
  return Number(value.toFixed(digits));
}
