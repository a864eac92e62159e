import pLimit from 'p-limit';
import { civilPeriods, evenRuns, type EvenRun } from '../../../analysis/statistics/civil-periods.ts';
import type { SumColumns, SumsQuery } from '../../../domain/ports.ts';
import { passes, planSums, SumTable, type PartialSum, type SumPlan } from '../sums.ts';
import type { AnswerTable, InfluxClient } from './client.ts';
import { whole } from './lookup.ts';
import { readSeries, slices } from './series.ts';
import { askWindow, shortRuns, stationsPerSum, type Rest, type Window } from './windows.ts';
import { readPosition } from './writer-state.ts';
import { columnMap, flagsOf, measurements, readingAt } from './points.ts';

/**
 * The server sums by hour or civil day; months and years are composed of the days here. It cannot look into the bits of a flag,
 * and a stale field may stand under a flag that silences it: the few hours or days that hold such a value are read and summed
 * here instead. A mean is never asked for.
 */
export async function readSums(client: InfluxClient, query: SumsQuery): Promise<SumColumns[]> {
  const plan = planSums(query);
  const grid = gridOf(plan);
  const stations = [...plan.groupsOf.keys()];
  if (query.parameters.length === 0 || stations.length === 0 || !(query.fromS < query.toS))
    return new SumTable(plan).columns();
  if (query.asOfSeq === undefined)
    return (await summed(client, plan, grid, [measurements.reading])).columns();
  const { seq } = await readPosition(client);
  const table = await summed(client, plan, grid, standing);
  return (await underWay(client, plan, grid, seq)) ? rowByRow(client, plan) : table.columns();
}

async function summed(
  client: InfluxClient,
  plan: SumPlan,
  grid: Grid,
  asked: readonly Slice['measurement'][],
): Promise<SumTable> {
  const table = new SumTable(plan);
  for (const measurement of asked) {
    for (const stations of slicesOf(plan))
      await addSlice({ client, plan, grid, table, stations, measurement });
  }
  return table;
}

const slicesOf = ({ groupsOf }: SumPlan): string[][] => slices([...groupsOf.keys()], stationsPerSum);

/** Whether an entry after `seq` has put points of the window into the past: for a moment they stand in both places. */
async function underWay(client: InfluxClient, plan: SumPlan, grid: Grid, seq: number): Promise<boolean> {
  const table = new SumTable(plan);
  for (const stations of slicesOf(plan)) {
    const slice: Slice = { client, plan, grid, table, stations, measurement: measurements.past };
    const condition = `AND seq_end > ${whole(seq)}`;
    if ((await ask(slice, 'count(seq_end)', plan.query, { condition })).length > 0) return true;
  }
  return false;
}

/** Sums of the readings themselves, each point once. */
async function rowByRow(client: InfluxClient, plan: SumPlan): Promise<SumColumns[]> {
  const { query, periods, groupsOf, filter } = plan;
  const table = new SumTable(plan);
  for (const stations of slicesOf(plan)) {
    const parameters = query.parameters.map(({ id }) => id);
    for (const { key, timeS, value, flags } of await readSeries(client, { ...query, stations, parameters })) {
      const at = parameters.indexOf(key.parameter);
      const scale = 10 ** query.parameters[at]!.decimals;
      let period = 0;
      for (let row = 0; row < timeS.length; row++) {
        const number = value[row]!;
        while (timeS[row]! >= periods.endS[period]!) period += 1;
        if (Number.isNaN(number)) continue;
        const part = partOf(number, scale, passes(filter, flags[row]!));
        for (const group of groupsOf.get(key.station) ?? [])
          table.add(group * parameters.length + at, period, part);
      }
    }
  }
  return table.columns();
}

function partOf(value: number, scale: number, valid: boolean): PartialSum {
  return valid
    ? { observed: 1, valid: 1, scaledSum: Math.round(value * scale), min: value, max: value }
    : { observed: 1, valid: 0, scaledSum: 0, min: 0, max: 0 };
}

const standing = [measurements.reading, measurements.past] as const;

/** The hours or days that the server sums, and the period of the answer each belongs to. */
interface Grid {
  beginS: Float64Array;
  runs: EvenRun[];
  periodOf: Int32Array;
}

interface Slice {
  client: InfluxClient;
  plan: SumPlan;
  grid: Grid;
  table: SumTable;
  stations: readonly string[];
  measurement: (typeof standing)[number];
}

function gridOf({ query, periods }: SumPlan): Grid {
  const cells =
    query.period === 'hour' ? periods : civilPeriods('day', query.fromS, query.toS, query.timeZone);
  const periodOf = new Int32Array(cells.beginS.length);
  let period = 0;
  for (let at = 0; at < periodOf.length; at++) {
    while (cells.beginS[at]! >= periods.endS[period]!) period += 1;
    periodOf[at] = period;
  }
  return { beginS: cells.beginS, runs: evenRuns(cells), periodOf };
}

/** Index of the grid cell that holds an instant. */
function cellAt({ runs }: Grid, timeS: number): number {
  const run = runs.findLast((one) => one.beginS <= timeS)!;
  return run.first + Math.floor((timeS - run.beginS) / run.lengthS);
}

async function addSlice(slice: Slice): Promise<void> {
  const { query } = slice.plan;
  const dirty = await dirtyCells(slice);
  const of = { series: slice.stations.length * query.parameters.length, numbersPerCell: 4 };
  for (const run of slice.grid.runs.flatMap((one) => shortRuns(one, of))) await addRun(slice, run, dirty);
  const reading = pLimit(4);
  await Promise.all([...dirty].map(([station, cells]) => reading(() => addDirty(slice, station, cells))));
}

