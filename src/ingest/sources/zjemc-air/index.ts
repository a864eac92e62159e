import { MonitorError } from '../../../domain/errors.ts';
import type { FetchContext, RawPayload, SourceAdapter } from '../../../domain/ports.ts';
import { mediaTypeOf, splitCaptured } from '../captured.ts';
import { sourceOf } from '../collector.ts';
import { unpack } from '../reply.ts';
import { settingsOf } from '../settings.ts';
import { parseCounty } from './parse.ts';
import { zjemcSettings } from './settings.ts';

/** The recorder wrote Beijing time. */
const RECORDER_ZONE = 'Asia/Shanghai';

/** County air stations of Zhejiang, hourly. See README.md beside this file. */
export const zjemcAir: SourceAdapter = {
  id: 'zjemc-air',
  fetch: fetchStations,
  *split(file) {
    const bytes = unpack(file);
    const captured = splitCaptured({ name: file.name, bytes }, 'capture_hour', RECORDER_ZONE);
    yield* captured ?? [{ body: bytes, meta: { origin: file.name, mediaType: mediaTypeOf(bytes) } }];
  },
  parse: parseCounty,
};

async function* fetchStations(context: FetchContext): AsyncGenerator<RawPayload> {
  const source = sourceOf(context.config, context.sourceId);
  const { method, form } = settingsOf(source, zjemcSettings);
  if (source.url === undefined) throw new MonitorError('E_CONFIG', `source "${source.id}" has no url`);
  const reply = await context.request({
    url: source.url,
    method: method ?? 'GET',
    ...(form === undefined ? {} : { form }),
  });
  yield { body: reply.body, meta: { ...reply.meta, publishedS: context.nowS } };
}
