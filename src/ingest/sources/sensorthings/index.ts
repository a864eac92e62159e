import { MonitorError } from '../../../domain/errors.ts';
import type { EntryMeta, FetchContext, RawPayload, SourceAdapter } from '../../../domain/ports.ts';
import { below } from '../archive-days.ts';
import { sourceOf } from '../collector.ts';
import { accessKey, sinceLast, utcText, windowMeta, type Window } from '../incremental.ts';
import { pages } from '../paging.ts';
import { isRecord, unpack } from '../reply.ts';
import { settingsOf } from '../settings.ts';
import { sweep } from '../sweep.ts';
import { around, nowhere, stationKeyOf } from './entities.ts';
import { parseSensorthings } from './parse.ts';
import { sensorthingsSettings, type SensorthingsSettings } from './settings.ts';

const PAGE_SIZE = 1000;
const DATASTREAM_PAGE = 100;

/** Observations of any OGC SensorThings server, another jiehe among them. See README.md beside this file. */
export const sensorthings: SourceAdapter = {
  id: 'sensorthings',
  fetch: (context) =>
    everyDatastream(context, (stream, asking) =>
      sinceLast(context, `datastream ${stream.id}`, asking.settings, (window) =>
        observations(context, asking, stream, window),
      ),
    ),
  history: 'upstream',
  historyStepDays: 7,
  backfill: (context, window) =>
    everyDatastream(context, (stream, asking) => observations(context, asking, stream, window)),
  *split(file) {
    yield { body: unpack(file), meta: { origin: file.name, mediaType: 'application/json' } };
  },
  parse: parseSensorthings,
};

interface Asking {
  settings: SensorthingsSettings;
  base: string;
  headers: Record<string, string>;
}

interface Datastream {
  id: string;
  /** As it stands in an address: numbers bare, texts quoted. */
  key: string;
  meta: EntryMeta;
}

/** The Datastreams first, whose list is journaled too, then the Observations of each mapped one. */
async function* everyDatastream(
  context: FetchContext,
  ask: (stream: Datastream, asking: Asking) => AsyncGenerator<RawPayload, unknown>,
): AsyncGenerator<RawPayload> {
  const source = sourceOf(context.config, context.sourceId);
  const settings = settingsOf(source, sensorthingsSettings);
  if (source.url === undefined) throw new MonitorError('E_CONFIG', `source "${source.id}" has no url`);
  const token = accessKey(context, settings.tokenEnv);
  const headers = token === null ? {} : { authorization: `Bearer ${token}` };
  const url = new URL(below(source.url, 'Datastreams'));
  url.searchParams.set('$expand', 'Thing($expand=Locations),ObservedProperty');
  url.searchParams.set('$orderby', 'id');
  url.searchParams.set('$top', String(DATASTREAM_PAGE));
  const streams: Datastream[] = [];
  const next = (page: unknown): string | null => {
    const list: readonly unknown[] = isRecord(page) && Array.isArray(page['value']) ? page['value'] : [];
    for (const stream of list) streams.push(...mapped(stream, settings));
    return nextLink(page);
  };
  yield* pages(context, { url: url.href, headers }, next, { part: 'Datastreams' });
  yield* sweep(context, streams, (stream) => ask(stream, { settings, base: source.url!, headers }));
}

function mapped(raw: unknown, settings: SensorthingsSettings): Datastream[] {
  if (!isRecord(raw)) return [];
  const { thing, datastream, observedProperty, lon, lat } = around(raw, nowhere);
  if (thing === null || datastream === null || datastream.id === '') return [];
  const names = new Set([observedProperty?.name, observedProperty?.definition, datastream.name]);
  if (!settings.parameters.some((one) => names.has(one.code))) return [];
  const key = stationKeyOf(thing, settings.stationKey ?? 'id');
  const meta: EntryMeta = {
    thing: key === '' ? thing.name : key,
    thingName: thing.name,
    datastream: datastream.id,
    datastreamName: datastream.name,
    property: observedProperty?.name,
    definition: observedProperty?.definition,
    unit: datastream.unit ?? undefined,
    ...(lon === null || lat === null ? {} : { lon, lat }),
  };
  const quoted =
    typeof raw['@iot.id'] === 'number' ? datastream.id : `'${datastream.id.replaceAll("'", "''")}'`;
  return [{ id: datastream.id, key: quoted, meta }];
}

async function* observations(
  context: FetchContext,
  { settings, base, headers }: Asking,
  stream: Datastream,
  window: Window,
): AsyncGenerator<RawPayload, boolean> {
  const url = new URL(below(base, `Datastreams(${encodeURIComponent(stream.key)})/Observations`));
  const [from, to] = [utcText(window.fromS), utcText(window.toS)];
  url.searchParams.set('$filter', `phenomenonTime ge ${from} and phenomenonTime lt ${to}`);
  url.searchParams.set('$orderby', 'phenomenonTime asc,id asc');
  url.searchParams.set('$top', String(settings.pageSize ?? PAGE_SIZE));
  if (settings.dataArray === true) url.searchParams.set('$resultFormat', 'dataArray');
  const given = Object.fromEntries(Object.entries(stream.meta).filter(([, value]) => value !== undefined));
  const meta = { ...given, part: `Datastream ${stream.id}`, ...windowMeta(window) };
  return yield* pages(context, { url: url.href, headers }, nextLink, meta);
}

/** `@iot.nextLink` is followed as it is, on the same host only. */
function nextLink(page: unknown): string | null {
  const link = isRecord(page) ? page['@iot.nextLink'] : undefined;
  return typeof link === 'string' ? link : null;
}
