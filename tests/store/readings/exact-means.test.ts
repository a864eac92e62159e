import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { periodMeans } from '../../../src/analysis/statistics/means.ts';
import { BatchBuilder } from '../../../src/domain/batch.ts';
import type { CivilUnit, ReadingStore, SumColumns, SumsQuery } from '../../../src/domain/ports.ts';
import { openDuckdbReadings } from '../../../src/store/readings/duckdb/index.ts';
import { openInfluxReadings } from '../../../src/store/readings/influx/index.ts';
import { influxdProgram, startInfluxd, type Influxd } from '../../servers/influxd.ts';
import { recordedRows } from '../../analysis/recorded-table.ts';
import { sharedFile } from '../../shared-data.ts';

/** Column of the recorded file, and the decimals it is printed with, to which its means are rounded here. */
const measured = [
  { id: 'do', column: '溶解氧(mg/L)', decimals: 2 },
  { id: 'codmn', column: '高锰酸盐指数(mg/L)', decimals: 2 },
  { id: 'nh3n', column: '氨氮(mg/L)', decimals: 3 },
  { id: 'tp', column: '总磷(mg/L)', decimals: 3 },
  { id: 'tn', column: '总氮(mg/L)', decimals: 2 },
] as const;
const printed = /^-?\d+(\.\d+)?$/;
const china = 8 * 3600;
const file = sharedFile('data/water-cnemc/realdatas_zhe-min-gan_2021-03-26_2021-06-30.csv.gz');

/** Whole millionths of every reading by parameter, station and time; the last showing counts. */
function cellsOf(path: string): Map<string, Map<string, Map<number, bigint>>> {
  const cells = new Map(measured.map(({ id }) => [id as string, new Map<string, Map<number, bigint>>()]));
  const rows = recordedRows(path);
  rows.sort((a, b) => ((a['first_captured'] ?? '') < (b['first_captured'] ?? '') ? -1 : 1));
  const names = new Map<string, string>();
  for (const row of rows) {
    const name = `${row['省份']} ${row['断面名称']}`;
    const station = names.get(name) ?? `s${names.size}`;
    names.set(name, station);
    const match = /^(\d\d)-(\d\d) (\d\d):(\d\d)$/.exec(row['监测时间'] ?? '');
    if (match === null) continue;
    const [month = 1, day = 1, hour = 0, minute = 0] = match.slice(1).map(Number);
    const timeS = Date.UTC(2021, month - 1, day, hour, minute) / 1000 - china;
    for (const { id, column } of measured) {
      const text = row[column] ?? '';
      const times = cells.get(id)!.get(station) ?? new Map<number, bigint>();
      cells.get(id)!.set(station, times);
      if (!printed.test(text)) times.delete(timeS);
      else {
        const [whole = '0', fraction = ''] = text.split('.');
        times.set(timeS, BigInt(whole + fraction.padEnd(6, '0')));
      }
    }
  }
  return cells;
}

interface Exact {
  text: string;
  tie: boolean;
  float: string;
}

