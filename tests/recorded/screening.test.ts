import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { explainMarks, type Mark } from '../../src/analysis/quality/explain.ts';
import { instantOfCivil } from '../../src/domain/time.ts';
import { sharedFile } from '../shared-data.ts';
import { rules } from '../analysis/quality/columns.ts';

const water = sharedFile('data/water-cnemc/realdatas_zhe-min-gan_2021-03-26_2021-06-30.csv.gz');
const county = ['2026-04', '2026-05', '2026-06'].map((month) =>
  sharedFile(`data/air-zhejiang-county/zj_county_${month}.csv.gz`),
);
const ZONE = 'Asia/Shanghai';

type Points = Map<string, Map<number, number>>;

function put(points: Points, key: string, timeS: number, text: string): void {
  if (text === '' || text === '--' || text === '*' || Number.isNaN(Number(text))) return;
  const series = points.get(key) ?? new Map<number, number>();
  points.set(key, series.set(timeS, Number(text)));
}

function columnsOf(points: Points) {
  return [...points].map(([key, series]) => {
    const rows = [...series].sort(([a], [b]) => a - b);
    const [station = '', parameter = ''] = key.split('\t');
    return {
      key: { station, parameter },
      timeS: Float64Array.from(rows, ([timeS]) => timeS),
      value: Float64Array.from(rows, ([, value]) => value),
      flags: new Uint16Array(rows.length),
    };
  });
}

function count(marks: readonly Mark[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { rule } of marks) counts[rule] = (counts[rule] ?? 0) + 1;
  return counts;
}

const linesOf = (file: string): string[] =>
  gunzipSync(readFileSync(file)).toString('utf8').trim().split(/\r?\n/);

describe.skipIf(water === null)('screening of the captured water file of 2021', () => {
  const measured = ['wt', 'ph', 'do', 'ec', 'turbidity', 'codmn', 'nh3n', 'tp', 'tn', 'chla', 'algae'];
  const read = (): Points => {
    const points: Points = new Map();
    // The newest showing of a point last: the file is sorted by it here, as the source showed it.
    for (const line of linesOf(water!).slice(1).sort()) {
      const cells = line.split(',');
      const [province, , section, stamp] = cells.slice(3) as [string, string, string, string];
      if (!/^\d\d-\d\d \d\d:\d\d$/.test(stamp)) continue;
      const timeS = instantOfCivil(`2021-${stamp.replace(' ', 'T')}`, ZONE);
      for (const [at, parameter] of measured.entries())
        put(points, `${province}/${section}\t${parameter}`, timeS, cells[8 + at]!);
    }
    return points;
  };

  test('marks as many readings by each rule as the table of the documents says, and these three', () => {
    const columns = columnsOf(read());
    const marks = explainMarks(columns, rules, { fromS: 0, toS: Infinity });
    const readings = columns.reduce((sum, { timeS }) => sum + timeS.length, 0);
    console.log(`water 2021: ${readings} readings, marks ${JSON.stringify(count(marks))}`);
    const find = (section: string, parameter: string, at: string) =>
      marks.find(
        (mark) =>
          mark.station.endsWith(section) &&
          mark.parameter === parameter &&
          mark.timeS === instantOfCivil(at, ZONE),
      );
    // 温峤 04-03 20:00: 0.346, 0.346, 0.343, 0.308 in the day before (median 0.3445), then 2.355: 2.0105 away, over 1.0335 and 0.5.
    expect(find('温峤', 'nh3n', '2021-04-03T20:00')).toMatchObject({ rule: 'jump', value: 2.355 });
    // 蒲岐: total nitrogen shows 4.01 for the sixth time, twenty hours after the first.
    const stuck = find('蒲岐', 'tn', '2021-04-03T04:00');
    expect(stuck).toMatchObject({ rule: 'stuck', value: 4.01 });
    expect(stuck!.inputs.map(({ value }) => value)).toEqual([4.01, 4.01, 4.01, 4.01, 4.01, 4.01]);
    // 外舍: ammonia 0.103 of total nitrogen 0.08; a tenth more would be 0.088.
    expect(find('外舍', 'tn', '2021-03-27T20:00')).toMatchObject({ rule: 'tn-below-nh3n', value: 0.08 });
    expect(count(marks)).toEqual({ jump: 830, stuck: 337, 'tn-below-nh3n': 510, supersaturation: 59 });
  });
});

describe.skipIf(county.includes(null))('screening of the county air files of 2026', () => {
  test('marks as many readings by each rule as the table of the documents says', () => {
    const points: Points = new Map();
    for (const file of county) {
      const [header = '', ...lines] = linesOf(file!);
      const names = header.split(',');
      const at = (name: string): number => names.indexOf(name);
      for (const line of lines) {
        const cells = line.split(',');
        const timeS = instantOfCivil(`${cells[0]!}:00`, ZONE) - 3600;
        const station = cells[at('sitecode')]!;
        for (const [name, parameter] of [
          ['PM25', 'pm25'],
          ['PM10', 'pm10'],
          ['SO2', 'so2'],
          ['NO2', 'no2'],
          ['O3', 'o3'],
          ['CO', 'co'],
        ] as const)
          put(points, `${station}\t${parameter}`, timeS, cells[at(name)]!);
      }
    }
    const columns = columnsOf(points);
    const marks = explainMarks(columns, rules, { fromS: 0, toS: Infinity });
    const readings = columns.reduce((sum, { timeS }) => sum + timeS.length, 0);
    console.log(`county air 2026: ${readings} readings, marks ${JSON.stringify(count(marks))}`);
    expect(count(marks)).toEqual({ stuck: 161, 'pm10-below-pm25': 1458 });
  });
});
