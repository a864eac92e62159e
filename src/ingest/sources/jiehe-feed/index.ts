import { MonitorError } from '../../../domain/errors.ts';
import type { FetchContext, RawPayload, SourceAdapter } from '../../../domain/ports.ts';
import { below, endpoint } from '../archive-days.ts';
import { sourceOf } from '../collector.ts';
import { accessKey } from '../incremental.ts';
import { isRecord, unpack } from '../reply.ts';
import { settingsOf } from '../settings.ts';
import { parseFeed } from './parse.ts';
import { feedSettings } from './settings.ts';

const KNOWN_PATH = '/api/v1/';
const CURSOR = 'cursor';
/** Pages of one run; the next slot goes on. */
const PAGES_LIMIT = 5000;

/** Another jiehe's change feed. See README.md beside this file. */
export const jieheFeed: SourceAdapter = {
  id: 'jiehe-feed',
  fetch: follow,
  *split(file) {
    yield { body: unpack(file), meta: { origin: file.name, mediaType: 'application/json' } };
  },
  parse: parseFeed,
};

/** How far the neighbour was followed, and how far its own readings were then. */
interface Followed {
  cursor: string;
  appliedSeq: number;
}

/**
 * Page after page from where the last run was; the cursor moves when a page is journaled, so a run that is cut off loses nothing.
 * A page without changes is not journaled. Throws E_UPSTREAM for a neighbour that was set back, E_MIXED_DATA for invented data.
 */
async function* follow(context: FetchContext): AsyncGenerator<RawPayload> {
  const source = sourceOf(context.config, context.sourceId);
  const settings = settingsOf(source, feedSettings);
  if (source.url === undefined) throw new MonitorError('E_CONFIG', `source "${source.id}" has no url`);
  const key = accessKey(context, settings.keyEnv);
  const headers: Record<string, string> = key === null ? {} : { authorization: `Bearer ${key}` };
  const known = await context.cursors.get(CURSOR);
  let followed = known === null ? null : (JSON.parse(known) as Followed);
  for (let page = 0; page < PAGES_LIMIT; page++) {
    const url = new URL(below(endpoint(source.url, KNOWN_PATH), 'changes'));
    url.searchParams.set('provider', settings.provider);
    if (settings.stations !== undefined) url.searchParams.set('station', settings.stations.join(','));
    url.searchParams.set('limit', String(settings.limit ?? 1000));
    if (followed !== null) url.searchParams.set('since', followed.cursor);
    const reply = await context.request({ url: url.href, headers });
    const read = pageOf(reply);
    if (read !== null) requireForwards(context, followed, read, settings.acceptSynthetic === true);
    if (read === null || read.changed)
      yield { body: reply.body, meta: { ...reply.meta, part: `after ${followed?.cursor ?? 'nothing'}` } };
    if (read === null) return;
    followed = { cursor: read.cursor, appliedSeq: read.appliedSeq };
    await context.cursors.set(CURSOR, JSON.stringify(followed));
    if (!read.more) return;
  }
}

interface Page extends Followed {
  more: boolean;
  changed: boolean;
  synthetic: boolean;
}

/** Null for a reply that is no page: parsing says why, and the cursor stays. */
function pageOf(reply: RawPayload): Page | null {
  if (reply.meta.status !== 200) return null;
  let document: unknown;
  try {
    document = JSON.parse(new TextDecoder().decode(reply.body)) as unknown;
  } catch {
    return null;
  }
  if (!isRecord(document) || !isRecord(document['meta'])) return null;
  const { cursor, more, results, meta } = document;
  const { appliedSeq, synthetic } = meta;
  if (typeof cursor !== 'string' || typeof appliedSeq !== 'number' || !Array.isArray(results)) return null;
  return {
    cursor,
    appliedSeq,
    more: more === true,
    changed: results.length > 0,
    synthetic: synthetic === true,
  };
}

function requireForwards(
  context: FetchContext,
  before: Followed | null,
  page: Page,
  acceptSynthetic: boolean,
): void {
  const details = {
    source: context.sourceId,
    before,
    page: { cursor: page.cursor, appliedSeq: page.appliedSeq },
  };
  if (page.synthetic && !acceptSynthetic)
    throw new MonitorError(
      'E_MIXED_DATA',
      `source "${context.sourceId}": the neighbour's data is invented; set acceptSynthetic to follow it all the same`,
      { details },
    );
  if (before !== null && page.appliedSeq < before.appliedSeq)
    throw new MonitorError(
      'E_UPSTREAM',
      `source "${context.sourceId}": the neighbour has ${page.appliedSeq} entries, ${before.appliedSeq} were followed: it was restored or replaced; ` +
        `name the source anew (another id) to follow it from its beginning`,
      { details },
    );
}
