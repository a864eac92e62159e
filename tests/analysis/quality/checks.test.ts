import { describe, expect, test } from 'vitest';
import { judgeCheck } from '../../../src/analysis/quality/checks.ts';
import { disagreeing, distanceKm, unlikeNeighbours } from '../../../src/analysis/quality/comparisons.ts';
import { gb3838, standards } from '../standards.ts';

const quality = standards.stationQuality[0]!;
type Input = Parameters<typeof judgeCheck>[0];
const judged = (
  check: Input['check'],
  parameter: string,
  expected: string | null,
  measured: string | null,
) => {
  const input = { check, parameter, expected, measured, detectionLimit: '0.05', bodyType: 'river' as const };
  return judgeCheck(input, quality, gb3838);
};

describe('a check of an instrument', () => {
  test.each([
    ['zero-check', 'nh3n', '0', '0.2', true],
    ['zero-check', 'nh3n', '0', '0.201', false],
    ['zero-check', 'do', '0', '0.1', null],
    ['span-check', 'tp', '2.0', '2.2', true],
    ['span-check', 'tp', '2.0', '1.79', false],
    ['spike-recovery', 'codmn', '5', '4', true],
    ['spike-recovery', 'codmn', '5', '6.01', false],
    ['standard-sample', 'ph', '6.86', '7.01', true],
    ['standard-sample', 'ph', '6.86', '6.70', false],
    ['standard-sample', 'ec', '80', '85', true],
    ['standard-sample', 'ec', '200', '211', false],
    ['standard-sample', 'do', '8.0', '8.31', false],
    ['manual-comparison', 'nh3n', '1.60', '1.92', true],
    ['manual-comparison', 'nh3n', '1.60', '1.93', false],
    ['manual-comparison', 'nh3n', '0.15', '0.30', null],
    ['manual-comparison', 'nh3n', null, null, true],
  ] as const)('%s of %s, %s against %s: %s', (check, parameter, expected, measured, passed) => {
    expect(judged(check, parameter, expected, measured).passed).toBe(passed);
  });

  test('says which limit it was judged by', () => {
    expect(judged('span-check', 'tp', '2.0', '1.79').figures).toEqual({
      relativePercent: '10',
      errorPercent: '10.5',
    });
    expect(judged('spike-recovery', 'codmn', '5', '6.01').figures).toMatchObject({
      recoveredPercent: '120.2',
    });
    expect(judged('manual-comparison', 'nh3n', '1.60', '1.93').figures).toEqual({
      band: 'above class IV',
      maxErrorPercent: '20',
      errorPercent: '20.6',
    });
  });
});

const column = (station: string, provider: string, parameter: string, value: number) => ({
  key: { station, provider, parameter },
  timeS: Float64Array.of(0),
  value: Float64Array.of(value),
  flags: Uint16Array.of(0),
});

describe('comparisons', () => {
  const { neighbours, providers } = quality.screening!;
  const at = (lon: number) => ({ lon, lat: 28 });

  test('a value far from the median of three neighbours is found, with two it is not', () => {
    expect(distanceKm(at(120), at(120.1))).toBeCloseTo(9.82, 2);
    const places = new Map(['a', 'b', 'c', 'd', 'far'].map((id, index) => [id, at(120 + index / 10)]));
    places.set('far', at(125));
    const columns = [
      column('a', 'p', 'pm25', 180),
      column('b', 'p', 'pm25', 30),
      column('c', 'p', 'pm25', 40),
      column('d', 'p', 'pm25', 35),
      column('far', 'p', 'pm25', 20),
    ];
    const found = unlikeNeighbours(columns, places, neighbours);
    expect(found.map(({ station, figures }) => [station, figures.median])).toEqual([['a', '35']]);
    expect(found[0]!.inputs.map(({ station }) => station)).toEqual(['b', 'c', 'd']);
    expect(unlikeNeighbours(columns.slice(0, 3), places, neighbours)).toEqual([]);
  });

  test('two providers that differ by more than a fifth and the threshold are both named', () => {
    const pair = (a: number, b: number) =>
      disagreeing([column('s', 'one', 'nh3n', a), column('s', 'two', 'nh3n', b)], providers);
    expect(pair(1, 0.8)).toEqual([]);
    expect(pair(1, 0.79).map(({ provider }) => provider)).toEqual(['one', 'two']);
    expect(pair(0.1, 0.05)).toEqual([]);
  });
});
