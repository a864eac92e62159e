import { MonitorError } from '../../../domain/errors.ts';
import type { FetchContext, RawPayload, SourceAdapter } from '../../../domain/ports.ts';
import { below } from '../archive-days.ts';
import { mediaTypeOf, splitCaptured } from '../captured.ts';
import { sourceOf } from '../collector.ts';
import { unpack } from '../reply.ts';
import { settingsOf } from '../settings.ts';
import { sweep } from '../sweep.ts';
import { parseHydro } from './parse.ts';
import { hydroSettings } from './settings.ts';

/** The recorder wrote Beijing time. */
const RECORDER_ZONE = 'Asia/Shanghai';
const NAMED_CAPTURE = /(\d{4}-\d{2}-\d{2})T(\d{2})-(\d{2})/;
const KNOWN_PATH = 'hydroSearch/';

/** Stage, discharge and reservoirs of the national hydrological service. See README.md beside this file. */
export const hydroMwr: SourceAdapter = {
  id: 'hydro-mwr',
  fetch: fetchLists,
  *split(file) {
    const bytes = unpack(file);
    const captured = splitCaptured({ name: file.name, bytes }, 'first_captured,last_captured', RECORDER_ZONE);
    if (captured !== null) {
      yield* captured;
      return;
    }
    const named = NAMED_CAPTURE.exec(file.name);
    const shown =
      named === null ? {} : { publishedS: Date.parse(`${named[1]}T${named[2]}:${named[3]}:00+08:00`) / 1000 };
    yield { body: bytes, meta: { origin: file.name, mediaType: mediaTypeOf(bytes), ...shown } };
  },
  parse: parseHydro,
};

async function* fetchLists(context: FetchContext): AsyncGenerator<RawPayload> {
  const source = sourceOf(context.config, context.sourceId);
  const settings = settingsOf(source, hydroSettings);
  if (source.url === undefined) throw new MonitorError('E_CONFIG', `source "${source.id}" has no url`);
  const base = new URL(source.url).pathname === '/' ? below(source.url, KNOWN_PATH) : source.url;
  yield* sweep(context, settings.lists ?? ['greatRiver', 'greatRsvr'], async function* (list) {
    const url = below(base, list);
    const reply = await context.request({ url, method: settings.method ?? 'GET' });
    yield { body: reply.body, meta: { ...reply.meta, part: list, publishedS: context.nowS } };
  });
}
