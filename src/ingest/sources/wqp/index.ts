import { MonitorError } from '../../../domain/errors.ts';
import type { FetchContext, RawPayload, SourceAdapter } from '../../../domain/ports.ts';
import { civilDate } from '../../../domain/time.ts';
import { endpoint } from '../archive-days.ts';
import { sourceOf } from '../collector.ts';
import { sinceLast, type Window } from '../incremental.ts';
import { holdsData, unpack } from '../reply.ts';
import { settingsOf } from '../settings.ts';
import { sweep } from '../sweep.ts';
import { parseResults } from './parse.ts';
import { wqpSettings, type WqpSettings } from './settings.ts';

const KNOWN_PATH = '/data/Result/search';

/** Discrete samples of the Water Quality Portal. See README.md beside this file. */
export const wqp: SourceAdapter = {
  id: 'wqp',
  fetch: fetchNew,
  history: 'upstream',
  historyStepDays: 365,
  backfill: fetchWindow,
  *split(file) {
    yield { body: unpack(file), meta: { origin: file.name, mediaType: 'text/csv' } };
  },
  parse: parseResults,
};

async function* fetchNew(context: FetchContext): AsyncGenerator<RawPayload> {
  const settings = settingsOf(sourceOf(context.config, context.sourceId), wqpSettings);
  yield* sweep(context, settings.sites, (site) =>
    sinceLast(context, site, settings, (window) => ask(context, settings, site, window)),
  );
}

async function* fetchWindow(context: FetchContext, window: Window): AsyncGenerator<RawPayload> {
  const settings = settingsOf(sourceOf(context.config, context.sourceId), wqpSettings);
  yield* sweep(context, settings.sites, (site) => ask(context, settings, site, window));
}

async function* ask(
  context: FetchContext,
  settings: WqpSettings,
  site: string,
  window: Window,
): AsyncGenerator<RawPayload, boolean> {
  const source = sourceOf(context.config, context.sourceId);
  if (source.url === undefined) throw new MonitorError('E_CONFIG', `source "${source.id}" has no url`);
  const url = new URL(endpoint(source.url, KNOWN_PATH));
  const day = (atS: number): string => {
    const [year, month, date] = civilDate(atS, source.timeZone).split('-');
    return `${month}-${date}-${year}`;
  };
  url.searchParams.set('siteid', site);
  for (const name of new Set(settings.parameters.map(({ code }) => code.split('|')[0]!)))
    url.searchParams.append('characteristicName', name);
  url.searchParams.set('startDateLo', day(window.fromS));
  url.searchParams.set('startDateHi', day(window.toS));
  url.searchParams.set('mimeType', 'csv');
  url.searchParams.set('zip', 'no');
  const reply = await context.request({ url: url.href });
  yield { body: reply.body, meta: { ...reply.meta, part: site } };
  return holdsData(reply);
}
