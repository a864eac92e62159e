import { MonitorError } from '../../domain/errors.ts';
import { BatchBuilder, type ReadingBatch } from '../../domain/batch.ts';
import type { LatestRow, SeriesColumns, SeriesQuery } from '../../domain/ports.ts';
import type { EpochS } from '../../domain/time.ts';
import type { ApiDeps } from '../deps.ts';
import type { Audience, Sight } from './audience.ts';
import { seenRowsOf, sharedChanges } from './shared-changes.ts';
import { intervals } from '../readings/reading-shapes.ts';

/** What the API reads of the store. */
export type Readable = ApiDeps['readings'];

type EndOf = (keyS: EpochS) => EpochS;

/** Rows that this audience sees; the same columns where that is all of them. */
function seenRows(columns: SeriesColumns, audience: Audience, sight: Sight, endOf: EndOf): SeriesColumns {
  if (sight.raw === 0 && sight.reviewed === 0) return columns;
  const { key, timeS, value, flags } = columns;
  const at: number[] = [];
  for (let row = 0; row < timeS.length; row++)
    if (audience.seesRow(sight, flags[row] ?? 0, endOf(timeS[row] ?? 0))) at.push(row);
  if (at.length === timeS.length) return columns;
  return {
    key,
    timeS: Float64Array.from(at, (row) => timeS[row] ?? 0),
    value: Float64Array.from(at, (row) => value[row] ?? Number.NaN),
    flags: Uint16Array.from(at, (row) => flags[row] ?? 0),
  };
}

const blind = (sight: Sight): boolean => sight.raw === null && sight.reviewed === null;

function joined(parts: readonly SeriesColumns[]): SeriesColumns | null {
  const [first] = parts;
  if (first === undefined) return null;
  if (parts.length === 1) return first;
  const all = <T>(pick: (part: SeriesColumns) => Iterable<T>): T[] =>
    parts.flatMap((part) => [...pick(part)]);
  return {
    key: first.key,
    timeS: Float64Array.from(all(({ timeS }) => timeS)),
    value: Float64Array.from(all(({ value }) => value)),
    flags: Uint16Array.from(all(({ flags }) => flags)),
  };
}

/** The rows of one series that are seen, with as many as were asked for although unseen ones lie between. */
async function seenSeries(
  store: Readable,
  audience: Audience,
  query: SeriesQuery,
  found: { columns: SeriesColumns; endOf: EndOf },
): Promise<SeriesColumns | null> {
  const { endOf } = found;
  const { key } = found.columns;
  const limit = query.limitPerSeries ?? Infinity;
  const sight = audience.sees(key);
  const parts: SeriesColumns[] = [];
  let seen = 0;
  for (let columns: SeriesColumns | undefined = found.columns; columns !== undefined;) {
    const part = seenRows(columns, audience, sight, endOf);
    if (part.timeS.length > 0) parts.push(part);
    seen += part.timeS.length;
    const lastS: EpochS | undefined = columns.timeS.at(-1);
    if (seen >= limit || lastS === undefined || columns.timeS.length < limit) break;
    const { station, parameter } = key;
    const rest: SeriesQuery = { ...query, stations: [station], parameters: [parameter], fromS: lastS + 1 };
    columns = (await store.series(rest))[0];
  }
  return joined(parts);
}

async function seriesFor(
  store: Readable,
  audience: Audience,
  timeZone: string,
  query: SeriesQuery,
): Promise<SeriesColumns[]> {
  const { provider } = query;
  const stations = query.stations.filter((station) =>
    query.parameters.some((parameter) => !blind(audience.sees({ station, parameter, provider }))),
  );
  if (stations.length === 0) return [];
  const interval = intervals(query.averaging, timeZone);
  const endOf: EndOf = (keyS) => interval(keyS).endS;
  const seen: SeriesColumns[] = [];
  for (const columns of await store.series({ ...query, stations })) {
    if (blind(audience.sees(columns.key))) continue;
    const part = await seenSeries(store, audience, query, { columns, endOf });
    if (part !== null) seen.push(part);
  }
  return seen;
}

/** How many rows back a newest row that may be shown is looked for at a time. */
const lookBackRows = 1000;

type LatestQuery = Parameters<Readable['latest']>[0];

