/** The days of a week, Monday first. */
export const weekdays = [
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
  'sunday',
] as const;
export type Weekday = (typeof weekdays)[number];

/** A part of a day, `09:00-17:30`: open from the first minute until before the last. `24:00` is the day's end. */
export type Period = string;

/**
 * When a part of the contact centre is open: a week's table and days that differ from it, by the clock of a place.
 * `date` is `YYYY-MM-DD` there; a holiday without periods is closed.
 */
export type BusinessHours = Readonly<Record<Weekday, readonly Period[]>> & {
  /** IANA name. */
  readonly timeZone: string;
  readonly holidays: readonly { readonly date: string; readonly open: readonly Period[] }[];
};

const formats = new Map<string, Intl.DateTimeFormat>();

/** One format a time zone: making one costs more than using it. There are some 600 zones. */
function formatOf(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      calendar: 'gregory',
      numberingSystem: 'latn',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
    });
    formats.set(timeZone, format);
  }
  return format;
}

interface LocalTime {
  /** `YYYY-MM-DD`. */
  readonly date: string;
  /** Minutes of the day by the clock on the wall, 0 to 1439. */
  readonly minute: number;
}

function localTime(timeZone: string, atMs: number): LocalTime {
  const parts: Partial<Record<Intl.DateTimeFormatPartTypes, string>> = {};
  for (const { type, value } of formatOf(timeZone).formatToParts(atMs)) parts[type] = value;
  const { year, month, day, hour, minute } = parts;
  return {
    date: `${year?.padStart(4, '0')}-${month}-${day}`,
    minute: Number(hour) * 60 + Number(minute),
  };
}

function weekdayOf(date: string): Weekday {
  const sundayFirst = new Date(`${date}T00:00:00Z`).getUTCDay();
  return weekdays[(sundayFirst + 6) % 7] ?? 'monday';
}

/** The first and the last minute of a period; its end is not in it. */
export function minutesOf(period: Period): readonly [number, number] {
  const [from = '', until = ''] = period.split('-');
  const minutes = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));
  return [minutes(from), minutes(until)];
}

/**
 * Whether it is open at the moment `atMs`. A holiday's own periods stand in for those of its weekday. Goes by the clock
 * on the wall: an hour that the change to summer time leaves out is not served, one that comes twice is served twice.
 */
export function isOpen(hours: BusinessHours, atMs: number): boolean {
  const { date, minute } = localTime(hours.timeZone, atMs);
  const holiday = hours.holidays.find((one) => one.date === date);
  const periods = holiday ? holiday.open : hours[weekdayOf(date)];
  return periods.some((period) => {
    const [from, until] = minutesOf(period);
    return minute >= from && minute < until;
  });
}
