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

export interface Paired {
  oursMs: number;
  rawMs: number;
  /** Median over the rounds of ours / raw: other load on the machine falls on both of a round and cancels. */
  ratio: number;
}

/** Ours and the raw engine round by round, each first in every second round. */
export async function paired(
  rounds: number,
  ours: () => Promise<unknown>,
  raw: () => Promise<unknown>,
): Promise<Paired> {
  const our: number[] = [];
  const their: number[] = [];
  for (let round = 0; round < rounds; round++) {
    if (round % 2 === 0) their.push(await timed(raw));
    our.push(await timed(ours));
    if (round % 2 === 1) their.push(await timed(raw));
  }
  return { oursMs: median(our), rawMs: median(their), ratio: median(our.map((ms, at) => ms / their[at]!)) };
}

export function memoryMiB(): number {
  return Math.round(process.memoryUsage().rss / 2 ** 20);
}
