import { assert, double, array, integer, property, shuffledSubarray } from 'fast-check';
import type { SectionSource } from '../../../src/analysis/assessment/month-values.ts';
import { describe, expect, test } from 'vitest';
import { ExactSum } from '../../../src/analysis/assessment/exact-sum.ts';
import { periodOf } from '../../../src/analysis/assessment/period.ts';
import { assessSection } from '../../../src/analysis/assessment/section-assessment.ts';
import { sectionReport } from '../../../src/analysis/assessment/section-report.ts';
import { standards } from '../standards.ts';
import { packFlags } from '../../../src/domain/flags.ts';
import {
  everyFourHours,
  facts,
  factsOn,
  monthly,
  months,
  section,
  series,
  source,
  type Reading,
} from './section-months.ts';

const assess = (period: string, ...sources: SectionSource[]) =>
  assessSection(section, months(...sources), periodOf(period), facts);

describe('a section over a month', () => {
  test('is judged on means rounded once, half to even, to the decimals of evaluation', () => {
    // 环办监测函〔2020〕82号: NH3-N to two decimals; 1.005 is a tie and goes to 1.00, which is class III.
    const sample = source('manual', [monthly('nh3n', { '2021-04': 1.005 })]);
    expect(assess('2021-04', sample).items).toMatchObject([{ parameter: 'nh3n', value: '1.00', class: 3 }]);
    const automatic = source('automatic', [
      series(
        'nh3n',
        everyFourHours('2021-04', 1).map((one, at) => ({ ...one, value: at % 2 === 0 ? 1 : 1.01 })),
      ),
    ]);
    expect(assess('2021-04', automatic)).toMatchObject({
      class: 3,
      decidingItems: ['nh3n'],
      items: [{ value: '1.00', unrounded: '1.005', valid: 180, validDays: 30, expected: 180 }],
      standing: 'monthly-unreviewed',
    });
  });

  test('names the deciding items of every class, the best included, and three targets side by side', () => {
    const good = assess('2021-04', source('automatic', [series('do', everyFourHours('2021-04', 9))]));
    expect(good).toMatchObject({ class: 1, decidingItems: ['do'], condition: { zh: '优' } });
    const poor = assess('2021-04', source('automatic', [series('nh3n', everyFourHours('2021-04', 0.8))]));
    expect(poor.condition?.zh).toBe('良好');
    expect(poor.targets).toMatchObject([
      { kind: 'function-area', targetClass: 2, met: false, over: [{ item: 'nh3n', multiple: '0.60' }] },
      { kind: 'national-assessment', met: true, over: [] },
      { kind: 'hand-over', met: true, over: [] },
    ]);
    expect(poor.targets[0]?.wording[0]?.wording.zh).toBe('月均值高于Ⅱ类限值(未经审核)');
  });

  test('says how few of the items automatic data covers, and what no standard fixes', () => {
    const five = source(
      'automatic',
      ['ph', 'do', 'codmn', 'nh3n', 'tp'].map((item) =>
        series(item, everyFourHours('2021-04', item === 'ph' ? 7 : item === 'do' ? 8 : 0.1)),
      ),
    );
    const verdict = assess('2021-04', five);
    expect(verdict.coverage.text).toEqual({
      zh: '自动监测数据覆盖21项评价指标中的5项',
      en: 'Automatic data covers 5 of the 21 items',
    });
    expect(verdict.defaults.map(({ name, label }) => [name, label.zh])).toContainEqual([
      'day-minimum',
      '约定缺省',
    ]);
  });

  test('may say 超标 only when every reading was reviewed', () => {
    const reviewed = packFlags({ stage: 2 });
    const readings = everyFourHours('2021-04', 0.8).map((one) => ({ ...one, flags: reviewed }));
    const of = (list: Reading[]) =>
      assess('2021-04', source('automatic', [series('nh3n', list)])).targets[0]!.wording[0]!;
    expect(of(readings)).toMatchObject({ exceedance: true, wording: { zh: '月均值超Ⅱ类标准' } });
    expect(of([{ ...readings[0]!, flags: 0 }, ...readings.slice(1)])).toMatchObject({ exceedance: false });
  });

  test('takes half the limit for a result below detection', () => {
    const below = packFlags({ qualifiers: ['belowDetection'] });
    const hg = series('hg', [
      { at: '2021-04-05T09:00', value: 0.00004, flags: below },
      { at: '2021-04-15T09:00', value: 0.00006 },
    ]);
    expect(assess('2021-04', source('manual', [hg])).items).toMatchObject([
      { unrounded: '0.00004', value: '0.00004', belowDetection: 1 },
    ]);
  });

  test('averages pH through hydrogen ions', () => {
    const half = everyFourHours('2021-04', 6).map((one, at) => ({ ...one, value: at % 2 === 0 ? 6 : 8 }));
    // -log10((1e-6 + 1e-8) / 2) = 6.2967
    expect(assess('2021-04', source('automatic', [series('ph', half)])).items[0]).toMatchObject({
      value: '6',
    });
    expect(
      Number(assess('2021-04', source('automatic', [series('ph', half)])).items[0]!.unrounded),
    ).toBeCloseTo(6.2967, 4);
  });

  test('takes one source for the whole month: automatic first, by hand where automatic has too few days', () => {
    const hand = source('manual', [monthly('nh3n', { '2021-04': 2 })]);
    const days = (count: number) =>
      source('automatic', [series('nh3n', everyFourHours('2021-04', 0.1).slice(0, count * 6))]);
    expect(assess('2021-04', hand, days(18)).items).toMatchObject([{ value: '0.10', method: 'automatic' }]);
    expect(assess('2021-04', hand, days(17)).items).toMatchObject([
      { value: '2.00', method: 'manual', valid: 1 },
    ]);
    expect(assess('2021-04', days(17))).toMatchObject({
      class: null,
      status: 'cannot-judge',
      reason: 'too-few-days',
    });
  });

  test('never takes an automatic value for an item that is sampled by hand', () => {
    expect(
      assess('2021-04', source('automatic', [series('cod', everyFourHours('2021-04', 50))])),
    ).toMatchObject({
      class: null,
      reason: 'no-data',
    });
  });

  test('leaves out readings under maintenance and suspect ones', () => {
    const flagged = everyFourHours('2021-04', 0.1).map((one, at) =>
      at % 6 === 0
        ? { ...one, value: 99, flags: packFlags({ qualifiers: ['maintenance'] }) }
        : at % 6 === 1
          ? { ...one, value: 88, flags: packFlags({ validity: 'suspect' }) }
          : one,
    );
    expect(assess('2021-04', source('automatic', [series('nh3n', flagged)])).items).toMatchObject([
      { value: '0.10', observed: 180, valid: 120 },
    ]);
  });
});

