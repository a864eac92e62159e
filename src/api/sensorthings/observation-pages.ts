import type { Seen } from '../auth/seen-by.ts';
import { flagsOf } from '../readings/reading-shapes.ts';
import type { Catalogue, ListedDatastream } from './catalogue.ts';
import { readerOf } from './entity-reader.ts';
import { holds, orderOf, type Reader } from './evaluate.ts';
import { badQuery, notSupported } from './faults.ts';
import { pathsOf, type Expression } from './filter.ts';
import {
  ascending,
  batched,
  countedByEngine,
  descending,
  observationId,
  type Observation,
} from './observations.ts';
import type { Options } from './options.ts';
import type { Value } from './values.ts';

export interface ObservationPage {
  rows: Observation[];
  count: number | null;
  /** Options of the next page besides those of this one; null: the last page. */
  next: { skipToken: string } | { skip: number } | null;
}

/** Rows looked at for one page: a filter that few rows pass makes short pages, which go on at the next link. */
const mostScanned = 200_000;
const mostSorted = 100_000;
const mostCounted = 2_000_000;

/** Times as they are shown: an interval, or the instant of a sample. */
export function phenomenonTime({ beginMs, endMs }: Observation): string {
  const begin = new Date(beginMs).toISOString();
  return beginMs === endMs ? begin : `${begin}/${new Date(endMs).toISOString()}`;
}

export function observationBody(row: Observation): Record<string, unknown> {
  const { validity, stage, qualifiers } = flagsOf(row.flags);
  return {
    phenomenonTime: phenomenonTime(row),
    resultTime: new Date(row.endMs).toISOString(),
    result: row.value,
    resultQuality: { validity, stage, qualifiers },
  };
}

const ofSeries = new Set(['Datastream', 'FeatureOfInterest']);

/** Reads what all observations of a series share. */
function seriesReader({ id, thing }: ListedDatastream, catalogue: Catalogue): Reader {
  return ([first, ...rest]) =>
    first === 'Datastream'
      ? readerOf('Datastreams', id, catalogue)(rest)
      : readerOf('FeaturesOfInterest', thing, catalogue)(rest);
}

export function observationReader(row: Observation, catalogue: Catalogue): Reader {
  return (segments): readonly Value[] => {
    const [first = '', ...rest] = segments;
    if (first === 'result') return [row.value];
    if (first === 'phenomenonTime')
      return row.beginMs === row.endMs
        ? [{ type: 'instant', atMs: row.beginMs }]
        : [{ type: 'interval', beginMs: row.beginMs, endMs: row.endMs }];
    if (first === 'resultTime') return [{ type: 'instant', atMs: row.endMs }];
    if (first === 'id' || first === '@iot.id') return [observationId(row)];
    if (ofSeries.has(first)) return seriesReader(row.datastream, catalogue)(segments);
    if (first !== 'resultQuality') return [null];
    const { validity, stage, qualifiers } = flagsOf(row.flags);
    const [part] = rest;
    if (part === 'validity') return [validity];
    if (part === 'stage') return [stage];
    return part === 'qualifiers' ? qualifiers : [null];
  };
}

interface Asked {
  seen: Seen;
  catalogue: Catalogue;
  datastreams: readonly ListedDatastream[];
  options: Options;
  top: number;
}

function passes({ options, catalogue, seen }: Asked): (row: Observation) => boolean {
  const { filter } = options;
  if (filter === null) return () => true;
  const nowMs = seen.audience.nowS * 1000;
  return (row) => holds(filter, observationReader(row, catalogue), nowMs);
}

const conditionsOf = (filter: Expression): Expression[] =>
  filter.kind === 'both' ? [...conditionsOf(filter.left), ...conditionsOf(filter.right)] : [filter];

/** Without the series that no observation can pass of, so that a filter by datastream reads that one alone. */
function narrowed(asked: Asked): Asked {
  const { options, seen, catalogue } = asked;
  if (options.filter === null) return asked;
  const nowMs = seen.audience.nowS * 1000;
  const shared = conditionsOf(options.filter).filter((condition) => {
    const paths = pathsOf(condition);
    return paths.length > 0 && paths.every(([first = '']) => ofSeries.has(first));
  });
  const datastreams = asked.datastreams.filter((one) =>
    shared.every((condition) => holds(condition, seriesReader(one, catalogue), nowMs)),
  );
  return { ...asked, datastreams };
}

type Way = 'by-id' | 'newest-first' | 'ends-of-each' | 'sorted';

/** How the order asked for can be read: as it lies, backwards, or only by sorting. */
function wayOf({ options, datastreams, top }: Asked): Way {
  const [first, second] = options.orderBy;
  if (first === undefined) return 'by-id';
  const [path = ''] = first.segments;
  const byTime = path === 'phenomenonTime' || path === 'resultTime' || path === 'id' || path === '@iot.id';
  const sameAgain = second === undefined || ['id', '@iot.id'].includes(second.segments[0] ?? '');
  const one = datastreams.length === 1 || path.endsWith('id');
  if (!byTime || !sameAgain || first.segments.length > 1) return 'sorted';
  if (one && !first.descending) return 'by-id';
  if (datastreams.length === 1) return 'newest-first';
  const most = datastreams.length * (options.skip + top + 1);
  return options.filter === null && most <= mostSorted ? 'ends-of-each' : 'sorted';
}

function tokenOf(text: string | null): { series: number; keyS: number } | null {
  if (text === null) return null;
  const match = /^(\d{1,7})\.(\d{1,10})$/.exec(text);
  if (match === null) throw badQuery('$skiptoken', null, 'what @iot.nextLink gave');
  return { series: Number(match[1]), keyS: Number(match[2]) };
}