function ask(
  { client, plan: { query }, measurement, stations }: Slice,
  columns: string,
  window: Window,
  rest: Rest & { stations?: readonly string[] } = {},
): Promise<AnswerTable[]> {
  const of = { ...query, measurement, stations: rest.stations ?? stations };
  return askWindow(client, of, columns, window, rest);
}

/** By station: grid cells × parameters with a value that must not count. */
type DirtyCells = Map<string, Set<number>>;

async function dirtyCells(slice: Slice): Promise<DirtyCells> {
  const { parameters } = slice.plan.query;
  const dirty: DirtyCells = new Map();
  await Promise.all(
    parameters.map(async ({ id }, at) => {
      const flags = await ask(slice, `distinct("${id}__f")`, slice.plan.query);
      const seen = new Set(flags.flatMap((table) => table.values.map((row) => Number(row[1]))));
      const bad = [...seen].filter((bits) => !counts(slice, bits));
      if (bad.length === 0) return;
      const condition = `AND (${bad.map((bits) => `"${id}__f" = ${whole(bits)}`).join(' OR ')})`;
      const tables = await ask(slice, `"${id}", "${id}__f"`, slice.plan.query, { condition });
      for (const { tags, values } of tables) {
        const station = tags['station'] ?? '';
        for (const [timeS, value] of values) {
          // A field that was never written is not summed by the server either.
          if (value === null) continue;
          const cells = dirty.get(station) ?? new Set<number>();
          dirty.set(station, cells);
          cells.add(cellAt(slice.grid, Number(timeS)) * parameters.length + at);
        }
      }
    }),
  );
  return dirty;
}

function counts({ plan }: Slice, bits: number): boolean {
  const flags = flagsOf(bits);
  return flags !== null && passes(plan.filter, flags);
}

async function addRun(slice: Slice, run: EvenRun, dirty: DirtyCells): Promise<void> {
  const { parameters } = slice.plan.query;
  const columns = parameters.flatMap(({ id }) =>
    ['sum', 'count', 'min', 'max'].map((name) => `${name}("${id}")`),
  );
  const offset = ((run.beginS % run.lengthS) + run.lengthS) % run.lengthS;
  const window = { fromS: run.beginS, toS: run.beginS + run.count * run.lengthS };
  const groupBy = `, time(${run.lengthS}s, ${offset}s) fill(none)`;
  for (const { tags, values } of await ask(slice, columns.join(', '), window, { groupBy })) {
    const station = tags['station'] ?? '';
    const unclean = dirty.get(station);
    for (const row of values) {
      const cell = cellAt(slice.grid, Number(row[0]));
      for (const [at, { decimals }] of parameters.entries()) {
        const [sum, count, min, max] = row.slice(1 + at * 4, 5 + at * 4);
        if (typeof count !== 'number' || count === 0) continue;
        if (unclean?.has(cell * parameters.length + at) === true) continue;
        const part = { observed: count, valid: count, scaledSum: 0, min: Number(min), max: Number(max) };
        const scaled = Number(sum) * 10 ** decimals;
        part.scaledSum = Math.round(scaled);
        addTo(slice, station, at, cell, part, roundingRecovers(part, scaled, 10 ** decimals));
      }
    }
  }
}

/** Whether the error of a plain sum of floats is certainly far below half a unit of the last stored decimal. */
function roundingRecovers({ valid, min, max }: PartialSum, scaled: number, scale: number): boolean {
  const amounts = valid * Math.max(Math.abs(min), Math.abs(max)) * scale;
  return drift(valid, amounts, scaled) < 0.25;
}

/** By how much a plain sum of floats can be off, all in units of the last stored decimal. `amounts`: no less than the sum of all amounts. */
export function drift(count: number, amounts: number, sum: number): number {
  return count * amounts * 2 ** -53 + Math.abs(sum) * 2 ** -51;
}

function addTo(
  { plan, grid, table }: Slice,
  station: string,
  parameter: number,
  cell: number,
  part: PartialSum,
  exact = true,
): void {
  for (const group of plan.groupsOf.get(station) ?? []) {
    table.add(group * plan.query.parameters.length + parameter, grid.periodOf[cell]!, part, exact);
  }
}

/** Sums the readings of such cells one by one. */
async function addDirty(slice: Slice, station: string, cells: ReadonlySet<number>): Promise<void> {
  const { plan, grid } = slice;
  const { parameters } = plan.query;
  const named = new Set([...cells].map((cell) => cell % parameters.length));
  const times = [...cells].map((cell) => grid.beginS[Math.floor(cell / parameters.length)]!);
  const window = {
    fromS: times.reduce((a, b) => Math.min(a, b)),
    // Every cell is at most 25 hours long; rows beyond the last one are passed over.
    toS: times.reduce((a, b) => Math.max(a, b)) + 25 * 3600,
  };
  const columns = [...named].flatMap((at) => {
    const id = parameters[at]!.id;
    return [`"${id}"`, `"${id}__f"`];
  });
  for (const { columns: given, values } of await ask(slice, columns.join(', '), window, {
    stations: [station],
  })) {
    const map = columnMap(given);
    for (const column of map.parameters) {
      const at = parameters.findIndex(({ id }) => id === column.parameter);
      const scale = 10 ** parameters[at]!.decimals;
      for (const row of values) {
        const cell = cellAt(grid, Number(row[map.time]));
        if (!cells.has(cell * parameters.length + at)) continue;
        const reading = readingAt(row, column);
        if (reading === null || Number.isNaN(reading.value)) continue;
        const part = partOf(reading.value, scale, passes(plan.filter, reading.flags));
        addTo(slice, station, at, cell, part);
      }
    }
  }
}
