import { MonitorError } from '../domain/errors.ts';
import type { Journal, ReadingStore, SeriesColumns, SeriesEntries, SeriesQuery } from '../domain/ports.ts';
import type { AveragingId } from '../domain/time.ts';
import type { KnownCircumstance } from './circumstances.ts';

/** The readings of one series as they were known, in columns. `value` null: a stored "no value". */
export type FrozenSeries = {
  station: string;
  parameter: string;
  averaging: string;
  provider: string;
  timeS: number[];
  value: (number | null)[];
  flags: number[];
  /** Journal entry of each reading. */
  seq: number[];
};

/** A journal entry that readings came from; its bytes are in the journal, its hashes here. */
export type FrozenEntry = {
  seq: number;
  sha256: string;
  previous: string;
  hash: string;
  receivedS: number;
  source: string | null;
};

/** Everything a statement was computed from. `circumstances`: those that reach into its period, as they stood; absent without any. */
export type FrozenInputs = {
  series: FrozenSeries[];
  entries: FrozenEntry[];
  circumstances?: KnownCircumstance[];
};

type Readings = Pick<ReadingStore, 'series'>;

/** Passes reads through and keeps what came back, each series once. */
export function recording(readings: Readings, seen: SeriesColumns[]): Readings {
  const known = new Set<string>();
  return {
    async series(query) {
      const columns = await readings.series(query);
      const key = JSON.stringify(query);
      if (!known.has(key)) seen.push(...columns);
      known.add(key);
      return columns;
    },
  };
}

/** The `series` port over frozen readings: what was not frozen was not there. */
export function frozenReadings(inputs: FrozenInputs): Readings {
  const byStation = Map.groupBy(inputs.series, (one) => one.station);
  return {
    series(query) {
      const found = query.stations
        .flatMap((station) => byStation.get(station) ?? [])
        .filter(
          (one) =>
            query.parameters.includes(one.parameter) &&
            one.averaging === query.averaging &&
            one.provider === query.provider,
        );
      return Promise.resolve(found.map((one) => frozenColumns(one, query)));
    },
  };
}

function frozenColumns(one: FrozenSeries, { fromS, toS, averaging }: SeriesQuery): SeriesColumns {
  const { station, parameter, provider } = one;
  const at = [...one.timeS.keys()].filter((row) => one.timeS[row]! >= fromS && one.timeS[row]! < toS);
  return {
    key: { station, parameter, averaging, provider },
    timeS: Float64Array.from(at, (row) => one.timeS[row]!),
    value: Float64Array.from(at, (row) => one.value[row] ?? Number.NaN),
    flags: Uint16Array.from(at, (row) => one.flags[row] ?? 0),
  };
}

/** The entry of each reading, by series in their order; asked for by station, whose series share a window. */
async function seqsOf(
  seen: readonly SeriesColumns[],
  readings: Pick<ReadingStore, 'entries'>,
  asOfSeq: number,
): Promise<number[][]> {
  const seqs = new Map<SeriesColumns, number[]>();
  const placeOf = ({ station, averaging, provider }: SeriesColumns['key']): string =>
    JSON.stringify([station, averaging, provider]);
  for (const [, group] of Map.groupBy(seen, ({ key }) => placeOf(key))) {
    const { station, averaging, provider } = group[0]!.key;
    const times = group.filter(({ timeS }) => timeS.length > 0);
    const fromS = Math.min(...times.map(({ timeS }) => timeS[0]!));
    const toS = Math.max(...times.map(({ timeS }) => timeS.at(-1)!)) + 1;
    const parameters = [...new Set(times.map(({ key }) => key.parameter))];
    const window = { station, parameters, averaging, provider, fromS, toS, asOfSeq };
    const found = times.length === 0 ? [] : await readings.entries(window);
    for (const columns of group)
      seqs.set(
        columns,
        seqsIn(
          columns,
          found.find(({ key }) => key.parameter === columns.key.parameter),
          asOfSeq,
        ),
      );
  }
  return seen.map((one) => seqs.get(one)!);
}

/** Both are in order of time. Throws E_CONFLICT for a reading that no entry gave. */
function seqsIn(
  { key, timeS }: SeriesColumns,
  entries: SeriesEntries | undefined,
  asOfSeq: number,
): number[] {
  let row = 0;
  return Array.from(timeS, (at) => {
    while (entries !== undefined && entries.timeS[row]! < at) row += 1;
    if (entries?.timeS[row] === at) return entries.seq[row]!;
    const message = `the reading of ${key.station} ${key.parameter} at ${at} has no version as of entry ${asOfSeq}`;
    throw new MonitorError('E_CONFLICT', message);
  });
}

/** Readings and circumstances, each with its journal entries, and the entries with their hashes. */
export async function freeze(
  seen: readonly SeriesColumns[],
  circumstances: readonly KnownCircumstance[],
  from: { readings: Pick<ReadingStore, 'entries'>; journal: Pick<Journal, 'get'>; asOfSeq: number },
): Promise<FrozenInputs> {
  const series: FrozenSeries[] = [];
  const seqsBySeries = await seqsOf(seen, from.readings, from.asOfSeq);
  for (const [nth, columns] of seen.entries()) {
    const { station, parameter, averaging, provider } = columns.key;
    series.push({
      station,
      parameter,
      averaging: averaging satisfies AveragingId,
      provider,
      timeS: [...columns.timeS],
      value: [...columns.value].map((value) => (Number.isNaN(value) ? null : value)),
      flags: [...columns.flags],
      seq: seqsBySeries[nth] ?? [],
    });
  }
  const acts = circumstances.flatMap((one) => one.acts);
  const seqs = [...new Set([...series.flatMap((one) => one.seq), ...acts])].sort((a, b) => a - b);
  const entries: FrozenEntry[] = [];
  const decided = circumstances.length === 0 ? {} : { circumstances: [...circumstances] };
  for (const seq of seqs) {
    const { sha256, previous, hash, receivedS, meta } = await from.journal.get(seq);
    entries.push({ seq, sha256, previous, hash, receivedS, source: meta.source ?? null });
  }
  return { series, entries, ...decided };
}
