import type { SeriesColumns, SeriesEntries, SumColumns, SumsQuery } from '../../../domain/ports.ts';
import { passes, planSums, SumTable } from '../sums.ts';

const nameOf = ({ key }: SeriesColumns): string => `${key.station}\n${key.parameter}`;

/** Two lists of columns as one, in the order of the query; where both have a time, the store's row counts. */
export function mergeSeries(
  query: { stations: readonly string[]; parameters: readonly string[]; limitPerSeries?: number },
  stored: readonly SeriesColumns[],
  archived: readonly SeriesColumns[],
): SeriesColumns[] {
  const bySeries = Map.groupBy([...stored, ...archived], nameOf);
  return query.stations.flatMap((station) =>
    query.parameters.flatMap((parameter) => {
      const [first, second] = bySeries.get(`${station}\n${parameter}`) ?? [];
      if (first === undefined) return [];
      const merged = second === undefined ? first : mergeColumns(first, second);
      const most = query.limitPerSeries ?? Infinity;
      if (merged.timeS.length <= most) return [merged];
      const { key, timeS, value, flags } = merged;
      return [{ key, timeS: timeS.slice(0, most), value: value.slice(0, most), flags: flags.slice(0, most) }];
    }),
  );
}

function mergeColumns(stored: SeriesColumns, archived: SeriesColumns): SeriesColumns {
  const rows: [SeriesColumns, number][] = [];
  const held = new Set(stored.timeS);
  stored.timeS.forEach((_, row) => rows.push([stored, row]));
  archived.timeS.forEach((timeS, row) => {
    if (!held.has(timeS)) rows.push([archived, row]);
  });
  rows.sort(([a, at], [b, bt]) => a.timeS[at]! - b.timeS[bt]!);
  return {
    key: stored.key,
    timeS: Float64Array.from(rows, ([columns, row]) => columns.timeS[row]!),
    value: Float64Array.from(rows, ([columns, row]) => columns.value[row]!),
    flags: Uint16Array.from(rows, ([columns, row]) => columns.flags[row]!),
  };
}

/** As {@link mergeSeries}, of the entries of one station. */
export function mergeEntries(
  parameters: readonly string[],
  stored: readonly SeriesEntries[],
  archived: readonly SeriesEntries[],
): SeriesEntries[] {
  return parameters.flatMap((parameter) => {
    const own = [...archived, ...stored].filter(({ key }) => key.parameter === parameter);
    const [first] = own;
    if (first === undefined) return [];
    if (own.length === 1) return [first];
    const seqAt = new Map(
      own.flatMap(({ timeS, seq }) => [...timeS].map((at, row) => [at, seq[row]!] as const)),
    );
    const timeS = Float64Array.from(seqAt.keys()).sort();
    return [{ key: first.key, timeS, seq: timeS.map((at) => seqAt.get(at)!) }];
  });
}

/** Sums of archived readings, in the cells of the query. */
export function sumsOf(query: SumsQuery, archived: readonly SeriesColumns[]): SumColumns[] {
  const plan = planSums(query);
  const table = new SumTable(plan);
  const at = new Map(query.parameters.map(({ id, decimals }, index) => [id, { index, decimals }]));
  const { beginS, endS } = plan.periods;
  for (const { key, timeS, value, flags } of archived) {
    const parameter = at.get(key.parameter);
    const groups = plan.groupsOf.get(key.station) ?? [];
    if (parameter === undefined) continue;
    let period = 0;
    for (let row = 0; row < timeS.length; row++) {
      while (period < endS.length && endS[period]! <= timeS[row]!) period += 1;
      if (period >= beginS.length || Number.isNaN(value[row])) continue;
      const counts = passes(plan.filter, flags[row]!);
      const part = {
        observed: 1,
        valid: counts ? 1 : 0,
        scaledSum: counts ? Math.round(value[row]! * 10 ** parameter.decimals) : 0,
        min: value[row]!,
        max: value[row]!,
      };
      for (const group of groups) table.add(group * query.parameters.length + parameter.index, period, part);
    }
  }
  return table.columns();
}

/** Cell by cell; what is due is the same in both. */
export function addSums(
  query: SumsQuery,
  stored: readonly SumColumns[],
  archived: readonly SumColumns[],
): SumColumns[] {
  return stored.map((one, at) => {
    const other = archived[at]!;
    const decimals = query.parameters[at % query.parameters.length]!.decimals;
    const scale = 10 ** decimals;
    const total = (a: number, b: number): number => {
      if (Number.isNaN(a)) return b;
      return Number.isNaN(b) ? a : (Math.round(a * scale) + Math.round(b * scale)) / scale;
    };
    const least = (a: number, b: number): number =>
      Number.isNaN(a) ? b : Number.isNaN(b) ? a : Math.min(a, b);
    const most = (a: number, b: number): number =>
      Number.isNaN(a) ? b : Number.isNaN(b) ? a : Math.max(a, b);
    const valid = one.valid.map((count, cell) => count + other.valid[cell]!);
    return {
      ...one,
      observed: one.observed.map((count, cell) => count + other.observed[cell]!),
      valid,
      share: valid.map((count, cell) => (one.expected[cell]! > 0 ? count / one.expected[cell]! : Number.NaN)),
      sum: one.sum.map((sum, cell) => total(sum, other.sum[cell]!)),
      min: one.min.map((value, cell) => least(value, other.min[cell]!)),
      max: one.max.map((value, cell) => most(value, other.max[cell]!)),
      exact: one.exact.map((exact, cell) => exact & other.exact[cell]!),
    };
  });
}
