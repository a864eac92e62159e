import pLimit from 'p-limit';
import { evenRuns, type EvenRun } from '../../../analysis/statistics/civil-periods.ts';
import type { TalliesQuery, TallyColumns } from '../../../domain/ports.ts';
import {
  amountsOf,
  emptyRows,
  planTallies,
  rowsOfReadings,
  tallyColumns,
  withRoom,
  type TallyPlan,
  type TallyRows,
} from '../tallies.ts';
import type { AnswerTable, InfluxClient } from './client.ts';
import { whole } from './lookup.ts';
import { measurements, saidBy } from './points.ts';
import { readSeries, slices } from './series.ts';
import { drift } from './sums.ts';
import { askWindow, shortRuns, stationsPerSum, type Rest, type Window } from './windows.ts';
import { readPosition } from './writer-state.ts';

/** The server works a query on one core. */
const queriesAtOnce = 2;

/**
 * The server sums by civil day. It cannot group by a field, so the flags that occur are asked for first, then the sums under each of
 * them; what is left of the sums of all, in whole numbers, is that of readings without a flag. A value that stands under a flag which
 * says "no value" or "no reading" is an older one that cannot be taken away: it is subtracted and not told.
 */
export async function readTallies(client: InfluxClient, query: TalliesQuery): Promise<TallyColumns[]> {
  const plan = planTallies(query);
  if (query.parameters.length === 0 || query.stations.length === 0 || !(query.fromS < query.toS)) return [];
  if (query.asOfSeq === undefined)
    return tallyColumns(plan, await tallied(client, plan, [measurements.reading]));
  const { seq } = await readPosition(client);
  const rows = await tallied(client, plan, [measurements.reading, measurements.past]);
  if (!(await underWay(client, plan, seq))) return tallyColumns(plan, rows);
  const parameters = query.parameters.map(({ id }) => id);
  return tallyColumns(plan, rowsOfReadings(plan, await readSeries(client, { ...query, parameters })));
}

type Measurement = typeof measurements.reading | typeof measurements.past;

interface Slice {
  client: InfluxClient;
  plan: TallyPlan;
  measurement: Measurement;
  /** Station to its index in the plan. */
  stations: ReadonlyMap<string, number>;
  rows: { all: TallyRows };
}

function slicesOf(
  client: InfluxClient,
  plan: TallyPlan,
  measurement: Measurement,
  rows: Slice['rows'],
): Slice[] {
  const numbered = [...new Set(plan.query.stations)].map((station, at) => [station, at] as const);
  return slices(numbered, stationsPerSum).map((part) => ({
    client,
    plan,
    measurement,
    rows,
    stations: new Map(part),
  }));
}

async function tallied(
  client: InfluxClient,
  plan: TallyPlan,
  asked: readonly Measurement[],
): Promise<TallyRows> {
  const rows = { all: emptyRows(4096) };
  const atOnce = pLimit(queriesAtOnce);
  const parts = asked.flatMap((measurement) => slicesOf(client, plan, measurement, rows));
  await Promise.all(parts.map((slice) => atOnce(() => addSlice(slice))));
  return rows.all;
}

/** Whether an entry after `seq` has put points of the window into the past: for a moment they stand in both places. */
async function underWay(client: InfluxClient, plan: TallyPlan, seq: number): Promise<boolean> {
  const rows = { all: emptyRows(0) };
  for (const slice of slicesOf(client, plan, measurements.past, rows)) {
    const condition = `AND seq_end > ${whole(seq)}`;
    if ((await ask(slice, 'count(seq_end)', plan.query, { condition })).length > 0) return true;
  }
  return false;
}

function ask(
  { client, plan, measurement, stations }: Slice,
  columns: string,
  window: Window,
  rest: Rest = {},
): Promise<AnswerTable[]> {
  const of = { ...plan.query, measurement, stations: [...stations.keys()] };
  return askWindow(client, of, columns, window, rest);
}

async function addSlice(slice: Slice): Promise<void> {
  const { query, days } = slice.plan;
  const flagged = await flagsIn(slice);
  const stations = slice.stations.size;
  for (const run of evenRuns(days)) {
    for (const piece of shortRuns(run, { series: stations * query.parameters.length, numbersPerCell: 3 }))
      await addRun(slice, piece, query.parameters.keys(), null);
    for (const [at, bits] of flagged)
      for (const piece of shortRuns(run, { series: stations, numbersPerCell: 4 }))
        await addRun(slice, piece, [at], bits);
  }
}

