import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { aqiColumns, aqiEditionOfHour, aqiLevel } from '../../../src/analysis/air/index.ts';
import { instantOfCivil } from '../../../src/domain/time.ts';
import { sharedFile } from '../../shared-data.ts';
import { numberCell, recordedRows, type RecordedRow } from '../recorded-table.ts';
import { standards } from '../standards.ts';

const national = sharedFile('data/air-cnemc');
const county = sharedFile('data/air-zhejiang-county');

type Headings = Readonly<Record<'pm25' | 'pm10' | 'so2' | 'no2' | 'o3' | 'co', string>>;
const NATIONAL: Headings = { pm25: 'pm2_5', pm10: 'pm10', so2: 'so2', no2: 'no2', o3: 'o3', co: 'co' };
const COUNTY: Headings = { pm25: 'PM25', pm10: 'PM10', so2: 'SO2', no2: 'NO2', o3: 'O3', co: 'CO' };
const COUNTY_TEXT: Headings = { pm25: 'PM₂.₅', pm10: 'PM₁₀', so2: 'SO₂', no2: 'NO₂', o3: 'O₃', co: 'CO' };

const POLLUTANT_TEXTS: readonly (readonly [RegExp, string])[] = [
  [/PM2\.5|细颗粒物/, 'pm25'],
  [/PM10|颗粒物\(PM10\)/, 'pm10'],
  [/臭氧/, 'o3'],
  [/二氧化氮/, 'no2'],
  [/二氧化硫/, 'so2'],
  [/一氧化碳/, 'co'],
];
const pollutantsIn = (text: string) =>
  text
    .split(/[,，]/)
    .map((part) => POLLUTANT_TEXTS.find(([pattern]) => pattern.test(part))?.[1] ?? part)
    .toSorted();

interface Judged {
  row: RecordedRow;
  aqi: number;
  primary: string[];
}

/** `label` is the end of the hour, as both networks write it. */
function judge(rows: readonly RecordedRow[], label: string, headings: Headings): Judged[] {
  const endS = instantOfCivil(label, 'Asia/Shanghai');
  const edition = aqiEditionOfHour(standards.aqiStandards, { beginS: endS - 3600, endS }, 'Asia/Shanghai')!;
  const values = Object.fromEntries(
    Object.entries(headings).map(([column, heading]) => [
      column,
      Float64Array.from(rows, (row) => numberCell(row[heading])),
    ]),
  );
  const notInPlan = Object.fromEntries(
    Object.entries(headings).map(([column, heading]) => [
      column,
      Uint8Array.from(rows, (row) => Number(row[heading] === '/')),
    ]),
  );
  const result = aqiColumns(edition, 'hourly', { length: rows.length, values, notInPlan });
  return rows.map((row, at) => ({
    row,
    aqi: result.aqi[at]!,
    primary: result.columns.filter((_, bit) => ((result.primary[at]! >> bit) & 1) === 1),
  }));
}

function byHour(rows: readonly RecordedRow[], heading: string): Map<string, RecordedRow[]> {
  const hours = new Map<string, RecordedRow[]>();
  for (const row of rows) {
    const label = row[heading]!.replace(/T(\d{2})(\d{2})?$/, 'T$1:00');
    hours.set(label, [...(hours.get(label) ?? []), row]);
  }
  return hours;
}

/** `published`: rows with a published index that we judge too; `withheld`: those we do not, a planned pollutant being missing. */
const agreement = (judged: readonly Judged[], heading: string) => {
  const withIndex = judged.filter(({ row }) => /^\d+$/.test(row[heading] ?? ''));
  const published = withIndex.filter(({ aqi }) => aqi >= 0);
  const exact = published.filter(({ row, aqi }) => Number(row[heading]) === aqi).length;
  return { published, exact, withheld: withIndex.length - published.length };
};