/** The mean by whole numbers alone, and what plain floats would have printed. */
function exactMean(values: readonly bigint[], decimals: number): Exact {
  const unit = 10n ** BigInt(6 - decimals);
  const divisor = unit * BigInt(values.length);
  const sum = values.reduce((total, value) => total + value, 0n);
  const quotient = sum / divisor;
  const twice = (sum % divisor) * 2n;
  const up = twice > divisor || (twice === divisor && quotient % 2n === 1n);
  const digits = String(quotient + (up ? 1n : 0n)).padStart(decimals + 1, '0');
  const text = `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
  const mean = values.reduce((total, value) => total + Number(value) / 1e6, 0) / values.length;
  return { text, tie: twice === divisor, float: evenByFloat(mean, decimals) };
}

/** Half to even as it is usually written for floats. */
function evenByFloat(mean: number, decimals: number): string {
  const scaled = mean * 10 ** decimals;
  const floor = Math.floor(scaled);
  const rounded = scaled - floor === 0.5 ? floor + (floor % 2) : Math.round(scaled);
  return (rounded / 10 ** decimals).toFixed(decimals);
}

function periodOf(timeS: number, unit: CivilUnit): number {
  const date = new Date((timeS + china) * 1000);
  const day = unit === 'month' ? 1 : date.getUTCDate();
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), day) / 1000 - china;
}

async function load(store: ReadingStore, cells: ReturnType<typeof cellsOf>, most = Infinity): Promise<void> {
  const builder = new BatchBuilder('cnemc');
  for (const [parameter, stations] of cells) {
    for (const [station, times] of [...stations].slice(0, most)) {
      const series = builder.seriesOf(station, parameter, 'instant');
      for (const [timeS, value] of times) builder.add({ series, timeS, value: Number(value) / 1e6 });
    }
  }
  await store.apply({ seq: 1, receivedS: 0 }, builder.build());
}

describe.skipIf(file === null)('means of the recorded 2021 file', () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'jiehe-means-'));
  let cells: ReturnType<typeof cellsOf>;
  let duckdb: ReadingStore;
  let server: Influxd | null = null;
  const query = (period: CivilUnit): SumsQuery => ({
    groups: [...cells.get('do')!.keys()].map((station) => ({ id: station, stations: [station] })),
    parameters: measured.map(({ id }) => ({ id, decimals: 6 })),
    averaging: 'instant',
    provider: 'cnemc',
    fromS: Date.UTC(2021, 2, 20) / 1000 - china,
    toS: Date.UTC(2021, 6, 1) / 1000 - china,
    period,
    timeZone: 'Asia/Shanghai',
    cadenceS: 4 * 3600,
  });
  beforeAll(async () => {
    cells = cellsOf(file!);
    duckdb = await openDuckdbReadings({ path: path.join(directory, 'readings.duckdb') });
    await load(duckdb, cells);
  }, 60_000);
  afterAll(async () => {
    await duckdb.close();
    await server?.stop();
    rmSync(directory, { recursive: true });
  });

  function compare(answer: readonly SumColumns[], unit: CivilUnit): Record<string, number> {
    const figures = { means: 0, ties: 0, wrong: 0, floatWrong: 0 };
    for (const columns of answer) {
      const decimals = measured.find(({ id }) => id === columns.parameter)!.decimals;
      const times = cells.get(columns.parameter)!.get(columns.group)!;
      const byPeriod = Map.groupBy(times, ([timeS]) => periodOf(timeS, unit));
      const { mean } = periodMeans(columns, { decimals });
      for (const [at, beginS] of columns.beginS.entries()) {
        const values = byPeriod.get(beginS)?.map(([, value]) => value);
        expect(columns.observed[at]).toBe(values?.length ?? 0);
        if (values === undefined) continue;
        const { text, tie, float } = exactMean(values, decimals);
        figures.means += 1;
        if (tie) figures.ties += 1;
        if (mean[at] !== text) figures.wrong += 1;
        if (float !== text) figures.floatWrong += 1;
      }
    }
    return figures;
  }

  test.each([
    ['month', { means: 4_719, ties: 47, wrong: 0, floatWrong: 18 }],
    ['day', { means: 104_670, ties: 12_221, wrong: 0, floatWrong: 1_802 }],
  ] as const)(
    'every mean of a %s equals the exact fraction, where means of floats do not',
    async (unit, figures) => {
      expect(compare(await duckdb.sums(query(unit)), unit)).toEqual(figures);
    },
    60_000,
  );

  test.skipIf(influxdProgram === null)(
    'both engines give the same sums',
    async () => {
      server = await startInfluxd();
      const influx = await openInfluxReadings({
        url: server.url,
        database: 'means',
        retentionPolicy: 'evidence',
      });
      await load(influx, cells, 40);
      for (const unit of ['month', 'year', 'day'] as const) {
        const asked = query(unit);
        const some = { ...asked, groups: asked.groups.slice(0, 40) };
        expect(await influx.sums(some)).toEqual(await duckdb.sums(some));
      }
    },
    120_000,
  );
});
