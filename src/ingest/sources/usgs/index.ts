import { MonitorError } from '../../../domain/errors.ts';
import type { FetchContext, RawPayload, SourceAdapter } from '../../../domain/ports.ts';
import { below } from '../archive-days.ts';
import { mediaTypeOf } from '../captured.ts';
import { sourceOf } from '../collector.ts';
import { accessKey, sinceLast, utcText, windowMeta, type Window } from '../incremental.ts';
import { pages } from '../paging.ts';
import { holdsData, isRecord, unpack } from '../reply.ts';
import { settingsOf } from '../settings.ts';
import { sweep } from '../sweep.ts';
import { parseUsgs } from './parse.ts';
import { usgsSettings, type Service, type UsgsSettings } from './settings.ts';

const DAY_S = 86_400;
const PAGE_SIZE = 10_000;

/** Stage, discharge and quality of the United States Geological Survey. See README.md beside this file. */
export const usgs: SourceAdapter = {
  id: 'usgs',
  fetch: fetchNew,
  history: 'upstream',
  historyStepDays: 30,
  backfill: fetchWindow,
  *split(file) {
    const body = unpack(file);
    yield { body, meta: { origin: file.name, mediaType: mediaTypeOf(body) } };
  },
  parse: parseUsgs,
};

interface Part {
  service: Service;
  site: string;
  /** One parameter code for a collection; all of them, joined by commas, for an older service. */
  codes: string;
}

function* partsOf(settings: UsgsSettings): Generator<Part> {
  const codes = [...new Set(settings.parameters.map((parameter) => parameter.code))];
  for (const service of settings.services)
    for (const site of settings.sites) {
      if (service === 'iv' || service === 'dv') yield { service, site, codes: codes.join(',') };
      else for (const code of codes) yield { service, site, codes: code };
    }
}

async function* fetchNew(context: FetchContext): AsyncGenerator<RawPayload> {
  const settings = settingsOf(sourceOf(context.config, context.sourceId), usgsSettings);
  yield* sweep(context, partsOf(settings), (part) =>
    sinceLast(context, `${part.service} ${part.site} ${part.codes}`, settings, (window, first) =>
      ask(context, settings, part, { window, revised: !first }),
    ),
  );
}

async function* fetchWindow(context: FetchContext, window: Window): AsyncGenerator<RawPayload> {
  const settings = settingsOf(sourceOf(context.config, context.sourceId), usgsSettings);
  yield* sweep(context, partsOf(settings), (part) =>
    ask(context, settings, part, { window, revised: false }),
  );
}

/**
 * `revised` asks a collection for all that changed since the window's begin, however old the values are; otherwise for the values
 * of the window.
 */
async function* ask(
  context: FetchContext,
  settings: UsgsSettings,
  part: Part,
  of: { window: Window; revised: boolean },
): AsyncGenerator<RawPayload, boolean> {
  const source = sourceOf(context.config, context.sourceId);
  if (source.url === undefined) throw new MonitorError('E_CONFIG', `source "${source.id}" has no url`);
  const key = accessKey(context, settings.keyEnv);
  const headers = key === null ? {} : { headers: { 'x-api-key': key } };
  const name = `${part.service} ${part.site} ${part.codes}`;
  if (part.service === 'iv' || part.service === 'dv') {
    const url = olderUrl(source.url, part, of.window, settings.format ?? 'json');
    const reply = await context.request({ url, ...headers });
    yield { body: reply.body, meta: { ...reply.meta, part: name, ...windowMeta(of.window) } };
    // The older services answer 404 where nothing was measured in the window.
    return holdsData(reply) || reply.meta.status === 404;
  }
  const url = new URL(below(source.url, `collections/${part.service}/items`));
  url.searchParams.set('f', 'json');
  url.searchParams.set('monitoring_location_id', `USGS-${part.site}`);
  url.searchParams.set('parameter_code', part.codes);
  url.searchParams.set('limit', String(settings.pageSize ?? PAGE_SIZE));
  if (of.revised) {
    const days = Math.ceil((context.nowS - of.window.fromS) / DAY_S);
    url.searchParams.set('last_modified', `P${days}D`);
  } else url.searchParams.set('datetime', `${utcText(of.window.fromS)}/${utcText(of.window.toS)}`);
  const meta = { part: name, ...(of.revised ? {} : windowMeta(of.window)) };
  return yield* pages(context, { url: url.href, ...headers }, nextLink, meta);
}

function olderUrl(base: string, part: Part, window: Window, format: string): string {
  const url = new URL(below(base, `nwis/${part.service}/`));
  url.searchParams.set('format', format);
  url.searchParams.set('sites', part.site);
  url.searchParams.set('parameterCd', part.codes);
  const text = (atS: number): string => (part.service === 'dv' ? utcText(atS).slice(0, 10) : utcText(atS));
  url.searchParams.set('startDT', text(window.fromS));
  url.searchParams.set('endDT', text(window.toS));
  return url.href;
}

/** The link that an OGC API page names as the next one. */
function nextLink(page: unknown): string | null {
  const links = isRecord(page) && Array.isArray(page['links']) ? page['links'] : [];
  const next: unknown = links.find((link: unknown) => isRecord(link) && link['rel'] === 'next');
  return isRecord(next) && typeof next['href'] === 'string' ? next['href'] : null;
}
