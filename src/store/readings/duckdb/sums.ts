import { evenRuns, type EvenRun } from '../../../analysis/statistics/civil-periods.ts';
import { validity } from '../../../domain/flags.ts';
import type { SumColumns, SumsQuery } from '../../../domain/ports.ts';
import { planSums, SumTable, type FlagFilter, type PartialSum, type SumPlan } from '../sums.ts';
import type { Catalogue } from './catalogue.ts';
import { numberAt, readColumns } from './columns.ts';
import type { Database } from './database.ts';
import { whole } from './read.ts';

/** A series of the store, and the series of the answer (group × parameters + parameter) it counts in. */
interface Wanted {
  decimals: number;
  answers: number[];
}

/**
 * Readings are added with compensation and the sum is taken to the nearest whole number at the parameter's decimals: off by less
 * than {@link drift} of all that was added, that is the exact sum. A series where it is not that near (readings with more
 * decimals than the parameter's, or too large) is asked for again with each reading rounded before it is added, which is exact in
 * any order, and a pass over every reading more. The periods are the same for every engine, counted by division within runs of
 * equal length.
 */
export async function readSums(
  database: Database,
  catalogue: Catalogue,
  query: SumsQuery,
): Promise<SumColumns[]> {
  const plan = planSums(query);
  const table = new SumTable(plan);
  const wanted = wantedSeries(catalogue, plan);
  if (wanted.size > 0) {
    for (const run of evenRuns(plan.periods)) {
      const unproven = await addRun(database, plan, table, run, wanted, null);
      for (const [decimals, rest] of Map.groupBy(unproven, ([, { decimals }]) => decimals))
        await addRun(database, plan, table, run, new Map(rest), decimals);
    }
  }
  return table.columns();
}

function wantedSeries(catalogue: Catalogue, { query, groupsOf }: SumPlan): Map<number, Wanted> {
  const wanted = new Map<number, Wanted>();
  for (const [station, groups] of groupsOf) {
    for (const [at, { id: parameter, decimals }] of query.parameters.entries()) {
      const id = catalogue.find(station, parameter, query.averaging, query.provider);
      if (id === undefined) continue;
      const answers = groups.map((group) => group * query.parameters.length + at);
      const before = wanted.get(id);
      wanted.set(id, { decimals, answers: [...(before?.answers ?? []), ...answers] });
    }
  }
  return wanted;
}

/**
 * Share of the sum of all amounts by which a compensated sum of decimals can be off: a few units of 2^-53 for the decimals as
 * doubles, for the compensation, for putting together what each thread added, and for scaling; with room to spare.
 */
const drift = 2 ** -46;

/**
 * The sum of readings at these decimals, as a whole number of the last one; null where `sum` does not prove it. `amounts`: no less than
 * the sum of the amounts of all readings.
 */
export function wholeSum(sum: number, amounts: number, decimals: number): number | null {
  const scale = 10 ** decimals;
  const slack = amounts * scale * drift;
  const nearest = Math.round(sum * scale);
  return slack < 0.125 && Math.abs(sum * scale - nearest) <= slack ? nearest : null;
}

/** Adds one run, each reading rounded at `rounding` first unless that is null; returns the series that were not added then. */
async function addRun(
  database: Database,
  plan: SumPlan,
  table: SumTable,
  run: EvenRun,
  wanted: ReadonlyMap<number, Wanted>,
  rounding: number | null,
): Promise<[number, Wanted][]> {
  const unproven = new Map<number, Wanted>();
  const sql = runSql(plan, run, wanted, rounding);
  const rows: { id: number; period: number; part: PartialSum }[] = [];
  await database.read((connection) =>
    readColumns(connection, sql, ([id, period, observed, valid, sum, min, max], count) => {
      for (let row = 0; row < count; row++) {
        const series = wanted.get(numberAt(id, row));
        if (series === undefined) continue;
        const part: PartialSum = {
          observed: numberAt(observed, row),
          valid: numberAt(valid, row),
          scaledSum: numberAt(sum, row),
          min: numberAt(min, row),
          max: numberAt(max, row),
        };
        if (rounding === null) {
          const amounts = part.valid * Math.max(Math.abs(part.min), Math.abs(part.max));
          const whole = part.valid === 0 ? 0 : wholeSum(part.scaledSum, amounts, series.decimals);
          if (whole === null) unproven.set(numberAt(id, row), series);
          else part.scaledSum = whole;
        }
        rows.push({ id: numberAt(id, row), period: numberAt(period, row), part });
      }
    }),
  );
  for (const { id, period, part } of rows) {
    if (unproven.has(id)) continue;
    for (const answer of wanted.get(id)?.answers ?? []) table.add(answer, period, part);
  }
  return [...unproven];
}

function runSql(
  { query, filter }: SumPlan,
  run: EvenRun,
  wanted: ReadonlyMap<number, Wanted>,
  rounding: number | null,
): string {
  const from = Math.max(query.fromS, run.beginS);
  const to = Math.min(query.toS, run.beginS + run.count * run.lengthS);
  const window = `${seriesSql([...wanted.keys()])} AND time_s >= ${whole(from)} AND time_s < ${whole(to)} AND value IS NOT NULL`;
  const seq = query.asOfSeq === undefined ? null : whole(query.asOfSeq);
  const columns = `series_id, time_s, value, CASE WHEN ${passesSql(filter)} THEN value END AS v`;
  const rows =
    seq === null
      ? `SELECT ${columns} FROM reading WHERE ${window}`
      : `SELECT ${columns} FROM reading WHERE ${window} AND seq <= ${seq}
         UNION ALL SELECT ${columns} FROM past WHERE ${window} AND seq <= ${seq} AND seq_end > ${seq}`;
  const period =
    run.count === 1
      ? `${run.first}`
      : `(${run.first} + (time_s - ${whole(run.beginS)}) // ${whole(run.lengthS)})::INTEGER`;
  const sum = rounding === null ? 'fsum(v)' : `sum(round(v * 1e${rounding}))`;
  return `SELECT series_id, ${period} AS period, count(*)::DOUBLE, count(v)::DOUBLE, ${sum}, min(v), max(v)
    FROM (${rows}) GROUP BY ${run.count === 1 ? 'series_id' : 'series_id, period'}`;
}

/** A range where most of its series are wanted: the others are passed over when they come. */
export function seriesSql(ids: readonly number[]): string {
  let [least, most] = [Infinity, -Infinity];
  for (const id of ids) {
    least = Math.min(least, id);
    most = Math.max(most, id);
  }
  const range = `series_id BETWEEN ${least} AND ${most}`;
  return ids.length * 2 > most - least ? range : `${range} AND series_id IN (${ids.join(',')})`;
}

/** One comparison for the usual filter, valid readings of any stage: it runs over every row. */
function passesSql({ validities, leastStage, without }: FlagFilter): string {
  if (validities.size === 0) return 'false';
  if (validities.size === 1 && validities.has(validity.valid) && leastStage <= 0)
    return `(flags & ${3 | without}) = 0`;
  return `(flags & 3) IN (${[...validities].join(',')}) AND ((flags >> 2) & 7) >= ${whole(leastStage)} AND (flags & ${without}) = 0`;
}