async function latestFor(
  store: Readable,
  audience: Audience,
  timeZone: string,
  query: LatestQuery,
): Promise<LatestRow[]> {
  const interval = intervals(query.averaging, timeZone);
  const rows: LatestRow[] = [];
  for (const row of await store.latest(query)) {
    const sight = audience.sees(row.key);
    if (blind(sight)) continue;
    if (audience.seesRow(sight, row.flags, interval(row.timeS).endS)) rows.push(row);
    else {
      const older = await newestSeen(store, audience, {
        row,
        query,
        sight,
        endOf: (at) => interval(at).endS,
      });
      if (older !== null) rows.push(older);
    }
  }
  return rows;
}

/** The newest row before one that may not be shown yet. Its entry is asked of the point's own history. */
async function newestSeen(
  store: Readable,
  audience: Audience,
  of: { row: LatestRow; query: LatestQuery; sight: Sight; endOf: EndOf },
): Promise<LatestRow | null> {
  const { row, query, sight, endOf } = of;
  const { station, parameter, averaging, provider } = row.key;
  const asOf = query.asOfSeq === undefined ? {} : { asOfSeq: query.asOfSeq };
  const window = { stations: [station], parameters: [parameter], averaging, provider, ...asOf };
  let newest: { timeS: EpochS; value: number; flags: number } | null = null;
  for (let fromS = query.sinceS; ;) {
    const page = { ...window, fromS, toS: row.timeS, limitPerSeries: lookBackRows };
    const [columns] = await store.series(page);
    if (columns === undefined) break;
    const seen = seenRows(columns, audience, sight, endOf);
    const last = seen.timeS.length - 1;
    if (last >= 0)
      newest = { timeS: seen.timeS[last] ?? 0, value: seen.value[last] ?? NaN, flags: seen.flags[last] ?? 0 };
    if (columns.timeS.length < lookBackRows) break;
    fromS = (columns.timeS.at(-1) ?? row.timeS) + 1;
  }
  if (newest === null) return null;
  const versions = await store.past({ ...row.key, timeS: newest.timeS });
  const seq = versions.find((version) => version.seqEnd === null)?.seq ?? versions.at(-1)?.seq ?? row.seq;
  return { key: row.key, ...newest, value: Number.isNaN(newest.value) ? null : newest.value, seq };
}

/** Sums hide which rows they hold, so they are given only where every row of every series may be seen at once. */
function requireAll(
  audience: Audience,
  of: { stations: readonly string[]; parameters: readonly { id: string }[]; provider: string },
): void {
  const { provider } = of;
  for (const station of of.stations) {
    for (const { id: parameter } of of.parameters) {
      const sight = audience.sees({ station, parameter, provider });
      if (sight.raw === 0 && sight.reviewed === 0) continue;
      throw new MonitorError(
        'E_FORBIDDEN',
        `sums over ${station} ${parameter} would show what this key may not see`,
        { details: { reason: 'NOT_A_PARTY', station, parameter, provider } },
      );
    }
  }
}

/** The readings as one audience sees them: the one place where rows are held back, for every door. */
export function sharedReadings(store: Readable, audience: Audience, timeZone: string): Readable {
  return {
    kind: store.kind,
    ...(store.place === undefined ? {} : { place: store.place }),
    position: () => store.position(),
    series: (query) => seriesFor(store, audience, timeZone, query),
    latest: (query) => latestFor(store, audience, timeZone, query),
    async sums(query) {
      requireAll(audience, { ...query, stations: query.groups.flatMap((group) => group.stations) });
      return store.sums(query);
    },
    async tallies(query) {
      requireAll(audience, query);
      return store.tallies(query);
    },
    changesSince: (cursor, limit) => sharedChanges(store, audience, timeZone, { cursor, limit }),
    async written(fromSeq, throughSeq) {
      if (store.written === undefined)
        throw new MonitorError(
          'E_STORE_UNSUPPORTED',
          `a ${store.kind} store does not tell what an entry wrote`,
        );
      const seen = new Map<number, ReadingBatch>();
      for (const [seq, batch] of await store.written(fromSeq, throughSeq)) {
        const builder = new BatchBuilder(batch.provider);
        builder.addFrom(batch, seenRowsOf(batch, audience, timeZone));
        seen.set(seq, builder.build());
      }
      return seen;
    },
    async past(point) {
      const sight = audience.sees(point);
      if (blind(sight)) return [];
      const { endS } = intervals(point.averaging, timeZone)(point.timeS);
      const versions = await store.past(point);
      return versions.filter((version) => audience.seesRow(sight, version.flags, endS));
    },
  };
}