const tokenText = (row: Observation): string => `${row.datastream.id}.${row.keyS}`;

/** Rows from where a page begins, in the order in which they can be read. */
async function* rowsFrom(asked: Asked, way: Way): AsyncGenerator<Observation> {
  const { seen, datastreams, options, top } = asked;
  const token = tokenOf(options.skipToken);
  const { filter } = options;
  for (const datastream of datastreams) {
    if (token !== null && datastream.id < token.series) continue;
    const here = token !== null && datastream.id === token.series ? token.keyS : null;
    const chunks =
      way === 'newest-first'
        ? descending(seen, datastream, { filter, ...(here === null ? {} : { beforeS: here }) })
        : ascending(seen, datastream, {
            filter,
            need: options.skip + top + 1,
            ...(here === null ? {} : { fromS: here + 1 }),
          });
    for await (const chunk of chunks) yield* chunk;
  }
}

async function readPage(asked: Asked, way: Way): Promise<Pick<ObservationPage, 'rows' | 'next'>> {
  const { options, top } = asked;
  if (top === 0) return { rows: [], next: null };
  const keep = passes(asked);
  const rows: Observation[] = [];
  let skip = options.skipToken === null ? options.skip : 0;
  let scanned = 0;
  for await (const row of rowsFrom(asked, way)) {
    scanned += 1;
    if (keep(row)) {
      if (skip > 0) skip -= 1;
      else if (rows.length === top) return { rows, next: { skipToken: tokenText(rows[top - 1]!) } };
      else rows.push(row);
    }
    if (scanned > mostCounted)
      throw notSupported(`skipping over more than ${mostCounted} observations (follow @iot.nextLink)`);
    if (scanned >= mostScanned && skip === 0) return { rows, next: { skipToken: tokenText(row) } };
  }
  return { rows, next: null };
}

/** All that pass the filter, as far as they can be sorted. */
async function everyPassing(asked: Asked): Promise<Observation[]> {
  const keep = passes(asked);
  const all: Observation[] = [];
  const unpaged = { ...asked, options: { ...asked.options, skipToken: null } };
  for await (const row of rowsFrom(unpaged, 'by-id')) {
    if (!keep(row)) continue;
    all.push(row);
    if (all.length > mostSorted)
      throw notSupported(`sorting more than ${mostSorted} observations (narrow it by phenomenonTime)`);
  }
  return all;
}

/** As many of each series from the end where the page begins as it can take of one: the page is among them. */
async function endsOfEach({ seen, datastreams, options, top }: Asked): Promise<Observation[]> {
  const newest = options.orderBy[0]?.descending === true;
  const found = await batched(seen, datastreams, { most: options.skip + top + 1, newest });
  return [...found.values()].flat();
}

async function readSorted(asked: Asked, way: Way): Promise<Pick<ObservationPage, 'rows' | 'next'>> {
  const { options, top, catalogue } = asked;
  const all = await (way === 'ends-of-each' ? endsOfEach(asked) : everyPassing(asked));
  const read = (row: Observation, segments: readonly string[]) => observationReader(row, catalogue)(segments);
  all.sort((a, b) => {
    for (const { segments, descending: down } of options.orderBy) {
      const order = orderOf(read(a, segments), read(b, segments));
      if (order !== 0) return down ? -order : order;
    }
    return observationId(a) - observationId(b);
  });
  const end = options.skip + top;
  return { rows: all.slice(options.skip, end), next: top > 0 && all.length > end ? { skip: end } : null };
}

async function countOf(asked: Asked): Promise<number> {
  const { options, seen, datastreams } = asked;
  if (options.filter === null) {
    const counted = await countedByEngine(seen, datastreams);
    if (counted !== null) return counted;
  }
  const keep = passes(asked);
  let count = 0;
  let scanned = 0;
  const whole = { ...asked, options: { ...options, skip: 0, skipToken: null }, top: mostScanned };
  for await (const row of rowsFrom(whole, 'by-id')) {
    if (keep(row)) count += 1;
    scanned += 1;
    if (scanned > mostCounted)
      throw notSupported(`counting over more than ${mostCounted} observations (narrow it by phenomenonTime)`);
  }
  return count;
}

/** One page of observations of these datastreams. */
export async function observationPage(given: Asked): Promise<ObservationPage> {
  const asked = narrowed(given);
  const way = wayOf(asked);
  const inOrder = way === 'by-id' || way === 'newest-first';
  const page = await (inOrder ? readPage(asked, way) : readSorted(asked, way));
  return { ...page, count: asked.options.count ? await countOf(asked) : null };
}

/** Pages of many datastreams at once where that can be asked in few questions; null where each must be read by itself. */
export async function pagesOfMany(
  seen: Seen,
  of: { datastreams: readonly ListedDatastream[]; options: Options; top: number },
): Promise<Map<number, ObservationPage> | null> {
  const { datastreams, options, top } = of;
  if (options.filter !== null || options.count || options.skip > 0 || options.skipToken !== null) return null;
  const [order, more] = options.orderBy;
  const path = order?.segments[0] ?? 'id';
  if (more !== undefined || !['phenomenonTime', 'resultTime', 'id', '@iot.id'].includes(path)) return null;
  const found = await batched(seen, datastreams, { most: top + 1, newest: order?.descending === true });
  return new Map(
    [...found].map(([id, rows]) => {
      const last = rows[top - 1];
      const next = rows.length > top && last !== undefined ? { skipToken: tokenText(last) } : null;
      return [id, { rows: rows.slice(0, top), count: null, next }];
    }),
  );
}
