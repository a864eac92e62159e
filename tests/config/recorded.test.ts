import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config/index.ts';
import type { Parameter } from '../../src/domain/config/parameter.ts';
import { decimalOf } from '../../src/domain/decimal.ts';
import { sharedFile } from '../shared-data.ts';
import { shippedDirectory } from './small-region.ts';

const rawPage = sharedFile('data/water-cnemc/getRealDatas_raw_2026-08-21T20_page1.json');
const panel = sharedFile('data/water-cnemc/section_panel_zhe-min-gan_2021-04.csv');
const rows2021 = sharedFile('data/water-cnemc/realdatas_zhe-min-gan_2021-03-26_2021-06-30.csv.gz');
const air2026 = sharedFile('data/air-cnemc/six_prefectures_2026-03.csv.gz');

let parameters: Map<string, Parameter>;
beforeAll(async () => {
  const config = await loadConfig(shippedDirectory);
  parameters = new Map(config.parameters.map((parameter) => [parameter.id, parameter]));
});

/** Values with more decimals than are stored, of what can be read as a number. */
function tooLong(id: string, values: readonly string[]): string[] {
  const decimals = parameters.get(id)?.decimals ?? -1;
  return values
    .filter((value) => /^-?\d+(\.\d+)?(E[+-]?\d+)?$/i.test(value))
    .filter((value) => decimalOf(value).decimalPlaces() > decimals);
}

/** Texts that no code of the parameter lists, without those that say "none". */
function unknownTexts(id: string, texts: readonly (string | undefined)[], none: readonly string[]): string[] {
  const known = new Set(parameters.get(id)?.codes?.flatMap((code) => code.texts));
  return [...new Set(texts)]
    .filter((text) => text !== undefined && !none.includes(text) && !known.has(text))
    .map(String);
}

function rowsOf(file: string): Record<string, string>[] {
  const bytes = readFileSync(file);
  return parse(file.endsWith('.gz') ? gunzipSync(bytes) : bytes, { columns: true, bom: true });
}

test('a year of hourly values at the top of the plausible range still sums to less than 2^53 stored units', () => {
  const ranged = [...parameters.values()].flatMap(({ id, decimals, plausible }) =>
    plausible === undefined ? [] : [{ id, units: plausible.max * 8784 * 10 ** decimals }],
  );
  expect(ranged.length).toBeGreaterThan(15);
  expect(ranged.filter(({ units }) => units >= Number.MAX_SAFE_INTEGER)).toEqual([]);
});

describe.skipIf(rawPage === null)('the recorded raw page of 2026', () => {
  const columns = ['wt', 'ph', 'do', 'ec', 'turbidity', 'codmn', 'nh3n', 'tp', 'tn', 'chla', 'algae'];

  test('has no unrounded value with more decimals than are stored', () => {
    const page: { tbody: string[][] } = JSON.parse(readFileSync(rawPage ?? '', 'utf8'));
    let read = 0;
    for (const [index, id] of columns.entries()) {
      const values = page.tbody.map((row) => /原始值：([^']*)'/.exec(row[5 + index] ?? '')?.[1] ?? '');
      read += values.filter((value) => value !== '').length;
      expect(tooLong(id, values), id).toEqual([]);
    }
    expect(read).toBeGreaterThan(4000);
  });

  test('has no class that is not in the list, but for "not classified"', () => {
    const page: { tbody: string[][] } = JSON.parse(readFileSync(rawPage ?? '', 'utf8'));
    const classes = page.tbody.map((row) => (row[4] ?? '').replace(/<[^>]*>/g, ''));
    expect(unknownTexts('pub_class', classes, ['-1'])).toEqual([]);
  });
});

describe.skipIf(panel === null)('the recorded monthly panel of 2021', () => {
  test('has no value with more decimals than are stored, apart from zeros at the end', () => {
    const ids: Record<string, string> = {
      水温: 'wt',
      pH值: 'ph',
      溶解氧: 'do',
      电导率: 'ec',
      浊度: 'turbidity',
      高锰酸盐指数: 'codmn',
      氨氮: 'nh3n',
      总磷: 'tp',
      总氮: 'tn',

      化学需氧量: 'cod',
      五日生化需氧量: 'bod5',
      铜: 'cu',
      锌: 'zn',
      氟化物: 'f',
      硒: 'se',
      砷: 'as',
      汞: 'hg',
      镉: 'cd',
      六价铬: 'cr6',

      铅: 'pb',
      氰化物: 'cn',
      挥发酚: 'phenol',
      石油类: 'oil',
      阴离子表面活性剂: 'las',
      硫化物: 'sulfide',
    };
    const rows = rowsOf(panel ?? '');
    expect(rows).toHaveLength(531);
    for (const [column, id] of Object.entries(ids)) {
      expect(rows[0], column).toHaveProperty(column);
      expect(
        tooLong(
          id,
          rows.map((row) => row[column] ?? ''),
        ),
        id,
      ).toEqual([]);
    }
  });
});

describe.skipIf(rows2021 === null || air2026 === null)('recorded readings', () => {
  test('of 2021 have only known classes and station states', () => {
    const rows = rowsOf(rows2021 ?? '');
    expect(rows).toHaveLength(112_088);
    expect(
      unknownTexts(
        'pub_class',
        rows.map((row) => row['水质类别']),
        ['', '-'],
      ),
    ).toEqual([]);
    expect(
      unknownTexts(
        'pub_state',
        rows.map((row) => row['站点情况']),
        ['', '--'],
      ),
    ).toEqual([]);
  });

  test('of air have only known primary pollutants', () => {
    const rows = rowsOf(air2026 ?? '');
    const named = rows.flatMap((row) => (row.primarypollutant ?? '').split(','));
    expect(named.filter((text) => text.includes('PM10')).length).toBeGreaterThan(10);
    expect(unknownTexts('pub_primary', named, ['', 'NA'])).toEqual([]);
  });
});
