import { describe, expect, test } from 'vitest';
import { assessBasin, compareBasin } from '../../../src/analysis/assessment/basin-assessment.ts';
import {
  cityIndexChange,
  cityWaterIndex,
  rankCities,
  type CitySection,
} from '../../../src/analysis/assessment/city-index.ts';
import { compareSections } from '../../../src/analysis/assessment/comparability.ts';
import { periodOf } from '../../../src/analysis/assessment/period.ts';
import { assessSection } from '../../../src/analysis/assessment/section-assessment.ts';
import { Decimal } from '../../../src/domain/decimal.ts';
import { gb3838, standards } from '../standards.ts';
import { facts, monthly, months, section, source } from './section-months.ts';

/** Sections by their COD of a month; 10 is class I, 30 class IV, 60 worse than class V; null has no data. */
const assessed = (cod: readonly (number | null)[], first = 1, item = 'cod') =>
  cod.map((value, at) =>
    assessSection(
      { ...section, id: `s${at + first}` },
      months(source('manual', [monthly(item, value === null ? { '2021-03': 1 } : { '2021-04': value })])),
      periodOf('2021-04'),
      facts,
    ),
  );
const basinOf = (assessments: ReturnType<typeof assessed>) =>
  assessBasin(
    'ou',
    assessments.map((assessment) => ({ bodyType: 'river', assessment })),
    facts,
  );
const basin = (cod: readonly (number | null)[]) => basinOf(assessed(cod));
const compared = (before: ReturnType<typeof assessed>, after: ReturnType<typeof assessed>) =>
  compareBasin(basinOf(before), basinOf(after), compareSections(before, after), facts);

describe('a basin', () => {
  test('of five sections or more is judged by shares, without those that have no class', () => {
    expect(basin([10, 10, 10, 30, 60, null])).toMatchObject({
      sections: 6,
      notJudged: ['s6'],
      by: 'shares',
      goodPercent: '60.0',
      worstPercent: '20.0',
      condition: { zh: '中度污染' },
      mainPollutants: [{ item: 'cod', exceedRatePercent: '40.0' }],
    });
  });

  test('of fewer sections by the means over them', () => {
    // (10 + 10 + 36) / 3 = 18.7: class III.
    expect(basin([10, 10, 36])).toMatchObject({ by: 'means', condition: { zh: '良好' } });
    expect(basin([null])).toMatchObject({ by: null, status: 'cannot-judge', reason: 'no-section-judged' });
  });

  test('changes by points of shares, and is not compared over another list of sections, or other items of them', () => {
    const before = assessed([10, 10, 10, 10, 30]);
    expect(compared(before, assessed([10, 10, 30, 30, 60]))).toMatchObject({
      comparable: true,
      points: '-60.0',
      verdict: { zh: '明显下降' },
    });
    expect(compared(before, assessed([10, 10, 10, 10, 10], 2))).toMatchObject({
      comparable: false,
      reasons: [{ reason: 'sections-changed', concerns: ['s1', 's6'] }],
    });
    const others = [...assessed([10, 10, 10, 10]), ...assessed([1], 5, 'bod5')];
    expect(compared(before, others)).toMatchObject({
      comparable: false,
      points: null,
      reasons: [{ reason: 'items-changed', concerns: ['s5 cod', 's5 bod5'] }],
      text: { zh: '不可比：评价指标不一致' },
    });
  });
});

describe('the city water index', () => {
  const rule = standards.cityWaterIndices[0]!;
  const river = (values: Record<string, number>): CitySection => ({
    section: 'r',
    bodyType: 'river',
    values: Object.fromEntries(Object.entries(values).map(([item, value]) => [item, new Decimal(value)])),
  });
  const index = (...sections: CitySection[]) => cityWaterIndex(sections, { rule, standard: gb3838 });

  test('sums items against class III, oxygen the other way round and pH by its distance from 7', () => {
    // 10/20 + 5/10 + (8 - 7)/(9 - 7) = 1.5
    expect(index(river({ cod: 10, do: 10, ph: 8 })).index).toBe('1.5000');
    expect(index(river({ cod: 10, do: 10, ph: 6.5 })).index).toBe('1.5000');
  });

  test('weighs rivers and lakes by their sections', () => {
    const lake: CitySection = { ...river({ tp: 0.1 }), bodyType: 'lake' };
    // Rivers 0.1/0.2 = 0.5 twice, lake 0.1/0.05 = 2: (0.5·2 + 2·1) / 3.
    expect(index(river({ tp: 0.1 }), river({ tp: 0.1 }), lake)).toMatchObject({
      index: '1.0000',
      lakes: { sections: 1 },
    });
  });

  test('changes in percent, negative for better, and only on the same items', () => {
    expect(cityIndexChange(index(river({ cod: 10 })), index(river({ cod: 8 })), rule)).toBe('-20.00');
    expect(cityIndexChange(index(river({ cod: 10 })), index(river({ cod: 8, tp: 0.1 })), rule)).toBeNull();
  });

  test('ranks cities that have the same number of items', () => {
    expect(
      rankCities([
        { city: 'a', index: index(river({ cod: 20, tp: 0.1 })) },
        { city: 'b', index: index(river({ cod: 10, tp: 0.1 })) },
        { city: 'c', index: index(river({ cod: 1 })) },
        { city: 'd', index: index() },
      ]),
    ).toEqual({
      ranked: [
        { city: 'b', index: '1.0000', rank: 1 },
        { city: 'a', index: '1.5000', rank: 2 },
      ],
      notRanked: ['c', 'd'],
    });
  });
});
