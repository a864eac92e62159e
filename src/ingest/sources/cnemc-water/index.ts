import { MonitorError } from '../../../domain/errors.ts';
import type { FetchContext, RawPayload, SourceAdapter } from '../../../domain/ports.ts';
import { archiveDays, below, endpoint } from '../archive-days.ts';
import { sourceOf } from '../collector.ts';
import { isRecord } from '../reply.ts';
import { settingsOf } from '../settings.ts';
import { sweep } from '../sweep.ts';
import { parseWater } from './parse.ts';
import { splitRecorded } from './recorded.ts';
import { waterSettings } from './settings.ts';

const KNOWN_PATH = '/GJZ/Ajax/Publish.ashx';
/** The country has about 2000 sections: 34 pages of 60. A reply that claims more pages than this is not believed. */
const PAGES_LIMIT = 500;
const PAGE_SIZE = 60;

/** CNEMC surface water, real time. See README.md beside this file. */
export const cnemcWater: SourceAdapter = {
  id: 'cnemc-water',
  fetch: fetchPages,
  backfill,
  split: splitRecorded,
  parse: parseWater,
};

async function* fetchPages(context: FetchContext): AsyncGenerator<RawPayload> {
  const source = sourceOf(context.config, context.sourceId);
  const settings = settingsOf(source, waterSettings);
  if (source.url === undefined) throw new MonitorError('E_CONFIG', `source "${source.id}" has no url`);
  const url = endpoint(source.url, KNOWN_PATH);
  const pageSize = String(settings.pageSize ?? PAGE_SIZE);
  yield* sweep(context, areasOf(settings.areaIds, context), (areaId) =>
    pagesOf(context, { url, areaId, pageSize }),
  );
}

async function* pagesOf(
  context: FetchContext,
  asked: { url: string; areaId: string; pageSize: string },
): AsyncGenerator<RawPayload> {
  const { url, areaId, pageSize } = asked;
  let pages = 1;
  for (let page = 1; page <= Math.min(pages, PAGES_LIMIT); page++) {
    const form = { action: 'getRealDatas', AreaID: areaId, RiverID: '', MNName: '' };
    const paging = { PageIndex: String(page), PageSize: pageSize };
    const reply = await context.request({ url, method: 'POST', form: { ...form, ...paging } });
    const part = `area ${areaId === '' ? 'all' : areaId} page ${page}`;
    yield { body: reply.body, meta: { ...reply.meta, part, publishedS: context.nowS } };
    pages = Math.max(pages, pagesIn(reply));
  }
}

/** Province codes to ask for; one empty code means the whole country. */
function areasOf(configured: readonly string[] | undefined, context: FetchContext): readonly string[] {
  const areas = configured ?? areasWithSections(context);
  return areas.length === 0 ? [''] : areas;
}

/** Provinces under which the platform lists a configured section: not always the one in which it lies. */
function areasWithSections({ config, sourceId }: FetchContext): string[] {
  const { provider } = sourceOf(config, sourceId);
  const provinces = config.jurisdictions.filter((jurisdiction) => jurisdiction.level === 'province');
  const codes = new Map(provinces.map((province) => [province.name.zh, province.code]));
  const found = new Set<string>();
  for (const section of config.sections) {
    for (const alias of section.aliases) {
      if (alias.provider !== provider) continue;
      const province = alias.key.split('/')[0] ?? '';
      found.add(codes.get(province) ?? `${section.locatedIn.slice(0, 2)}0000`);
    }
  }
  return [...found].sort();
}

/** `total` of a reply, 1 where it cannot be read: parsing names that fault later. */
function pagesIn(reply: RawPayload): number {
  if (reply.meta.status !== undefined && reply.meta.status !== 200) return 1;
  try {
    const page: unknown = JSON.parse(new TextDecoder().decode(reply.body));
    const total = isRecord(page) ? Number(page['total']) : 1;
    return Number.isInteger(total) ? total : 1;
  } catch {
    return 1;
  }
}

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
    const name = `realdatas_${day}.csv`;
    const reply = await context.request({ url: below(archiveUrl, name) });
    if (reply.meta.status !== undefined && reply.meta.status !== 200) {
      yield reply;
      return;
    }
    for (const payload of splitRecorded({ name, bytes: reply.body }))
      yield { body: payload.body, meta: { ...reply.meta, ...payload.meta } };
  });
}
