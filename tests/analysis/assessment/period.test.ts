import { describe, expect, test } from 'vitest';
import {
  boundsOf,
  cumulativePeriod,
  dayBounds,
  monthBefore,
  periodOf,
  sectionPeriodOf,
  yearBefore,
} from '../../../src/analysis/assessment/period.ts';

describe('periods of the calendar', () => {
  test('are read back from their own id', () => {
    for (const id of ['2021-04-03', '2021-04', '2021-01/2021-04', '2021-Q2', '2021'])
      expect(periodOf(id).id).toBe(id);
    expect(periodOf('2021-Q2')).toMatchObject({ from: '2021-04-01', to: '2021-06-30' });
    expect(periodOf('2024-02').to).toBe('2024-02-29');
    expect(cumulativePeriod(2021, 4).months).toEqual(['2021-01', '2021-02', '2021-03', '2021-04']);
  });

  test('refuse what is none', () => {
    for (const id of ['2021-13', '2021-02-30', '2021-02/2021-04', '2020-01/2021-04', '2021-Q5', ''])
      expect(() => periodOf(id)).toThrow('not a period');
  });

  test('of a section may be the moment of a single reading', () => {
    const single = sectionPeriodOf('2021-04-03T08:00:00');
    expect(single).toMatchObject({ kind: 'single', id: '2021-04-03T08:00', from: '2021-04-03', months: [] });
    const { beginS, endS } = boundsOf(single, 'Asia/Shanghai');
    expect([beginS, endS - beginS]).toEqual([Date.UTC(2021, 3, 3) / 1000, 1]);
    expect(sectionPeriodOf('2021-04-03T08:00:30').id).toBe('2021-04-03T08:00:30');
    expect(sectionPeriodOf('2021-Q2')).toBe(periodOf('2021-Q2'));
    for (const id of ['2021-02-30T08:00', '2021-04-03T24:00', '2021-04-03T08'])
      expect(() => sectionPeriodOf(id)).toThrow('not a period');
  });

  test('have a year before and a month before', () => {
    expect(yearBefore(periodOf('2021-01/2021-04')).id).toBe('2020-01/2020-04');
    expect(yearBefore(periodOf('2024-02-29')).id).toBe('2023-02-28');
    expect(yearBefore(periodOf('2021-Q2')).id).toBe('2020-Q2');
    expect(monthBefore(periodOf('2021-01')).id).toBe('2020-12');
  });

  test('run in civil days of the region, also where a day has 25 hours', () => {
    const { beginS, endS } = boundsOf(periodOf('2021-10-31'), 'Europe/London');
    expect((endS - beginS) / 3600).toBe(25);
    expect(dayBounds(periodOf('2021-10'), 'Europe/London')).toHaveLength(32);
  });
});
