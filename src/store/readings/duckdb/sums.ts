import { evenRuns, type EvenRun } from '../../../analysis/statistics/civil-periods.ts';
import type { SumColumns, SumsQuery } from '../../../domain/ports.ts';
import { planSums, SumTable, type FlagFilter, type SumPlan } from '../sums.ts';
import type { Catalogue } from './catalogue.ts';
import { numberAt, readColumns } from './columns.ts';
import type { Database } from './database.ts';
import { whole } from './read.ts';

/**
 * Each value is scaled to a whole number before it is added: such sums are exact in any order and on any number of threads. The
 * periods are the same for every engine, counted by division within runs of equal length, which the engine's own calendar
 * functions are ten times slower at.
 */
export async function readSums(
  database: Database,
  catalogue: Catalogue,
  query: SumsQuery,
): Promise<SumColumns[]> {
  const plan = planSums(query);
  const table = new SumTable(plan);
  const wanted = wantedSql(catalogue, plan);
  if (wanted !== null) {
    await database.read(async (connection) => {
      for (const run of evenRuns(plan.periods)) {
        await readColumns(connection, runSql(plan, run, wanted), (columns, rows) => {
          const number = (column: number, row: number): number => numberAt(columns[column], row);
          for (let row = 0; row < rows; row++) {
            table.add(number(0, row), number(1, row), {
              observed: number(2, row),
              valid: number(3, row),
              scaledSum: number(4, row),
              min: number(5, row),
              max: number(6, row),
            });
          }
        });
      }
    });
  }
  return table.columns();
}

/** Series ids with the series of the answer they count in, and the power of ten of their decimals; null for none. */
function wantedSql(catalogue: Catalogue, { query, groupsOf }: SumPlan): string | null {
  const rows: string[] = [];
  for (const [station, groups] of groupsOf) {
    for (const [at, { id: parameter, decimals }] of query.parameters.entries()) {
      const id = catalogue.find(station, parameter, query.averaging, query.provider);
      if (id === undefined) continue;
      for (const group of groups)
        rows.push(`(${id},${group * query.parameters.length + at},1e${decimals}::DOUBLE)`);
    }
  }
  return rows.length === 0 ? null : `(VALUES ${rows.join(',')}) AS w(series_id, cell, scale)`;
}

function runSql({ query, filter }: SumPlan, run: EvenRun, wanted: string): string {
  const from = Math.max(query.fromS, run.beginS);
  const to = Math.min(query.toS, run.beginS + run.count * run.lengthS);
  const window = `time_s >= ${whole(from)} AND time_s < ${whole(to)} AND value IS NOT NULL`;
  const columns = 'series_id, time_s, value, flags';
  const seq = query.asOfSeq === undefined ? null : whole(query.asOfSeq);
  const rows =
    seq === null
      ? `SELECT ${columns} FROM reading WHERE ${window}`
      : `SELECT ${columns} FROM reading WHERE ${window} AND seq <= ${seq}
         UNION ALL SELECT ${columns} FROM past WHERE ${window} AND seq <= ${seq} AND seq_end > ${seq}`;
  const period =
    run.count === 1 ? `${run.first}` : `${run.first} + (time_s - ${run.beginS}) // ${run.lengthS}`;
  return `SELECT cell, (${period})::INTEGER AS period, count(*)::DOUBLE, count(v)::DOUBLE, sum(round(v * scale)), min(v), max(v)
    FROM (SELECT cell, scale, time_s, CASE WHEN ${passesSql(filter)} THEN value END AS v FROM (${rows}) r JOIN ${wanted} USING (series_id))
    GROUP BY ALL`;
}

function passesSql(filter: FlagFilter): string {
  const validities =
    filter.validities.size === 0 ? 'false' : `(flags & 3) IN (${[...filter.validities].join(',')})`;
  return `${validities} AND ((flags >> 2) & 7) >= ${whole(filter.leastStage)} AND (flags & ${filter.without}) = 0`;
}
