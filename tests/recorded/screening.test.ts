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

/** Of these marks, how many stand where their station's water is in its most turbid tenth. */
function turbidShare(columns: ReturnType<typeof columnsOf>, marks: readonly Mark[]): number {
  const turbidity = new Map(
    columns.flatMap((one) => (one.key.parameter === 'turbidity' ? [[one.key.station, one]] : [])),
  );
  const turbid = marks.flatMap(({ station, timeS }): boolean[] => {
    const { timeS: times, value } = turbidity.get(station) ?? { timeS: new Float64Array(), value: [] };
    const row = times.indexOf(timeS);
    if (row < 0) return [];
    return [value.filter((one) => one < value[row]!).length > 0.9 * value.length];
  });
  return turbid.filter(Boolean).length / turbid.length;
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
    // 浮桥 06-23 20:00: ammonia 0.8 between 0.042 and 0.033, while nothing else in the water moved.
    expect(find('浮桥', 'nh3n', '2021-06-23T20:00')).toMatchObject({ rule: 'jump', value: 0.8 });
    // 温峤 04-03 20:00: ammonia from 0.308 to 2.355 as turbidity went from 10.5 to 83 and conductivity from 1,377 to 621, and it stayed.
    expect(find('温峤', 'nh3n', '2021-04-03T20:00')).toBeUndefined();
    // 蒲岐: total nitrogen shows 4.01 for the sixth time, twenty hours after the first.
    const stuck = find('蒲岐', 'tn', '2021-04-03T04:00');
    expect(stuck).toMatchObject({ rule: 'stuck', value: 4.01 });
    expect(stuck!.inputs.map(({ value }) => value)).toEqual([4.01, 4.01, 4.01, 4.01, 4.01, 4.01]);
    // 外舍: ammonia 0.103 of total nitrogen 0.08; a tenth more would be 0.088.
    expect(find('外舍', 'tn', '2021-03-27T20:00')).toMatchObject({ rule: 'tn-below-nh3n', value: 0.08 });
    // It is total nitrogen that fell to 0.08 there: ammonia is as the day before.
    expect(find('外舍', 'nh3n', '2021-03-27T20:00')).toBeUndefined();
    expect(count(marks)).toEqual({ jump: 132, stuck: 337, 'tn-below-nh3n': 290, supersaturation: 59 });
    for (const parameter of ['nh3n', 'tp', 'codmn']) {
      const share = turbidShare(
        columns,
        marks.filter((mark) => mark.parameter === parameter && mark.rule === 'jump'),
      );
      console.log(
        `jumps of ${parameter} in the tenth of the most turbid water: ${(100 * share).toFixed(0)} %`,
      );
      // Not more than chance: what is marked is no flood.
      expect(share, parameter).toBeLessThan(0.2);
    }
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