describe.skipIf(national === null)('published AQI of national stations', () => {
  const files = [
    ...['02', '03', '04', '05'].map((month) => `six_prefectures_2026-${month}.csv.gz`),
    ...[
      '02-28T12',
      '02-28T23',
      '03-01T00',
      '03-01T01',
      '03-01T02',
      '03-01T12',
      '03-12T23',
      '03-25T21',
      '04-17T03',
      '05-14T18',
      '05-28T15',
    ].map((hour) => `national_hourly/2026-${hour}.csv.gz`),
  ];
  const judged = () =>
    files.flatMap((file) => {
      const hours = byHour(recordedRows(path.join(national!, file)), 'timepoint');
      return [...hours].flatMap(([label, rows]) => judge(rows, label, NATIONAL));
    });
  const all = national === null ? [] : judged();
  const before = all.filter(({ row }) => row.timepoint! <= '2026-03-01T0000');
  const after = all.filter(({ row }) => row.timepoint! >= '2026-03-01T0100');

  test.each([
    { name: 'up to the row 2026-03-01T00:00', rows: before },
    { name: 'from the row 2026-03-01T01:00 on', rows: after },
  ])('at least 99.9 percent of the rows $name are exact', ({ name, rows }) => {
    const { published, exact, withheld } = agreement(rows, 'aqi');
    console.log(
      `${name}: ${exact} of ${published.length} (${((exact / published.length) * 100).toFixed(3)} %), ${withheld} withheld: published although a planned pollutant is missing`,
    );
    expect(withheld / rows.length).toBeLessThan(0.1);
    expect(published.length).toBeGreaterThan(1000);
    expect(exact / published.length).toBeGreaterThanOrEqual(0.999);
  });

  test('primary pollutants above 50 are the published ones in at least 99.99 % of the rows', () => {
    const { published } = agreement(all, 'aqi');
    const polluted = published.filter(
      ({ row, aqi }) => aqi > 50 && Number(row.aqi) === aqi && (row.primarypollutant ?? '') !== 'NA',
    );
    const same = polluted.filter(
      ({ row, primary }) => pollutantsIn(row.primarypollutant!).join() === primary.toSorted().join(),
    );
    console.log(`primary pollutant: ${same.length} of ${polluted.length}`);
    expect(same.length / polluted.length).toBeGreaterThanOrEqual(0.9999);
  });

  test('the old breakpoints would be noticed on the first day of the new edition', () => {
    const file = path.join(national!, 'national_hourly/2026-03-01T12.csv.gz');
    const wrong = agreement(judge(recordedRows(file), '2026-02-28T12:00', NATIONAL), 'aqi');
    expect(wrong.exact / wrong.published.length).toBeLessThan(0.9);
  });
});

describe.skipIf(county === null)('published AQI and levels of county stations', () => {
  test('AQI and level are the published ones in at least 99.99 % of the rows', () => {
    const files: [string, Headings][] = [
      ['zj_county_2026-04.csv.gz', COUNTY],
      ['zj_county_2026-05.csv.gz', COUNTY],
      ['zj_county_2026-06.csv.gz', COUNTY],
      ['zj_county_short_2026-05.csv.gz', COUNTY],
      ['zj_county_text_2026-04.csv.gz', COUNTY_TEXT],
      ['zj_county_text_2026-05.csv.gz', COUNTY_TEXT],
    ];
    let [published, exact, levels, sameLevel] = [0, 0, 0, 0];
    for (const [file, headings] of files) {
      for (const [label, rows] of byHour(recordedRows(path.join(county!, file)), 'capture_hour')) {
        const judged = agreement(judge(rows, label, headings), 'AQI');
        published += judged.published.length + judged.withheld;
        exact += judged.exact;
        for (const { row, aqi } of judged.published) {
          if (row.AQI_level === undefined || aqi < 0) continue;
          levels++;
          if (aqiLevel(standards.aqiStandards[1]!, aqi).name.zh === row.AQI_level) sameLevel++;
        }
      }
    }
    console.log(`county: AQI ${exact} of ${published}, level ${sameLevel} of ${levels}`);
    expect(published).toBeGreaterThan(40_000);
    expect(exact / published).toBeGreaterThanOrEqual(0.9999);
    expect(sameLevel / levels).toBeGreaterThanOrEqual(0.9999);
  });
});
