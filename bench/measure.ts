/** What the benches share: paired rounds, medians, the synthetic year. */
import type { ReadingBatch } from '../src/domain/batch.ts';

export const hour = 3600;
/** 2025-01-01T00:00+08:00. */
export const startS = 1_735_660_800;
export const parameters = ['ph', 'do', 'codmn', 'nh3n', 'tp', 'tn', 'temp', 'ec', 'turb'];
export const stations = Array.from({ length: 200 }, (_, at) => `station-${at}`);
export const perHour = stations.length * parameters.length;
export const series = stations.flatMap((station) =>
  parameters.map((parameter) => ({ station, parameter, averaging: 'PT1H' as const })),
);

/** Readings from `cursor` on in arrival order; the first ones of the batch are corrections of those just before it. */
export function batchAt(cursor: number, length: number, revisedShare: number): ReadingBatch {
  const revised = Math.floor(length * revisedShare);
  const seriesIndex = new Uint32Array(length);
  const timeS = new Float64Array(length);
  const value = new Float64Array(length);
  for (let row = 0; row < length; row++) {
    const at = cursor + row - revised;
    const hourOf = Math.floor(at / perHour);
    seriesIndex[row] = at % perHour;
    timeS[row] = startS + hourOf * hour;
    value[row] = Math.round((at % 97) * 10 + (hourOf % 13) + (row < revised ? 1 + (cursor % 1000) : 0)) / 100;
  }
  const side = {
    row: new Uint32Array(),
    originalText: [],
    originalUnit: [],
    detectionLimit: new Float64Array(),
  };
  const publishedS = new Float64Array(length).fill(Number.NaN);
  return {
    provider: 'cnemc',
    series,
    length,
    seriesIndex,
    timeS,
    value,
    flags: new Uint16Array(length),
    publishedS,
    side,
  };
}

export const median = (list: readonly number[]): number => {
  const sorted = list.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
};

export async function timed(work: () => Promise<unknown>): Promise<number> {
  const before = performance.now();
  await work();
  return performance.now() - before;
}

/** Wall clock, and processor time of this process (of all its threads, not of a server). */
export interface Spent {
  ms: number;
  cpuMs: number;
}

/** Each way in turn, round by round, another one first each time: other load on the machine falls on all of a round and cancels. */
export async function inTurns<Name extends string>(
  rounds: number,
  ways: Record<Name, (round: number) => Promise<unknown>>,
): Promise<Record<Name, Spent[]>> {
  const names = Object.keys(ways) as Name[];
  const spent = Object.fromEntries(names.map((name) => [name, [] as Spent[]])) as Record<Name, Spent[]>;
  for (let round = 0; round < rounds; round++) {
    for (let nth = 0; nth < names.length; nth++) {
      const name = names[(nth + round) % names.length]!;
      const before = process.cpuUsage();
      const ms = await timed(() => ways[name](round));
      const { user, system } = process.cpuUsage(before);
      spent[name].push({ ms, cpuMs: (user + system) / 1000 });
    }
  }
  return spent;
}

/** Median over the rounds of one way's figure over another's. */
export function ratioOf(over: readonly Spent[], under: readonly Spent[], what: keyof Spent = 'ms'): number {
  return median(over.map((one, round) => one[what] / under[round]![what]));
}

export interface Paired {
  oursMs: number;
  rawMs: number;
  /** Median over the rounds of ours / raw. */
  ratio: number;
}

/** Ours and the raw engine round by round, each first in every second round. */
export async function paired(
  rounds: number,
  ours: () => Promise<unknown>,
  raw: () => Promise<unknown>,
): Promise<Paired> {
  const spent = await inTurns(rounds, { raw, ours });
  const of = (list: readonly Spent[]): number => median(list.map(({ ms }) => ms));
  return { oursMs: of(spent.ours), rawMs: of(spent.raw), ratio: ratioOf(spent.ours, spent.raw) };
}

export function memoryMiB(): number {
  return Math.round(process.memoryUsage().rss / 2 ** 20);
}

/** The most this process ever had resident. */
export function peakMemoryMiB(): number {
  return Math.round(process.resourceUsage().maxRSS / 2 ** 10);
}
