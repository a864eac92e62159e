import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { evaluateTable, type EvaluateOptions } from '../../src/cli/evaluate.ts';
import { standards } from '../analysis/standards.ts';

const defaults = { averaging: '1h', stamp: 'end', timeZone: 'Asia/Shanghai', explain: false } as const;

async function evaluate(
  text: string | Buffer,
  options: Partial<EvaluateOptions> & { medium: 'water' | 'air' },
) {
  const rows: Record<string, unknown>[] = [];
  for await (const row of evaluateTable(Readable.from([text]), { ...defaults, ...options }, standards))
    rows.push(row);
  return rows;
}

const HEAD = 'station,time,bodyType,targetClass,ph,do,codmn,nh3n,tp,tn';

describe('jiehe evaluate water', () => {
  test('a row carries class, deciding items and multiples over its target', async () => {
    const rows = await evaluate(`${HEAD}\nS1,2026-08-21T20:00,river,2,7.2,6.5,4.2,<0.025,0.11,1.9\n`, {
      medium: 'water',
    });
    expect(rows).toEqual([
      {
        line: 2,
        station: 'S1',
        time: '2026-08-21T20:00',
        class: 3,
        decidingItems: ['codmn', 'tp'],
        overTarget: [
          { item: 'codmn', multiple: 0.05 },
          { item: 'tp', multiple: 0.1 },
        ],
        status: 'ok',
        reason: null,
        standard: 'gb3838-2002',
        className: 'Ⅲ类',
        condition: '良好',
      },
    ]);
  });

  test('a byte order mark, extra columns, Chinese headings, targets in Roman letters and detection limits are understood', async () => {
    const [row] = await evaluate(
      '\uFEFF断面名称,监测时间,水体类型,目标类别,pH(无量纲),溶解氧(mg/L),氨氮（mg/L）,总磷(mg/L),备注\n小梅桥上,2026-08-21 20:00,水库,Ⅲ,7,8,0.025L,0.06,x\n',
      { medium: 'water' },
    );
    expect(row).toMatchObject({
      station: '小梅桥上',
      class: 4,
      decidingItems: ['tp'],
      overTarget: [{ item: 'tp', multiple: 0.2 }],
    });
  });

  test('an empty cell is missing, and without a type phosphorus keeps the class unknown', async () => {
    const rows = await evaluate(
      `${HEAD}\nS1,2026-01-01,,3,7,8,,0.1,0.04,\nS1,2026-01-01,,,7,,,0.1,,\nS1,2026-01-01,river,,,,,,,\n`,
      { medium: 'water' },
    );
    expect(rows.map(({ class: waterClass, status, reason }) => [waterClass, status, reason])).toEqual([
      [null, 'cannot-judge', 'type-unknown'],
      [1, 'ok', null],
      [null, 'cannot-judge', 'no-evaluated-item'],
    ]);
  });

  test.each([
    ['S,2026-01-01,lake,3,7,8,abc,0.1,0.04,', 'VALUE_NOT_A_NUMBER', 'line 2, column "codmn": "abc"'],
    ['S,2026-01-01,lake,3,7,8,-1,0.1,0.04,', 'VALUE_OUT_OF_RANGE', 'line 2, column "codmn": "-1"'],
    ['S,2026-02-30,lake,3,7,8,1,0.1,0.04,', 'TIME_NOT_READABLE', 'line 2, column "time": "2026-02-30"'],
    ['S,2001-01-01,lake,3,7,8,1,0.1,0.04,', 'TIME_OUT_OF_RANGE', 'line 2, column "time"'],
    ['S,2026-01-01,canal,3,7,8,1,0.1,0.04,', 'CODE_UNKNOWN', 'line 2, column "bodyType": "canal"'],
    ['S,2026-01-01,lake,7,7,8,1,0.1,0.04,', 'CLASS_UNKNOWN', 'line 2, column "targetClass": "7"'],
    ['"S,2026', 'ROW_SHAPE', 'line 2'],
    ['S,2026-01-01,"la"ke,3,7,8,1,0.1,0.04,', 'ROW_SHAPE', 'line 2'],
  ])('%s is rejected as %s and the next row is judged', async (bad, code, place) => {
    const [rejected, next] = await evaluate(`${HEAD}\n${bad}\n`, { medium: 'water' });
    expect(rejected).toMatchObject({
      line: 2,
      status: 'rejected',
      class: null,
      decidingItems: [],
      overTarget: [],
    });
    expect(rejected!.reason).toMatch(new RegExp(`^${code}: `));
    expect(rejected!.reason).toContain(place);
    expect(next).toBeUndefined();
    const [, judged] = await evaluate(`${HEAD}\n${bad}\nT,2026-01-01,river,3,7,8,1,0.1,0.04,\n`, {
      medium: 'water',
    });
    expect(judged).toMatchObject({ station: 'T', class: 2, status: 'ok' });
  });

  test('a table without a known column, and an empty input, say so', async () => {
    const [noColumn] = await evaluate('station,time,colour\nS,2026-01-01,red\n', { medium: 'water' });
    expect(noColumn!.reason).toMatch(/^HEADERS_CHANGED: line 1: no column of a water parameter/);
    const [empty] = await evaluate('', { medium: 'water' });
    expect(empty).toMatchObject({ status: 'rejected', line: 1 });
  });

  test('bytes that are no table at all end in rejected rows, not in a failure', async () => {
    const rows = await evaluate(Buffer.from(Array.from({ length: 5000 }, (_, at) => (at * 7919) % 256)), {
      medium: 'water',
    });
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.every((row) => row.status === 'rejected')).toBe(true);
  });

  test('a detection limit above a class limit is said: the record cannot prove that class', async () => {
    const head = 'station,time,bodyType,hg,nh3n,tp';
    const rows = await evaluate(
      `${head}\nS,2026-01-01,river,<0.0004,0.025L,0.01L\nS,2026-01-01,lake,<0.00004,0.1,0.02L\n`,
      { medium: 'water' },
    );
    expect(rows.map((row) => [row.class, row.notProvenBelowDetection])).toEqual([
      [4, ['hg']],
      [1, ['tp']],
    ]);
  });

  test('--explain gives every item its limits, clause and source', async () => {
    const [row] = await evaluate(`${HEAD}\nS1,2026-08-21,river,2,7.2,,,<0.025,,\n`, {
      medium: 'water',
      explain: true,
    });
    expect(row!.explain).toMatchObject({
      standard: 'gb3838-2002',
      evaluatedItems: 2,
      items: [
        {
          item: 'ph',
          limits: { min: '6', max: '9' },
          class: 1,
          clause: 'table 1, item 2',
          confidence: 'confirmed',
        },
        {
          item: 'nh3n',
          value: '0.0125',
          belowDetectionLimit: '0.025',
          limits: ['0.15', '0.5', '1', '1.5', '2'],
        },
      ],
    });
  });
});