/** Parameters, by index, and the flag fields that stand beside their values. */
async function flagsIn(slice: Slice): Promise<[number, number][]> {
  const { parameters } = slice.plan.query;
  const counts = parameters.map(({ id }) => `count("${id}__f")`).join(', ');
  const some = new Set<number>();
  for (const { values } of await ask(slice, counts, slice.plan.query))
    for (const row of values)
      for (const at of parameters.keys())
        if (typeof row[at + 1] === 'number' && row[at + 1] !== 0) some.add(at);
  const found: [number, number][] = [];
  for (const at of some) {
    const tables = await ask(slice, `distinct("${parameters[at]!.id}__f")`, slice.plan.query);
    const bits = new Set(tables.flatMap(({ values }) => values.map((row) => Number(row[1]))));
    for (const one of bits) found.push([at, one]);
  }
  return found;
}

/** Sums by day of all values of some parameters; of those under one stored flag field where `bits` names it. */
async function addRun(slice: Slice, run: EvenRun, of: Iterable<number>, bits: number | null): Promise<void> {
  const { parameters } = slice.plan.query;
  const asked = [...of];
  const columns = asked.flatMap((at) => {
    const { id } = parameters[at]!;
    const names = ['sum', 'count', 'min'].map((name) => `${name}("${id}")`);
    return bits === null ? names : [...names, `count("${id}__f")`];
  });
  const offset = ((run.beginS % run.lengthS) + run.lengthS) % run.lengthS;
  const window = { fromS: run.beginS, toS: run.beginS + run.count * run.lengthS };
  const tables = await ask(slice, columns.join(', '), window, {
    groupBy: `, time(${run.lengthS}s, ${offset}s) fill(none)`,
    ...(bits === null ? {} : { condition: `AND "${parameters[asked[0]!]!.id}__f" = ${whole(bits)}` }),
  });
  const width = columns.length / asked.length;
  for (const { tags, values } of tables) {
    const station = slice.stations.get(tags['station'] ?? '')!;
    for (const row of values) {
      const day = run.first + Math.floor((Number(row[0]) - run.beginS) / run.lengthS);
      for (const [nth, at] of asked.entries()) {
        const cell = row.slice(1 + nth * width, 1 + (nth + 1) * width);
        add(
          slice,
          { series: station * parameters.length + at, day, decimals: parameters[at]!.decimals },
          cell,
          bits,
        );
      }
    }
  }
}

/** One cell: as readings without a flag; or taken from those, and told under its own flags. */
function add(
  { rows }: Slice,
  at: { series: number; day: number; decimals: number },
  [sum, count, min, flagged]: AnswerTable['values'][number],
  bits: number | null,
): void {
  const values = typeof count === 'number' ? count : 0;
  const scaledSum = values === 0 ? 0 : wholeSum(values, Number(sum), Number(min), at.decimals);
  const push = (flags: number, readings: number, valued: number, total: number): void => {
    rows.all = withRoom(rows.all, 1);
    const to = rows.all.length++;
    rows.all.series[to] = at.series;
    rows.all.day[to] = at.day;
    rows.all.flags[to] = flags;
    rows.all.readings[to] = readings;
    rows.all.values[to] = valued;
    rows.all.scaledSum[to] = total;
  };
  if (bits === null) {
    if (values > 0) push(0, values, values, scaledSum);
    return;
  }
  if (values > 0) push(0, -values, -values, -scaledSum);
  const said = saidBy(bits);
  const readings = typeof flagged === 'number' ? flagged : 0;
  if (said === null || readings === 0) return;
  push(said.flags, readings, said.value ? values : 0, said.value ? scaledSum : 0);
}

/** The sum of readings as a whole number of the last decimal; NaN where the server's sum does not prove it. */
function wholeSum(count: number, sum: number, min: number, decimals: number): number {
  const scale = 10 ** decimals;
  const off = drift(count, amountsOf(sum, count, min) * scale, sum * scale);
  const nearest = Math.round(sum * scale);
  return off < 0.25 && Math.abs(sum * scale - nearest) <= off ? nearest : Number.NaN;
}