describe('longer periods', () => {
  const by = (values: Record<string, number>) => source('manual', [monthly('cod', values)]);

  test('are means of month values, and cumulative ones need every month', () => {
    const year = by({ '2021-01': 10, '2021-02': 20, '2021-03': 33 });
    expect(assess('2021-01/2021-03', year).items).toMatchObject([{ value: '21.0' }]);
    expect(assess('2021-Q1', year).items).toMatchObject([{ value: '21.0' }]);
    expect(assess('2021-01/2021-04', year)).toMatchObject({ class: null, reason: 'too-few-months' });
    expect(assess('2021', year)).toMatchObject({ class: null, reason: 'too-few-months' });
  });

  test('of a day need four of six readings', () => {
    const few = everyFourHours('2021-04', 0.3).slice(0, 3);
    expect(assess('2021-04-01', source('automatic', [series('nh3n', few)]))).toMatchObject({
      reason: 'too-few-readings',
    });
    const four = everyFourHours('2021-04', 0.3).slice(0, 4);
    expect(assess('2021-04-01', source('automatic', [series('nh3n', four)]))).toMatchObject({
      class: 2,
      standing: 'day-unreviewed',
    });
  });
});

describe('a monthly report', () => {
  const hand = (values: Record<string, number>) => source('manual', [monthly('cod', values)]);
  const warning = standards.waterEarlyWarnings[0]!;
  const report = (values: Record<string, number>, month = 2) =>
    sectionReport(section, { months: months(hand(values)), warning }, { year: 2021, month }, factsOn)!;

  test('prints this month, last month, the same month last year, cumulative and cumulative last year', () => {
    const found = report({ '2020-01': 14, '2020-02': 16, '2021-01': 22, '2021-02': 26 });
    expect(
      [found.month, found.lastMonth, found.sameMonthLastYear, found.cumulative, found.cumulativeLastYear].map(
        (one) => [one.period.id, one.class],
      ),
    ).toEqual([
      ['2021-02', 4],
      ['2021-01', 4],
      ['2020-02', 3],
      ['2021-01/2021-02', 4],
      ['2020-01/2020-02', 1],
    ]);
    expect(found.changes.onYear).toMatchObject({
      comparable: true,
      classesWorse: 1,
      verdict: { zh: '有所下降' },
    });
    expect(found.outlook[1]).toMatchObject({
      targetClass: 3,
      items: [{ soFar: '24.0', limit: '20', shortOfTarget: true, monthsLeft: 10 }],
    });
  });

  test('warns at level two one class down and at level one two classes down, below class III and short of the target only', () => {
    // 长江流域水环境质量监测预警办法(试行): month and cumulative, both against last year.
    expect(report({ '2020-01': 19, '2020-02': 19, '2021-01': 25, '2021-02': 25 }).earlyWarning).toMatchObject(
      { level: 2, monthDown: 1, cumulativeDown: 1 },
    );
    expect(report({ '2020-01': 19, '2020-02': 19, '2021-01': 35, '2021-02': 35 }).earlyWarning).toMatchObject(
      { level: 1 },
    );
    expect(report({ '2020-01': 14, '2020-02': 14, '2021-01': 19, '2021-02': 19 }).earlyWarning).toMatchObject(
      { level: null, reason: null, monthDown: 2 },
    );
    expect(report({ '2021-01': 35, '2021-02': 35 }).earlyWarning).toMatchObject({
      level: null,
      reason: 'cannot-judge',
    });
  });

  test('does not compare years with other items or another source', () => {
    const changed = sectionReport(
      section,
      {
        months: months(
          source('manual', [
            monthly('nh3n', { '2020-02': 0.3 }),
            monthly('cod', { '2020-02': 12, '2021-02': 12 }),
          ]),
          source('automatic', [series('nh3n', everyFourHours('2021-02', 0.3))]),
        ),
        warning: null,
      },
      { year: 2021, month: 2 },
      factsOn,
    )!;
    expect(changed.changes.onYear).toMatchObject({
      comparable: false,
      verdict: null,
      reasons: [{ reason: 'source-changed', concerns: ['nh3n'] }],
    });
    expect(changed.changes.onYear.text?.zh).toContain('不可比');
    expect(changed.earlyWarning).toBeNull();
  });
});

