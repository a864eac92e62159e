import { assert, constantFrom, double, integer, property } from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  cumulativePeriod,
  monthPeriod,
  periodOf,
  type AssessmentPeriod,
} from '../../../src/analysis/assessment/period.ts';
import { assessSection } from '../../../src/analysis/assessment/section-assessment.ts';
import {
  touchedByEditions,
  touchedPeriods,
  touchedVerdicts,
} from '../../../src/analysis/assessment/touched.ts';
import { gb3838 } from '../standards.ts';
import {
  at,
  everyFourHours,
  facts,
  months,
  section,
  series,
  source,
  type Reading,
} from './section-months.ts';

const zone = 'Asia/Shanghai';
const year = Array.from({ length: 12 }, (_, month) => `2021-${String(month + 1).padStart(2, '0')}`);
const readings = year.flatMap((month) => everyFourHours(month, 0.3));
/** Every verdict there is on the section in 2021, and the days of two months. */
const every: AssessmentPeriod[] = [
  ...year.map((_, month) => monthPeriod(2021, month + 1)),
  ...year.map((_, month) => cumulativePeriod(2021, month + 1)),
  ...['2021-Q1', '2021-Q2', '2021-Q3', '2021-Q4', '2021'].map(periodOf),
  ...['04', '05'].flatMap((month) => ['01', '15', '30'].map((day) => periodOf(`2021-${month}-${day}`))),
];
const judgeAll = (list: readonly Reading[]) => {
  const shared = months(source('automatic', [series('nh3n', list)]));
  return new Map(
    every.map((period) => [period.id, JSON.stringify(assessSection(section, shared, period, facts))]),
  );
};

describe('re-judging', () => {
  test('computes anew what a change can have changed, and nothing else has changed', () => {
    const before = judgeAll(readings);
    assert(
      property(
        integer({ min: 0, max: readings.length - 1 }),
        constantFrom(1, 6, 200),
        double({ min: 0, max: 9, noNaN: true }),
        (first, count, value) => {
          const changed = readings.map((one, slot) =>
            slot >= first && slot < first + count ? { ...one, value } : one,
          );
          const last = Math.min(first + count, readings.length) - 1;
          const change = {
            station: section.id,
            firstS: at(readings[first]!.at),
            lastS: at(readings[last]!.at),
          };
          const touched = new Set(touchedPeriods(change, zone, '2021-12-31').map(({ id }) => id));
          const after = judgeAll(changed);
          for (const { id } of every) {
            if (!touched.has(id))
              expect({ id, verdict: after.get(id) }).toEqual({ id, verdict: before.get(id) });
          }
          // Only touched ones are judged again; the result is what judging everything gives.
          const again = new Map(
            [...before].map(([id, text]) => [id, touched.has(id) ? after.get(id)! : text]),
          );
          expect([...again]).toEqual([...after]);
          // Nothing is touched whose span holds no changed reading.
          for (const { id, from, to } of every) {
            const holds = from <= readings[last]!.at.slice(0, 10) && readings[first]!.at.slice(0, 10) <= to;
            expect([id, touched.has(id)]).toEqual([id, holds]);
          }
        },
      ),
      { seed: 4, numRuns: 12 },
    );
  });

  test('joins changes of one station and looks no further than today', () => {
    const change = { station: 'a', firstS: at('2021-11-30T20:00'), lastS: at('2021-12-01T04:00') };
    expect(touchedVerdicts([change, change], zone, '2021-12-05')).toMatchObject([
      { station: 'a', periods: expect.objectContaining({ length: 8 }) },
    ]);
    expect(touchedPeriods(change, zone, '2021-11-30').map(({ id }) => id)).not.toContain('2021-12');
  });

  test('of a changed edition reaches the span in which it holds', () => {
    const other = { ...gb3838, multipleDecimals: 3 };
    expect(touchedByEditions([gb3838], [gb3838])).toEqual([]);
    expect(touchedByEditions([gb3838], [other])).toEqual([
      { from: gb3838.inForce.from, to: null },
      { from: gb3838.inForce.from, to: null },
    ]);
  });
});
