import { MonitorError } from '../../../domain/errors.ts';
import type { FetchContext, RawPayload, SourceAdapter } from '../../../domain/ports.ts';
import { archiveDays, below, endpoint } from '../archive-days.ts';
import { sourceOf } from '../collector.ts';
import { unpack } from '../reply.ts';
import { settingsOf } from '../settings.ts';
import { sweep } from '../sweep.ts';
import { parseAir } from './parse.ts';
import { airSettings } from './settings.ts';

const KNOWN_PATH = '/CityData/GetAQIDataPublishLive';

/** CNEMC air, hourly. See README.md beside this file. */
export const cnemcAir: SourceAdapter = {
  id: 'cnemc-air',
  fetch: fetchCities,
  backfill,
  *split(file) {
    const body = unpack(file);
    yield {
      body,
      meta: { origin: file.name, mediaType: body[0] === 0x5b ? 'application/json' : 'text/csv' },
    };
  },
  parse: parseAir,
};

async function* fetchCities(context: FetchContext): AsyncGenerator<RawPayload> {
  const source = sourceOf(context.config, context.sourceId);
  const settings = settingsOf(source, airSettings);
  if (source.url === undefined) throw new MonitorError('E_CONFIG', `source "${source.id}" has no url`);
  const base = endpoint(source.url, KNOWN_PATH);
  yield* sweep(context, settings.cities ?? citiesWithStations(context), async function* (city) {
    const url = new URL(base);
    url.searchParams.set('cityName', city);
    const reply = await context.request({ url: url.href });
    yield { body: reply.body, meta: { ...reply.meta, part: city, publishedS: context.nowS } };
  });
}

/** Names of the prefectures (and cities under a province) in which a configured air station lies. */
function citiesWithStations(context: FetchContext): string[] {
  const { airStations, jurisdictions } = context.config;
  const codes = new Set(airStations.map((station) => `${station.locatedIn.slice(0, 4)}00`));
  const cities = jurisdictions.filter(
    (jurisdiction) => jurisdiction.level === 'prefecture' && codes.has(jurisdiction.code),
  );
  return cities.map((jurisdiction) => jurisdiction.name.zh).sort();
}

/** One file a civil day of the hour labels. The archive does not say when it was shown, so published times are unknown. */
async function* backfill(
  context: FetchContext,
  window: { fromS: number; toS: number },
): AsyncGenerator<RawPayload> {
  const source = sourceOf(context.config, context.sourceId);
  if (source.archiveUrl === undefined)
    throw new MonitorError('E_CONFIG', `source "${source.id}" has no archiveUrl`);
  const { archiveUrl } = source;
  const until = { fromS: window.fromS, toS: Math.min(window.toS, context.nowS) };
  yield* sweep(context, archiveDays(until, source.timeZone), async function* (day) {
    const reply = await context.request({ url: below(archiveUrl, `${day}.csv`) });
    yield { body: reply.body, meta: { ...reply.meta, part: day } };
  });
}
