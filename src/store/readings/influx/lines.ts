import type { IPoint } from 'influx';

/** Of tags that many points share, so that each is escaped once. */
const tagTexts = new WeakMap<object, string>();

/**
 * Points as line protocol, times as they stand. The client's own conversion sorts and escapes every field of every point anew,
 * which took more time than all else that is done here for a reading.
 */
export function linesOf(points: readonly IPoint[]): string {
  let text = '';
  for (const { measurement = '', tags = {}, fields = {}, timestamp } of points) {
    let mark = `${text === '' ? '' : '\n'}${measurement}${tagsText(tags)} `;
    for (const name in fields) {
      const value: unknown = fields[name];
      text += `${mark}${name}=${typeof value === 'string' ? quoted(value) : String(value)}`;
      mark = ',';
    }
    text += ` ${String(timestamp)}`;
  }
  return text;
}

function tagsText(tags: Readonly<Record<string, string>>): string {
  const known = tagTexts.get(tags);
  if (known !== undefined) return known;
  const text = Object.entries(tags)
    .map(([name, value]) => `,${name}=${value.replaceAll(/[ ,=]/g, String.raw`\$&`)}`)
    .join('');
  tagTexts.set(tags, text);
  return text;
}

function quoted(value: string): string {
  return `"${value.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}
