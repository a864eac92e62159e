import { MonitorError } from '../domain/errors.ts';
import type { Journal, ReadingStore, SeriesColumns } from '../domain/ports.ts';
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

/** Passes reads through and keeps what came back. */
export function recording(readings: Readings): { readings: Readings; seen: SeriesColumns[] } {
  const seen: SeriesColumns[] = [];
  return {
    seen,
    readings: {
      async series(query) {
        const columns = await readings.series(query);
        seen.push(...columns);
        return columns;
      },
    },
  };
}

/** The `series` port over frozen readings: what was not frozen was not there. */
export function frozenReadings(inputs: FrozenInputs): Readings {
  return {
    series(query) {
      const found = inputs.series.filter(
        (one) =>
          query.stations.includes(one.station) &&
          query.parameters.includes(one.parameter) &&
          one.averaging === query.averaging &&
          one.provider === query.provider,
      );
      return Promise.resolve(
        found.map((one) => {
          const at = [...one.timeS.keys()].filter((index) => {
            const time = one.timeS[index] ?? Number.NaN;
            return time >= query.fromS && time < query.toS;
          });
          return {
            key: {
              station: one.station,
              parameter: one.parameter,
              averaging: query.averaging,
              provider: one.provider,
            },
            timeS: Float64Array.from(at, (index) => one.timeS[index] ?? Number.NaN),
            value: Float64Array.from(at, (index) => one.value[index] ?? Number.NaN),
            flags: Uint16Array.from(at, (index) => one.flags[index] ?? 0),
          };
        }),
      );
    },
  };
}

async function seqsOf(
  { key, timeS }: SeriesColumns,
  readings: Pick<ReadingStore, 'entries'>,
  asOfSeq: number,
): Promise<number[]> {
  const [fromS, lastS] = [timeS[0], timeS.at(-1)];
  if (fromS === undefined || lastS === undefined) return [];
  const { station, parameter, averaging, provider } = key;
  const window = { station, parameters: [parameter], averaging, provider, fromS, toS: lastS + 1, asOfSeq };
  const [found] = await readings.entries(window);
  const seqAt = new Map([...(found?.timeS ?? [])].map((at, row) => [at, found?.seq[row] ?? 0]));
  return [...timeS].map((at) => {
    const seq = seqAt.get(at);
    if (seq !== undefined) return seq;
    const message = `the reading of ${station} ${parameter} at ${at} has no version as of entry ${asOfSeq}`;
    throw new MonitorError('E_CONFLICT', message);
  });
}

/** Readings and circumstances, each with its journal entries, and the entries with their hashes; null: without either. */
export async function freeze(
  seen: readonly SeriesColumns[],
  circumstances: readonly KnownCircumstance[],
  from: { readings: Pick<ReadingStore, 'entries'>; journal: Pick<Journal, 'get'>; asOfSeq: number } | null,
): Promise<FrozenInputs> {
  const series: FrozenSeries[] = [];
  for (const columns of seen) {
    const { station, parameter, averaging, provider } = columns.key;
    series.push({
      station,
      parameter,
      averaging: averaging satisfies AveragingId,
      provider,
      timeS: [...columns.timeS],
      value: [...columns.value].map((value) => (Number.isNaN(value) ? null : value)),
      flags: [...columns.flags],
      seq: from === null ? [] : await seqsOf(columns, from.readings, from.asOfSeq),
    });
  }
  const acts = circumstances.flatMap((one) => one.acts);
  const seqs = [...new Set([...series.flatMap((one) => one.seq), ...acts])].sort((a, b) => a - b);
  const entries: FrozenEntry[] = [];
  const decided = circumstances.length === 0 ? {} : { circumstances: [...circumstances] };
  if (from === null) return { series, entries, ...decided };
  for (const seq of seqs) {
    const { sha256, previous, hash, receivedS, meta } = await from.journal.get(seq);
    entries.push({ seq, sha256, previous, hash, receivedS, source: meta.source ?? null });
  }
  return { series, entries, ...decided };
}