describe('jiehe evaluate air', () => {
  const AIR = 'station,time,pm25,pm10,so2,no2,o3,co';

  test('the hour labelled 00:00 on 2026-03-01 is judged by the old edition, 01:00 by the new one', async () => {
    const rows = await evaluate(
      `${AIR}\nA,2026-03-01T0000,76,30,5,20,50,0.5\nA,2026-03-01T01:00+08:00,76,30,5,20,50,0.5\nA,2026-02-28T24:00,76,30,5,20,50,0.5\n`,
      { medium: 'air' },
    );
    expect(rows.map(({ aqi, level, primary, edition }) => [aqi, level, primary, edition])).toEqual([
      [102, 3, ['pm25'], 'hj633-2012'],
      [115, 3, ['pm25'], 'hj633-2026'],
      [102, 3, ['pm25'], 'hj633-2012'],
    ]);
  });

  test('a time with an offset counts by the civil date of the region', async () => {
    const [row] = await evaluate(`${AIR},o3_8h\nA,2026-02-28T16:30:00Z,10,20,5,20,50,0.5,60\n`, {
      medium: 'air',
      averaging: '24h',
    });
    expect(row).toMatchObject({ edition: 'hj633-2026' });
    const [hour] = await evaluate(`${AIR}\nA,2026-02-28T16:00:00Z,10,20,5,20,50,0.5\n`, { medium: 'air' });
    expect(hour).toMatchObject({ edition: 'hj633-2012' });
  });

  test('--stamp begin moves the boundary by an hour, --edition overrides the date, in either spelling', async () => {
    const text = `${AIR}\nA,2026-03-01T00:00,76,30,5,20,50,0.5\n`;
    expect((await evaluate(text, { medium: 'air', stamp: 'begin' }))[0]).toMatchObject({
      edition: 'hj633-2026',
    });
    expect((await evaluate(text, { medium: 'air', edition: 'HJ633-2026' }))[0]).toMatchObject({
      edition: 'hj633-2026',
      aqi: 115,
    });
    await expect(evaluate(text, { medium: 'air', edition: 'hj633-1999' })).rejects.toThrow(
      /expected one of: hj633-2012, hj633-2026/,
    );
  });

  test('a missing pollutant gives no index unless the others exceed 100; one outside the plan does not count as missing', async () => {
    const rows = await evaluate(
      `${AIR}\nA,2026-04-01T01:00,10,20,,20,50,0.5\nA,2026-04-01T01:00,61,20,,20,50,0.5\nA,2026-04-01T01:00,10,20,/,20,50,0.5\n`,
      { medium: 'air' },
    );
    expect(rows.map(({ aqi, status, reason, concerns }) => [aqi, status, reason, concerns])).toEqual([
      [null, 'cannot-judge', 'pollutant-missing', ['so2']],
      [101, 'ok', 'pollutant-missing-but-polluted', ['so2']],
      [20, 'ok', 'not-in-plan-history-assumed-clean', ['so2']],
    ]);
  });

  test('a day is judged by the daily report: ozone by its 8 h maximum, two hourly columns of other editions ignored', async () => {
    const [day] = await evaluate(
      'station,time,pm25,pm10,so2,no2,co,o3,o3_8h\nA,2026-05-01,52,98,12,38,0.9,190,148\n',
      { medium: 'air', averaging: '24h' },
    );
    expect(day).toMatchObject({
      aqi: 90,
      primary: ['o3_8h'],
      iaqi: { so2: 12, no2: 48, co: 23, pm10: 85, pm25: 84, o3_8h: 90 },
    });
    const [alone] = await evaluate(
      'station,time,pm25,pm10,so2,no2,co,o3\nA,2026-05-01,52,98,12,38,0.9,148\n',
      { medium: 'air', averaging: '24h' },
    );
    expect(alone).toMatchObject({ aqi: 90, reason: 'read-from-other-column', concerns: ['o3_8h'] });
  });

  test('a bad cell names its line and column', async () => {
    const [row] = await evaluate(`${AIR}\nA,2026-04-01T01:00,x,20,5,20,50,0.5\n`, { medium: 'air' });
    expect(row).toMatchObject({ aqi: null, level: null, primary: [], iaqi: {}, status: 'rejected' });
    expect(row!.reason).toContain('line 2, column "pm25": "x"');
  });
});
