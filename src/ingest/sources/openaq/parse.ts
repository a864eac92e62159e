import { packFlags } from '../../../domain/flags.ts';
import type { ParseContext, ParseResult } from '../../../domain/ports.ts';
import { civilDate } from '../../../domain/time.ts';
import { Collector } from '../collector.ts';
import { averagingOf, instantOrNull, MappedCells } from '../mapped-cells.ts';
import { isRecord, plainText, replyJson, replyText } from '../reply.ts';
import { settingsOf } from '../settings.ts';
import { openaqSettings, type OpenaqSettings } from './settings.ts';

const SENSOR = /\/sensors\/(\d+)\//;

/** Reads a page of measurements or hours, or of locations (names and positions only); also a recorded exchange that holds one. */
export function parseOpenaq(body: Uint8Array, context: ParseContext): ParseResult {
  const into = new Collector(context);
  const text = replyText(body, context.meta, into);
  const reply = text === null ? null : replyJson(text, into);
  if (reply === null) return into.finish();
  const { results, address } = unwrapped(reply.document);
  if (results === null)
    into.issue('REPLY_NOT_READABLE', 'reply', 'no list at results', (text ?? '').slice(0, 200));
  else if (results.length > 0 && results.every(isLocation))
    results.forEach((one, at) => noteLocation(one, `result ${at + 1}`, into));
  else if (results.length > 0 && !results.some(isMeasurement))
    into.issue(
      'REPLY_NOT_READABLE',
      'reply',
      'a list of something else than measurements or locations',
      (text ?? '').slice(0, 200),
    );
  else new Measurements(into, address ?? context.meta.origin ?? '').read(results);
  return into.finish();
}

/** A recorder keeps `{request, status, body}`; a reply is `{meta, results}`; a bare list is its results. */
function unwrapped(document: unknown): { results: readonly unknown[] | null; address: string | null } {
  const exchange = isRecord(document) && isRecord(document['request']) ? document : null;
  const reply = exchange === null ? document : exchange['body'];
  const list = isRecord(reply) ? reply['results'] : reply;
  const asked =
    exchange !== null && isRecord(exchange['request']) ? plainText(exchange['request']['uri']) : null;
  return { results: Array.isArray(list) ? list : null, address: asked };
}

const isMeasurement = (one: unknown): boolean =>
  isRecord(one) && 'value' in one && isRecord(one['parameter']);

const isLocation = (one: unknown): one is Record<string, unknown> =>
  isRecord(one) && Array.isArray(one['sensors']) && 'isMonitor' in one && typeof one['id'] === 'number';

function noteLocation(location: Record<string, unknown>, path: string, into: Collector): void {
  const place = isRecord(location['coordinates']) ? location['coordinates'] : {};
  const [lon, lat] = [place['longitude'], place['latitude']];
  into.station({
    naturalKey: String(location['id']),
    name: plainText(location['name']) || String(location['id']),
    civilDate: civilDate(into.shownS, into.source.timeZone),
    path,
    ...(typeof lon === 'number' && typeof lat === 'number' ? { lon, lat } : {}),
  });
}

class Measurements {
  readonly #into: Collector;
  readonly #settings: OpenaqSettings;
  readonly #cells: MappedCells;
  readonly #key: string | null;

  constructor(into: Collector, address: string) {
    this.#into = into;
    this.#settings = settingsOf(into.source, openaqSettings);
    this.#cells = new MappedCells(into, this.#settings);
    const { location, sensor } = into.context.meta;
    const named = sensor === undefined ? SENSOR.exec(address)?.[1] : String(sensor);
    // A recorded page of one sensor names no location: the sensor stands for its place.
    this.#key = location !== undefined ? String(location) : named === undefined ? null : `sensor/${named}`;
  }

  read(results: readonly unknown[]): void {
    for (const [index, raw] of results.entries()) {
      const at = { path: `result ${index + 1}`, record: JSON.stringify(raw) ?? '' };
      if (isRecord(raw) && isRecord(raw['parameter']) && 'value' in raw) this.#one(raw, raw['parameter'], at);
      else this.#cells.refuse('ROW_SHAPE', at, 'no measurement: it needs value, parameter and period');
    }
  }

  #one(
    raw: Record<string, unknown>,
    parameter: Record<string, unknown>,
    at: { path: string; record: string },
  ): void {
    const cells = this.#cells;
    if (this.#key === null)
      return cells.refuse('ROW_SHAPE', at, 'nothing says which sensor or location it belongs to');
    const period = isRecord(raw['period']) ? raw['period'] : {};
    const [fromS, toS] = [this.#instant(period['datetimeFrom']), this.#instant(period['datetimeTo'])];
    if (fromS === null || toS === null)
      return cells.refuse(
        'TIME_NOT_READABLE',
        at,
        'the period needs datetimeFrom.utc and datetimeTo.utc in ISO 8601',
      );
    const averaging = averagingOf(toS - fromS);
    if (averaging === null)
      return cells.refuse(
        'ROW_SHAPE',
        at,
        `a period of ${toS - fromS} s, expected one of the averaging periods`,
      );
    const flagged = isRecord(raw['flagInfo']) && raw['flagInfo']['hasFlags'] === true;
    const { value } = raw;
    const none =
      value === null || (typeof value === 'number' && this.#settings.sentinels?.includes(value) === true);
    cells.take({
      codes: [plainText(parameter['name'])],
      unit: plainText(parameter['units']).replaceAll('\u03bc', '\u00b5'),
      station: this.#station(fromS, at.path),
      averaging,
      timeS: fromS,
      text: none ? null : plainText(value),
      flags: flagged ? packFlags({ validity: 'suspect' }) : 0,
      ...at,
    });
  }

  #instant(end: unknown): number | null {
    return isRecord(end) ? instantOrNull(plainText(end['utc']), 'UTC') : null;
  }

  #station(timeS: number, path: string): string {
    const { locationName, lon, lat } = this.#into.context.meta;
    const naturalKey = this.#key ?? '';
    return this.#into.station({
      naturalKey,
      name: typeof locationName === 'string' ? locationName : naturalKey,
      civilDate: civilDate(timeS, this.#into.source.timeZone),
      path,
      ...(typeof lon === 'number' && typeof lat === 'number' ? { lon, lat } : {}),
    });
  }
}
