import { MonitorError } from '../../../domain/errors.ts';
import type { FetchContext, RawPayload, SourceAdapter } from '../../../domain/ports.ts';
import { below, endpoint } from '../archive-days.ts';
import { sourceOf } from '../collector.ts';
import { accessKey, sinceLast, utcText, windowMeta, type Window } from '../incremental.ts';
import { pages } from '../paging.ts';
import { isRecord, unpack } from '../reply.ts';
import { settingsOf } from '../settings.ts';
import { sweep } from '../sweep.ts';
import { parseOpenaq } from './parse.ts';
import { openaqSettings, type OpenaqSettings } from './settings.ts';

const KNOWN_PATH = '/v3/';
const PAGE_SIZE = 1000;

/** Air quality of OpenAQ, version 3. See README.md beside this file. */
export const openaq: SourceAdapter = {
  id: 'openaq',
  fetch: (context) =>
    everySensor(context, (sensor, asking) =>
      sinceLast(context, `sensor ${sensor.id}`, asking.settings, (window) =>
        measurements(context, asking, sensor, window),
      ),
    ),
  history: 'upstream',
  historyStepDays: 7,
  backfill: (context, window) =>
    everySensor(context, (sensor, asking) => measurements(context, asking, sensor, window)),
  *split(file) {
    yield { body: unpack(file), meta: { origin: file.name, mediaType: 'application/json' } };
  },
  parse: parseOpenaq,
};

interface Asking {
  settings: OpenaqSettings;
  base: string;
  headers: Record<string, string>;
  pageSize: number;
}

interface Sensor {
  id: number;
  location: number;
  locationName: string;
  lon: number | null;
  lat: number | null;
}

/** The locations first, whose list is journaled too, then each sensor of a mapped parameter. */
async function* everySensor(
  context: FetchContext,
  ask: (sensor: Sensor, asking: Asking) => AsyncGenerator<RawPayload, unknown>,
): AsyncGenerator<RawPayload> {
  const source = sourceOf(context.config, context.sourceId);
  const settings = settingsOf(source, openaqSettings);
  if (source.url === undefined) throw new MonitorError('E_CONFIG', `source "${source.id}" has no url`);
  const asking: Asking = {
    settings,
    base: endpoint(source.url, KNOWN_PATH),
    headers: { 'x-api-key': accessKey(context, settings.keyEnv) ?? '' },
    pageSize: settings.pageSize ?? PAGE_SIZE,
  };
  const sensors: Sensor[] = [];
  yield* sweep(context, settings.locations ?? [null], (id) => locations(context, asking, id, sensors));
  yield* sweep(context, sensors, (sensor) => ask(sensor, asking));
}

async function* locations(
  context: FetchContext,
  { settings, base, headers, pageSize }: Asking,
  id: number | null,
  into: Sensor[],
): AsyncGenerator<RawPayload> {
  const url = new URL(below(base, id === null ? 'locations' : `locations/${id}`));
  if (id === null) {
    url.searchParams.set('bbox', (settings.bbox ?? context.config.region.bbox).join(','));
    url.searchParams.set('limit', String(pageSize));
    url.searchParams.set('page', '1');
  }
  const mapped = new Set(settings.parameters.map((one) => `${one.code}\n${one.unit}`));
  const first = { url: url.href, headers };
  const next = (page: unknown, asked: URL): string | null => {
    for (const location of resultsOf(page)) into.push(...sensorsOf(location, mapped));
    return id === null ? followingPage(page, asked, pageSize) : null;
  };
  yield* pages(context, first, next, { part: id === null ? 'locations' : `location ${id}` });
}

async function* measurements(
  context: FetchContext,
  { settings, base, headers, pageSize }: Asking,
  sensor: Sensor,
  window: Window,
): AsyncGenerator<RawPayload, boolean> {
  const url = new URL(below(base, `sensors/${sensor.id}/${settings.resource ?? 'measurements'}`));
  url.searchParams.set('datetime_from', utcText(window.fromS));
  url.searchParams.set('datetime_to', utcText(window.toS));
  url.searchParams.set('limit', String(pageSize));
  url.searchParams.set('page', '1');
  const { id, location, locationName, lon, lat } = sensor;
  const meta = {
    part: `location ${location} sensor ${id}`,
    sensor: id,
    location,
    locationName,
    ...(lon === null || lat === null ? {} : { lon, lat }),
    ...windowMeta(window),
  };
  const next = (page: unknown, asked: URL): string | null => followingPage(page, asked, pageSize);
  return yield* pages(context, { url: url.href, headers }, next, meta);
}

const resultsOf = (page: unknown): readonly unknown[] =>
  isRecord(page) && Array.isArray(page['results']) ? page['results'] : [];

/** `found` may be a text such as ">1000": pages are asked for until one is not full. */
function followingPage(page: unknown, asked: URL, pageSize: number): string | null {
  if (resultsOf(page).length < pageSize) return null;
  const url = new URL(asked);
  url.searchParams.set('page', String(Number(url.searchParams.get('page') ?? '1') + 1));
  return url.href;
}

function sensorsOf(location: unknown, mapped: ReadonlySet<string>): Sensor[] {
  if (!isRecord(location) || typeof location['id'] !== 'number' || !Array.isArray(location['sensors']))
    return [];
  const place = isRecord(location['coordinates']) ? location['coordinates'] : {};
  const numeric = (value: unknown): number | null => (typeof value === 'number' ? value : null);
  const of = {
    location: location['id'],
    locationName: typeof location['name'] === 'string' ? location['name'] : String(location['id']),
    lon: numeric(place['longitude']),
    lat: numeric(place['latitude']),
  };
  const list: readonly unknown[] = location['sensors'];
  return list.flatMap((sensor) => {
    if (!isRecord(sensor) || typeof sensor['id'] !== 'number' || !isRecord(sensor['parameter'])) return [];
    const { name, units } = sensor['parameter'];
    return mapped.has(`${String(name)}\n${String(units)}`) ? [{ id: sensor['id'], ...of }] : [];
  });
}
