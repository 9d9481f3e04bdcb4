/** Names longer than this are not compared: the effort grows with the product of the lengths. */
const longestCompared = 64;

/** How many letters to insert, drop, replace or swap with a neighbour to make `a` of `b`. */
function distance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      let least = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1),
      );
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (swapped) least = Math.min(least, (beforeLast[column - 2] ?? 0) + 1);
      current.push(least);
    }
    beforeLast = last;
    last = current;
  }
  return last[b.length] ?? 0;
}

/** The allowed name that `found` was probably meant to be: at most a third of its letters wrong. Case is no mistake here. */
export function nearMiss(found: string, allowed: readonly string[]): string | undefined {
  if (found.length === 0 || found.length > longestCompared) return undefined;
  const wanted = found.toLowerCase();
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(found.length / 3)) + 1;
  for (const candidate of allowed) {
    if (candidate.length > longestCompared) continue;
    const away = distance(wanted, candidate.toLowerCase());
    if (away < bestDistance) [best, bestDistance] = [candidate, away];
  }
  return best;
}

/** ` did you mean "x"?`, or nothing. */
export function suggestion(found: string, allowed: readonly string[]): string {
  const meant = nearMiss(found, allowed);
  return meant === undefined ? '' : ` did you mean "${meant}"?`;
}
