import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  SectionMonths,
  type ItemMean,
  type MeasuredSeries,
  type SectionSeries,
} from '../../../src/analysis/assessment/month-values.ts';
import { evaluationValue } from '../../../src/analysis/water/evaluation-value.ts';
import { talliedSeries } from '../../../src/api/verdicts/tallied-series.ts';
import { BatchBuilder } from '../../../src/domain/batch.ts';
import { openDuckdbReadings } from '../../../src/store/readings/duckdb/index.ts';
import { sharedFile } from '../../shared-data.ts';
import { recordedRows } from '../recorded-table.ts';
import { at, facts, parameters, source } from './section-months.ts';

const file = sharedFile('data/water-cnemc/realdatas_zhe-min-gan_2021-03-26_2021-06-30.csv.gz');
const columns: Readonly<Record<string, string>> = {
  do: '溶解氧(mg/L)',
  codmn: '高锰酸盐指数(mg/L)',
  nh3n: '氨氮(mg/L)',
  tp: '总磷(mg/L)',
  tn: '总氮(mg/L)',
};
const MONTHS = new Set(['2021-03', '2021-04', '2021-05', '2021-06']);

interface Cell {
  at: string;
  text: string;
}

/** Cells of the last capture of each section and time, by section and item. */
function cells(): Map<string, Cell[]> {
  const newest = new Map<string, Record<string, string>>();
  for (const row of recordedRows(file!)) {
    if (/^\d\d-\d\d \d\d:\d\d$/.test(row.监测时间 ?? ''))
      newest.set(`${row.省份}/${row.断面名称}/${row.监测时间}`, row);
  }
  const result = new Map<string, Cell[]>();
  for (const row of newest.values()) {
    for (const [item, heading] of Object.entries(columns)) {
      const text = row[heading] ?? '';
      if (!/^\d+(\.\d+)?$/.test(text)) continue;
      const key = `${row.省份}/${row.断面名称}\n${item}`;
      const list = result.get(key) ?? [];
      list.push({ at: `2021-${row.监测时间!.replace(' ', 'T')}`, text });
      result.set(key, list);
    }
  }
  return result;
}

/** Mean at `places` decimals, half to even, in whole numbers alone. `tie`: exactly between two. */
function rationalMean(texts: readonly string[], places: number): { text: string; tie: boolean } {
  const scale = 12;
  const units = texts.reduce((sum, text) => {
    const [whole = '', rest = ''] = text.split('.');
    return sum + BigInt(whole + rest.padEnd(scale, '0'));
  }, 0n);
  const divisor = BigInt(texts.length) * 10n ** BigInt(scale - places);
  let quotient = units / divisor;
  const twice = (units % divisor) * 2n;
  if (twice > divisor || (twice === divisor && quotient % 2n === 1n)) quotient += 1n;
  const digits = quotient.toString().padStart(places + 1, '0');
  return { text: `${digits.slice(0, -places)}.${digits.slice(-places)}`, tie: twice === divisor };
}

const placesOf = (item: string) =>
  facts.method.decimals.items.find((one) => one.parameter === item)!.evaluation!;

/** How a mean of doubles comes out that is rounded as a double. */
function floatMean(texts: readonly string[], places: number): string {
  const mean = texts.reduce((sum, text) => sum + Number(text), 0) / texts.length;
  const scaled = mean * 10 ** places;
  const down = Math.floor(scaled);
  const rest = scaled - down;
  const up = rest > 0.5 || (rest === 0.5 && down % 2 === 1);
  return ((up ? down + 1 : down) / 10 ** places).toFixed(places);
}

function columnsOf(item: string, list: readonly Cell[]): MeasuredSeries {
  const sorted = list
    .map((cell) => ({ timeS: at(cell.at), text: cell.text }))
    .toSorted((a, b) => a.timeS - b.timeS);
  return {
    parameter: item,
    timeS: Float64Array.from(sorted, (cell) => cell.timeS),
    value: Float64Array.from(sorted, (cell) => Number(cell.text)),
    flags: new Uint16Array(sorted.length),
  };
}

function groups(list: readonly Cell[], length: number): Map<string, string[]> {
  const result = new Map<string, string[]>();
  for (const cell of list) {
    const key = cell.at.slice(0, length);
    const known = result.get(key);
    if (known === undefined) result.set(key, [cell.text]);
    else known.push(cell.text);
  }
  return result;
}

