import { MonitorError } from '../../../domain/errors.ts';
import type { FetchContext, RawPayload, SourceAdapter } from '../../../domain/ports.ts';
import { civilDate } from '../../../domain/time.ts';
import { archiveDays, below } from '../archive-days.ts';
import { sourceOf } from '../collector.ts';
import { sinceLast, type Window } from '../incremental.ts';
import { holdsData, unpack } from '../reply.ts';
import { settingsOf } from '../settings.ts';
import { sweep } from '../sweep.ts';
import { parseWide } from './parse.ts';
import { quotsoftSettings } from './settings.ts';

/** The archive of the national hourly air feed, one wide table a day. See README.md beside this file. */
export const quotsoftAir: SourceAdapter = {
  id: 'quotsoft-air',
  fetch: (context) => sinceLast(context, 'days', {}, (window) => days(context, window)),
  history: 'archive',
  backfill: days,
  *split(file) {
    yield { body: unpack(file), meta: { origin: file.name, mediaType: 'text/csv' } };
  },
  parse: parseWide,
};

/** One file a civil day. The archive does not say when a value was shown, so published times are unknown. */
async function* days(context: FetchContext, window: Window): AsyncGenerator<RawPayload, boolean> {
  const source = sourceOf(context.config, context.sourceId);
  const { prefix = 'china_sites_' } = settingsOf(source, quotsoftSettings);
  const folder = source.archiveUrl ?? source.url;
  if (folder === undefined) throw new MonitorError('E_CONFIG', `source "${source.id}" has no archiveUrl`);
  const until = { fromS: window.fromS, toS: Math.min(window.toS, context.nowS) };
  const today = civilDate(context.nowS, source.timeZone);
  let complete = true;
  yield* sweep(context, archiveDays(until, source.timeZone), async function* (day) {
    const url = below(folder, `${prefix}${day.replaceAll('-', '')}.csv`);
    const reply = await context.request({ url });
    yield { body: reply.body, meta: { ...reply.meta, part: day } };
    // The table of the day that runs may not be there yet.
    complete &&= holdsData(reply) || day === today;
  });
  return complete;
}
