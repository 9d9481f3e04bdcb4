/** Maps values to places on an axis, and says which values get a tick. */
export interface Scale {
  readonly place: (value: number) => number;
  readonly ticks: readonly number[];
}

const steps = [1, 2, 5, 10];

/** From 0 to at least `highest`, with at most `mostTicks` round ticks; `length` is that of the axis. */
export function linearScale(highest: number, length: number, mostTicks = 6): Scale {
  const top = highest > 0 ? highest : 1;
  const magnitude = 10 ** Math.floor(Math.log10(top / mostTicks));
  const step = magnitude * (steps.find((one) => one * magnitude * mostTicks >= top) ?? 10);
  const count = Math.ceil(top / step - 1e-9);
  const ticks = Array.from({ length: count + 1 }, (_, at) => Number((at * step).toPrecision(12)));
  return { ticks, place: (value) => (value / (count * step)) * length };
}

/** From the power of ten below `lowest` to at least `highest`, in decades, with ticks at 1, 2 and 5 while they are few. */
export function logScale(
  range: { readonly lowest: number; readonly highest: number },
  length: number,
): Scale {
  const lowest = 10 ** Math.floor(Math.log10(Math.max(range.lowest, 1e-3)));
  const highest = Math.max(range.highest, lowest * 10);
  const decades = Math.ceil(Math.log10(highest / lowest) - 1e-9);
  const within = decades <= 2 ? [1, 2, 5] : [1];
  const ticks = Array.from({ length: decades }, (_, decade) =>
    within.map((one) => one * lowest * 10 ** decade),
  )
    .flat()
    .concat(lowest * 10 ** decades)
    .map((tick) => Number(tick.toPrecision(3)));
  return { ticks, place: (value) => (Math.log10(Math.max(value, lowest) / lowest) / decades) * length };
}
