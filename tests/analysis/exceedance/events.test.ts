import { array, assert, constant, integer, oneof, property, shuffledSubarray, uniqueArray } from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  eventChanges,
  exceedanceEvents,
  exceedanceFrequency,
  type Criterion,
  type Observation,
} from '../../../src/analysis/exceedance/events.ts';
import { standards } from '../standards.ts';

const window = standards.exceedanceMethods[0]!.windows.find(({ averaging }) => averaging === 'PT1H')!;
const criterion: Criterion = {
  id: 'o3 1 h',
  parameter: 'o3',
  averaging: 'PT1H',
  rule: 'at-most',
  limit: '200',
  multipleDecimals: 2,
  allowed: null,
};
const H = 3600;

/** Hourly values from hour 0 on; null for no value, undefined for nothing at all. */
const hours = (...values: (number | null | undefined)[]): Observation[] =>
  values.flatMap((value, hour) =>
    value === undefined ? [] : [{ beginS: hour * H, endS: (hour + 1) * H, value, seq: hour + 1 }],
  );
const events = (list: readonly Observation[], through?: number) =>
  exceedanceEvents(list, criterion, window, through);

describe('events of values beyond a limit', () => {
  test('have a start and an end in event time, a magnitude, a duration and what is missing inside', () => {
    expect(events(hours(100, 201, 300, null, 250, 100, 100, 100))).toEqual([
      {
        startS: 1 * H,
        endS: 5 * H,
        open: false,
        values: 3,
        below: 0,
        missing: 1,
        durationS: 3 * H,
        peak: { value: 300, atS: 2 * H, multiple: '0.50' },
        mean: '250.333333333',
      },
    ]);
  });

  test('at the limit itself are none', () => {
    expect(events(hours(200, 200, 200))).toEqual([]);
  });

  test('end after two values below the limit, and a gap of three due values does not split them but four do', () => {
    expect(events(hours(201, 199, 201, 199, 199, 201))).toHaveLength(2);
    expect(events(hours(201, null, null, null, 201, 1, 1))).toHaveLength(1);
    expect(events(hours(201, null, null, null, null, 201, 1, 1))).toHaveLength(2);
  });

  test('are open while they may go on, and closed by silence', () => {
    expect(events(hours(201))[0]!.open).toBe(true);
    expect(events(hours(201, 100))[0]!.open).toBe(true);
    expect(events(hours(201, 100, 100))[0]!.open).toBe(false);
    expect(events(hours(201), 4 * H)[0]!.open).toBe(true);
    expect(events(hours(201), 4 * H + 1)[0]!.open).toBe(false);
  });

  test('look below the limit where the standard asks for at least, and then never have a multiple', () => {
    const oxygen: Criterion = {
      ...criterion,
      parameter: 'do',
      rule: 'at-least',
      limit: '5',
      multipleDecimals: null,
    };
    expect(exceedanceEvents(hours(6, 4, 3, 5, 6), oxygen, window)).toMatchObject([
      { values: 2, peak: { value: 3, multiple: null } },
    ]);
  });

  test('merge and split when late or corrected values arrive', () => {
    const apart = hours(201, 100, 100, 201, 100, 100);
    const late = { beginS: 1 * H, endS: 2 * H, value: 220, seq: 99 };
    expect(eventChanges(events(apart), events([...apart, late]))).toMatchObject([
      { kind: 'merged', before: [{ values: 1 }, { values: 1 }], after: [{ values: 3 }] },
    ]);
    const whole = hours(201, 201, 201, 201, 100, 100);
    const corrected = [1, 2].map((hour) => ({
      beginS: hour * H,
      endS: (hour + 1) * H,
      value: 50,
      seq: 90 + hour,
    }));
    expect(eventChanges(events(whole), events([...whole, ...corrected]))).toMatchObject([
      { kind: 'split', after: [{ values: 1 }, { values: 1 }] },
    ]);
    expect(eventChanges(events(hours(201, 1, 1)), events(hours(100, 1, 1)))).toMatchObject([
      { kind: 'withdrawn' },
    ]);
    expect(eventChanges(events(hours(201)), events(hours(201, 1, 1)))).toMatchObject([{ kind: 'closed' }]);
    expect(eventChanges(events(whole), events(whole))).toEqual([]);
  });

  test('do not depend on the order of arrival, on repeats, or on what came in between', () => {
    const value = oneof(integer({ min: 150, max: 250 }), constant(null));
    assert(
      property(
        uniqueArray(integer({ min: 0, max: 60 }), { minLength: 1, maxLength: 40 }).chain((slots) =>
          array(value, { minLength: slots.length, maxLength: slots.length }).map((values) =>
            slots.map((slot, at) => ({
              beginS: slot * H,
              endS: (slot + 1) * H,
              value: values[at] ?? null,
              seq: at + 1,
            })),
          ),
        ),
        array(integer({ min: 0, max: 39 }), { maxLength: 10 }),
        (list, repeats) => {
          const again = repeats.flatMap((at) => (list[at] === undefined ? [] : [list[at]]));
          const older = repeats.flatMap((at) =>
            list[at] === undefined ? [] : [{ ...list[at], value: 999, seq: 0 }],
          );
          const whole = events(list);
          expect(events([...again, ...older, ...list.toReversed()])).toEqual(whole);
          for (const event of whole) expect(event.endS).toBeGreaterThan(event.startS);
          for (const [at, event] of whole.entries())
            if (at > 0) expect(event.startS).toBeGreaterThanOrEqual(whole[at - 1]!.endS);
        },
      ),
      { seed: 4, numRuns: 200 },
    );
    assert(
      property(
        shuffledSubarray(hours(201, null, 202, 100, 203, 100, 100, 204), { minLength: 8 }),
        (shuffled) => {
          expect(events(shuffled)).toEqual(events(hours(201, null, 202, 100, 203, 100, 100, 204)));
        },
      ),
      { seed: 4, numRuns: 50 },
    );
  });
});

describe('how often a limit was passed', () => {
  const often = (allowed: number, ...values: (number | null)[]) =>
    exceedanceFrequency(hours(...values), { ...criterion, allowed }, window, { fromS: 0, toS: 8 * H });

  test('is within what is allowed only on enough values; beyond it is proven by any', () => {
    expect(often(1, 201, 1, 1, 1, 1, 1, 1, 1)).toMatchObject({ beyond: 1, within: true, share: '0.1250' });
    expect(often(1, 201, 1, 1, 1, 1, null, null, null)).toMatchObject({ sufficient: false, within: null });
    expect(often(1, 201, 201, null, null, null, null, null, null)).toMatchObject({
      sufficient: false,
      within: false,
    });
  });
});
