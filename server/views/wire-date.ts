import type { WireFormat } from './wire-format.ts';

const form =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,3}))?)?(Z|[+-]\d{2}:?\d{2})?)?$/;

/** Milliseconds east of UTC that a timestamp's end tells. */
function offsetMs(zone: string): number {
  if (zone === 'Z') return 0;
  const [, sign, hours, minutes] = /([+-])(\d{2}):?(\d{2})$/.exec(zone) ?? [];
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
}

/**
 * Reads a date or a date and time (gws-agent-api §7.2), in the contact centre's zone unless it names one. `from`: its
 * first millisecond; `to`: the first one after it, so that a day or a moment that bounds a span is part of it. Null
 * for a day or a time that does not exist in the calendar.
 */
export function wireDateMs(text: string, edge: 'from' | 'to', { timestamp }: WireFormat): number | null {
  const [, year, month, day, hour, minute, second, fraction, zone] = form.exec(text) ?? [];
  if (year === undefined) return null;
  const isDay = hour === undefined;
  const date = [Number(year), Number(month) - 1, Number(day)] as const;
  const time = [Number(hour ?? 0), Number(minute ?? 0), Number(second ?? 0)] as const;
  const utc = Date.UTC(...date, ...time, Number((fraction ?? '').padEnd(3, '0')));
  if (new Date(Date.UTC(...date)).getUTCDate() !== date[2] || date[1] < 0 || date[1] > 11) return null;
  if (time[0] > 23 || time[1] > 59 || time[2] > 59) return null;
  const next = edge === 'from' ? 0 : isDay ? 86_400_000 : 1;
  if (zone !== undefined) return utc + next - offsetMs(zone);
  // The zone's offset depends on the moment that is looked for: the second guess is right but within an hour that the
  // clocks skip or repeat.
  const guess = utc + next - offsetMs(timestamp(utc + next));
  return utc + next - offsetMs(timestamp(guess));
}
