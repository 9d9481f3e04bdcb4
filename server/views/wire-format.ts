/** What every address and time on the wire is made with. */
export interface WireFormat {
  /** Absolute URL of a path below `/api/v2`, e.g. `uri('/chats/0000Na9B26EF002X')`. */
  readonly uri: (path: string) => string;
  /** The founding page's form, in the contact centre's time zone: `2014-01-02T14:23:18.000-0800`. */
  readonly timestamp: (atMs: number) => string;
}

const quarterHourMs = 15 * 60_000;

/** Minutes east of UTC at `atMs` in the time zone. */
function offsetMinutes(format: Intl.DateTimeFormat, atMs: number): number {
  const parts = new Map(format.formatToParts(atMs).map(({ type, value }) => [type, Number(value)]));
  const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
  const local = Date.UTC(
    part('year'),
    part('month') - 1,
    part('day'),
    part('hour'),
    part('minute'),
    part('second'),
  );
  return Math.round((local - Math.floor(atMs / 1000) * 1000) / 60_000);
}

function zoneOf(minutes: number): string {
  const absolute = Math.abs(minutes);
  const digits = String(Math.floor(absolute / 60) * 100 + (absolute % 60)).padStart(4, '0');
  return `${minutes < 0 ? '-' : '+'}${digits}`;
}

/**
 * Writes times in one zone. Offsets change at quarters of an hour only, so the last one is kept: a message costs no
 * calendar look-up. Throws a RangeError for a zone that the runtime does not know.
 */
export function timestampFormat(timeZone: string): (atMs: number) => string {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  let quarter = Number.NaN;
  let offsetMs = 0;
  let zone = '';
  return (atMs) => {
    const now = Math.floor(atMs / quarterHourMs);
    if (now !== quarter) {
      const minutes = offsetMinutes(format, atMs);
      quarter = now;
      offsetMs = minutes * 60_000;
      zone = zoneOf(minutes);
    }
    return new Date(atMs + offsetMs).toISOString().slice(0, -1) + zone;
  };
}

/** `externalUrl` is asked each time, for it can depend on the port the server gets; `timeZone` is an IANA name. */
export function wireFormat(externalUrl: () => string, timeZone: string): WireFormat {
  let given = '';
  let base = '/api/v2';
  return {
    uri(path) {
      const url = externalUrl();
      // It is settled once the server listens, and there is an address in every notification.
      if (url !== given) [given, base] = [url, `${url.replace(/\/+$/, '')}/api/v2`];
      return base + path;
    },
    timestamp: timestampFormat(timeZone),
  };
}
