/** Wall-clock parts of an instant in a zone, zero-padded. */
interface Civil {
  year: string;
  month: string;
  day: string;
  hour: string;
  minute: string;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-GB', {
      timeZone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
    formats.set(timeZone, format);
  }
  return format;
}

function civilOf(atMs: number, timeZone: string): Civil {
  const parts = Object.fromEntries(
    formatOf(timeZone)
      .formatToParts(atMs)
      .map(({ type, value }) => [type, value]),
  );
  const { year = '', month = '', day = '', hour = '', minute = '' } = parts;
  return { year, month, day, hour, minute };
}

/** `2026-03-01 08:00` in the zone. */
export function fullTime(at: string | number, timeZone: string): string {
  const { year, month, day, hour, minute } = civilOf(typeof at === 'number' ? at : Date.parse(at), timeZone);
  return `${year}-${month}-${day} ${hour}:${minute}`;
}

/** `03-01 08:00` in the zone. */
export function shortTime(at: string | number, timeZone: string): string {
  return fullTime(at, timeZone).slice(5);
}

/** `2026-03-01T08:00`: what the API reads in the region's zone. */
export function civilText(atMs: number, timeZone: string): string {
  return fullTime(atMs, timeZone).replace(' ', 'T');
}

/** Milliseconds by which wall clocks of the zone are ahead of UTC at that instant. */
export function offsetMs(atMs: number, timeZone: string): number {
  const whole = Math.floor(atMs / 60_000) * 60_000;
  return Date.parse(`${civilText(whole, timeZone)}:00Z`) - whole;
}