/** The same cells by section and item, counted and summed by a store. */
async function tallied(known: Map<string, Cell[]>): Promise<Map<string, SectionSeries>> {
  const folder = mkdtempSync(path.join(tmpdir(), 'jiehe-means-'));
  const store = await openDuckdbReadings({ path: path.join(folder, 'readings.duckdb') });
  const ids = new Map(
    [...new Set([...known.keys()].map((key) => key.split('\n')[0]!))].map((name, nth) => [name, `s${nth}`]),
  );
  const batch = new BatchBuilder('cnemc');
  for (const [key, list] of known) {
    const [name = '', item = ''] = key.split('\n');
    const { timeS, value } = columnsOf(item, list);
    const series = batch.seriesOf(ids.get(name)!, item, 'instant');
    for (const [row, time] of timeS.entries()) batch.add({ series, timeS: time, value: value[row]! });
  }
  await store.apply({ seq: 1, receivedS: 0 }, batch.build());
  const asked = {
    stations: [...ids.values()],
    parameters: parameters.filter(({ id }) => id in columns),
    averaging: 'instant' as const,
    provider: 'cnemc',
    fromS: at('2021-03-01T00:00'),
    toS: at('2021-08-01T00:00'),
    timeZone: facts.timeZone,
  };
  const found = await talliedSeries({ readings: store }, asked, new Set());
  await store.close();
  rmSync(folder, { recursive: true });
  return new Map(
    [...ids].flatMap(([name, id]) =>
      (found.get(id) ?? []).map((series) => [`${name}\n${series.parameter}`, series] as const),
    ),
  );
}

describe.skipIf(file === null)('the four-hourly file of 2021', () => {
  test('every monthly and daily mean equals one computed in whole numbers, from readings and from sums of the store', async () => {
    const count = { days: 0, dayTies: 0, dayFloatWrong: 0, months: 0, monthTies: 0, monthFloatWrong: 0 };
    const wrong: string[] = [];
    // No minimum: it is the arithmetic that is looked at.
    const rules = {
      ...facts.periods,
      day: { ...facts.periods.day, minValid: 0 },
      month: { ...facts.periods.month, minDayShare: '0' },
    };
    const known = cells();
    const summed = await tallied(known);
    expect([...summed.values()].every((series) => 'dayS' in series)).toBe(true);
    for (const [key, list] of known) {
      const item = key.split('\n')[1]!;
      const places = placesOf(item);
      const bySums = new SectionMonths([{ ...source('automatic', []), series: [summed.get(key)!] }], {
        ...facts,
        periods: rules,
      });
      const months = new SectionMonths([source('automatic', [columnsOf(item, list)])], {
        ...facts,
        periods: rules,
      });
      for (const [kind, length] of [
        ['day', 10],
        ['month', 7],
      ] as const) {
        for (const [period, texts] of groups(list, length)) {
          if (kind === 'month' && !MONTHS.has(period)) continue;
          const { text, tie } = rationalMean(texts, places);
          const [found, again] = [months, bySums].map(
            (way) => (kind === 'day' ? way.day(period) : way.of(period))[0]!,
          ) as [ItemMean, ItemMean];
          if (JSON.stringify(again) !== JSON.stringify(found)) wrong.push(`${key} ${period}: not so by sums`);
          const zero = /^0\.0*$/.test(text);
          const ours = evaluationValue(item, found.mean!, facts.method);
          if (!zero && ours !== text) wrong.push(`${key} ${period}: ${ours} instead of ${text}`);
          if (found.valid !== texts.length)
            wrong.push(`${key} ${period}: ${found.valid} of ${texts.length} values`);
          const off = !zero && floatMean(texts, places) !== text;
          if (kind === 'day') {
            count.days++;
            count.dayTies += Number(tie);
            count.dayFloatWrong += Number(off);
          } else {
            count.months++;
            count.monthTies += Number(tie);
            count.monthFloatWrong += Number(off);
          }
        }
      }
    }
    console.log(`exact means: ${JSON.stringify(count)}`);
    expect(wrong).toEqual([]);
    expect(count.dayTies).toBeGreaterThan(5000);
    expect(count.monthTies).toBeGreaterThan(40);
    expect(count.dayFloatWrong).toBeGreaterThan(100);
  }, 120_000);
});
