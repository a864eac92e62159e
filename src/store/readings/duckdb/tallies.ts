import { evenRuns, type EvenRun } from '../../../analysis/statistics/civil-periods.ts';
import type { TalliesQuery, TallyColumns } from '../../../domain/ports.ts';
import { amountsOf, emptyRows, planTallies, tallyColumns, withRoom, type TallyPlan } from '../tallies.ts';
import type { Catalogue } from './catalogue.ts';
import { readNumbers } from './columns.ts';
import type { Database } from './database.ts';
import { whole } from './read.ts';
import { seriesSql, wholeSum } from './sums.ts';

/** One scan: grouped by flags as well, so that the engine need not look into them. Sums are proven as those of `readSums` are. */
export async function readTallies(
  database: Database,
  catalogue: Catalogue,
  query: TalliesQuery,
): Promise<TallyColumns[]> {
  const plan = planTallies(query);
  const wanted = new Map<number, { series: number; decimals: number }>();
  for (const [at, station] of [...new Set(query.stations)].entries()) {
    for (const [index, { id: parameter, decimals }] of query.parameters.entries()) {
      const id = catalogue.find(station, parameter, query.averaging, query.provider);
      if (id !== undefined) wanted.set(id, { series: at * query.parameters.length + index, decimals });
    }
  }
  if (wanted.size === 0) return [];
  let rows = emptyRows(4096);
  for (const run of evenRuns(plan.days)) {
    const sql = tallySql(plan, run, [...wanted.keys()]);
    await database.read((connection) =>
      readNumbers(
        connection,
        sql,
        ['integer', 'integer', 'flags', 'integer', 'integer', 'double', 'double'],
        ([id, day, flags, readings, values, sum, min], count) => {
          rows = withRoom(rows, count);
          for (let row = 0; row < count; row++) {
            const known = wanted.get(id[row]!);
            if (known === undefined) continue;
            const at = rows.length++;
            rows.series[at] = known.series;
            rows.day[at] = day[row]!;
            rows.flags[at] = flags[row]!;
            rows.readings[at] = readings[row]!;
            rows.values[at] = values[row]!;
            const amounts = amountsOf(sum[row]!, values[row]!, min[row]!);
            rows.scaledSum[at] =
              values[row] === 0 ? 0 : (wholeSum(sum[row]!, amounts, known.decimals) ?? Number.NaN);
          }
        },
      ),
    );
  }
  return tallyColumns(plan, rows);
}

function tallySql({ query }: TallyPlan, run: EvenRun, ids: readonly number[]): string {
  const from = Math.max(query.fromS, run.beginS);
  const to = Math.min(query.toS, run.beginS + run.count * run.lengthS);
  const window = `${seriesSql(ids)} AND time_s >= ${whole(from)} AND time_s < ${whole(to)}`;
  const columns = 'series_id, time_s, flags, value';
  const seq = query.asOfSeq === undefined ? null : whole(query.asOfSeq);
  const rows =
    seq === null
      ? `SELECT ${columns} FROM reading WHERE ${window}`
      : `SELECT ${columns} FROM reading WHERE ${window} AND seq <= ${seq}
         UNION ALL SELECT ${columns} FROM past WHERE ${window} AND seq <= ${seq} AND seq_end > ${seq}`;
  const day = `(${run.first} + (time_s - ${whole(run.beginS)}) // ${whole(run.lengthS)})::INTEGER AS day`;
  return `SELECT series_id, ${day}, flags, count(*)::INTEGER, count(value)::INTEGER, fsum(value), min(value)
    FROM (${rows}) GROUP BY series_id, day, flags`;
}