test('a sum of stored decimals is exact in any order', () => {
  assert(
    property(array(integer({ min: 0, max: 99_999_999 }), { minLength: 1, maxLength: 200 }), (units) => {
      const sum = new ExactSum(6);
      for (const unit of units) sum.add(unit / 1e6);
      const whole = units.reduce((total, unit) => total + BigInt(unit), 0n);
      expect(sum.sum().times(1e6).toFixed()).toBe(whole.toString());
    }),
    { seed: 4, numRuns: 200 },
  );
});

test('values with more decimals than are stored, and sums beyond 2^53 units, stay exact', () => {
  const sum = new ExactSum(2);
  for (const value of [0.1234567, 1e14, 1e14, 0.01]) sum.add(value);
  expect(sum.sum().toFixed()).toBe('200000000000000.1334567');
});

test('a worse value of any item never gives a better class, and order of arrival does not matter', () => {
  const base = everyFourHours('2021-04', 0.2);
  assert(
    property(
      integer({ min: 0, max: base.length - 1 }),
      double({ min: 0, max: 5, noNaN: true }),
      shuffledSubarray(base, { minLength: base.length }),
      (index, more, shuffled) => {
        const of = (list: Reading[]) => assess('2021-04', source('automatic', [series('nh3n', list)]));
        const before = of(base);
        const worse = base.map((one, at) => (at === index ? { ...one, value: one.value! + more } : one));
        expect(of(worse).class!).toBeGreaterThanOrEqual(before.class!);
        expect(of(shuffled)).toEqual(before);
      },
    ),
    { seed: 4, numRuns: 30 },
  );
});
