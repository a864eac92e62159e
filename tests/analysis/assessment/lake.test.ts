import { describe, expect, test } from 'vitest';
import { assessLake, periodOf } from '../../../src/analysis/assessment/index.ts';
import { facts, monthly, months, source } from './section-months.ts';

const period = periodOf('2021-04');
const lake = { id: 'lake', name: { zh: '湖', en: 'Lake' }, targets: [] };
const point = (section: string, values: Readonly<Record<string, number>>) => ({
  section,
  means: months(
    source(
      'manual',
      Object.entries(values).map(([item, value]) => monthly(item, { '2021-04': value })),
    ),
  ).of('2021-04'),
});

describe('a lake of several points', () => {
  test('is judged on means over its points by lake limits, not by the worst of them', () => {
    const found = assessLake(lake, [point('a', { tp: 0.02 }), point('b', { tp: 0.07 })], period, facts);
    // (0.02 + 0.07) / 2 = 0.045: class III of lakes (0.05); as points the second alone would be IV, in a river both II.
    expect(found.assessment).toMatchObject({ class: 3, decidingItems: ['tp'] });
    expect(found.assessment.items[0]?.value).toBe('0.045');
    expect(found.pointsByItem).toEqual({ tp: 2 });
  });

  test('rounds once, after the mean over the points', () => {
    // Rounded first, 0.0005 would be lost twice: (0.0495 + 0.0515) / 2 = 0.0505, a tie that goes to 0.050 and stays class III.
    const found = assessLake(lake, [point('a', { tp: 0.0495 }), point('b', { tp: 0.0515 })], period, facts);
    expect(found.assessment).toMatchObject({ class: 3, items: [{ value: '0.050', unrounded: '0.0505' }] });
  });

  test('averages pH through hydrogen ions over the points as well', () => {
    const found = assessLake(lake, [point('a', { ph: 6 }), point('b', { ph: 8 })], period, facts);
    expect(found.assessment.items[0]?.unrounded?.slice(0, 6)).toBe('6.2967');
  });

  test('says how many points have an item, and leaves out those that have not', () => {
    const found = assessLake(
      lake,
      [point('a', { tp: 0.02, cod: 10 }), point('b', { tp: 0.04 })],
      period,
      facts,
    );
    expect(found.pointsByItem).toEqual({ tp: 2, cod: 1 });
    expect(found.assessment.items.map(({ value }) => value)).toEqual(['0.030', '10.0']);
  });

  test('has a trophic state with the items that are missing from it', () => {
    const found = assessLake(lake, [point('a', { tp: 0.05, tn: 1, codmn: 4 })], period, facts);
    expect(found.trophic?.grade.zh).toMatch(/营养/);
    expect(found.trophic?.missing).toEqual(expect.arrayContaining(['chla', 'transparency']));
    expect(assessLake(lake, [point('a', { do: 8 })], period, facts).trophic).toBeNull();
  });

  test('without a point that was measured has no class, and says why', () => {
    expect(assessLake(lake, [], period, facts).assessment).toMatchObject({
      class: null,
      status: 'cannot-judge',
    });
  });
});
