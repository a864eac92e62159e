import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  bodyCode,
  classifyColumns,
  classifyItems,
  classifyReading,
  outcomeCode,
  overTarget,
  parseMeasured,
} from '../../../src/analysis/water/index.ts';
import { Decimal } from '../../../src/domain/decimal.ts';
import { gb3838 } from '../standards.ts';

const classOf = (parameter: string, value: string, bodyType: 'river' | 'lake') =>
  classifyItems({ [parameter]: value }, bodyType, gb3838)[0]?.class;
const judge = (values: Record<string, number | string>, bodyType: 'river' | 'lake' | null) =>
  classifyReading({ values, bodyType }, gb3838);

describe('class of one item (GB 3838-2002, table 1)', () => {
  test('every limit of every item is inclusive, and a hair beyond it is the next different class', () => {
    const hair = new Decimal('1e-25');
    for (const item of gb3838.items) {
      for (const bodyType of ['river', 'lake'] as const) {
        const limits = item[bodyType];
        if (limits === null) continue;
        const best = (limit: string) => limits.indexOf(limit) + 1;
        const next = (limit: string) => limits.lastIndexOf(limit) + 2;
        for (const limit of limits) {
          const beyond =
            item.rule === 'at-least' ? new Decimal(limit).minus(hair) : new Decimal(limit).plus(hair);
          expect([item.parameter, limit, classOf(item.parameter, limit, bodyType)]).toEqual([
            item.parameter,
            limit,
            best(limit),
          ]);
          expect([item.parameter, limit, classOf(item.parameter, beyond.toFixed(), bodyType)]).toEqual([
            item.parameter,
            limit,
            next(limit),
          ]);
        }
      }
    }
  });

  test('pH is class 1 inside 6 to 9 and worse than class 5 outside', () => {
    expect(['5.99', '6', '9', '9.01'].map((value) => classOf('ph', value, 'river'))).toEqual([6, 1, 1, 6]);
  });

  test('total nitrogen has no class in a river, temperature has none anywhere', () => {
    const [nitrogen, temperature] = classifyItems({ tn: '1.2', wt: '25' }, 'river', gb3838);
    expect(nitrogen).toMatchObject({ class: null, reason: 'not-for-rivers', evaluated: false });
    expect(temperature).toMatchObject({
      class: null,
      reason: 'not-classified-by-standard',
      evaluated: false,
    });
  });

  test('the standard lists 24 items, of which 21 are evaluated', () => {
    expect(gb3838.items).toHaveLength(24);
    expect(gb3838.items.filter((item) => item.evaluated)).toHaveLength(21);
    expect(gb3838.drinkingSource.specific.items).toHaveLength(80);
  });
});

describe('class of a reading', () => {
  test('the worst evaluated item decides, ties side by side, reference items never', () => {
    const verdict = judge(
      { ph: 7.8, do: 6.2, codmn: 4.1, nh3n: 0.62, tp: 0.12, tn: 9, fcoli: 90000 },
      'river',
    );
    expect(verdict).toMatchObject({
      class: 3,
      decidingItems: ['codmn', 'nh3n', 'tp'],
      status: 'ok',
      reason: null,
    });
    expect(verdict.reference).toEqual({ tn: null, fcoli: 6 });
    expect(verdict.missing).toHaveLength(16);
  });

  test('without a body type the class is unknown where phosphorus matters', () => {
    expect(judge({ ph: 7, tp: 0.04 }, null)).toMatchObject({
      class: null,
      reason: 'type-unknown',
      decidingItems: [],
    });
  });

  test('without a body type the class stands where both kinds of water give it', () => {
    expect(judge({ ph: 7, nh3n: 1.8, tp: 0.04 }, null)).toMatchObject({
      class: 5,
      reason: null,
      decidingItems: ['nh3n'],
    });
    expect(judge({ ph: 7, do: 8 }, null)).toMatchObject({ class: 1, reason: null });
  });

  test('without an evaluated item there is no class, and no class 1', () => {
    expect(judge({}, 'river')).toMatchObject({ class: null, reason: 'no-evaluated-item' });
    expect(judge({ tn: 0.1, wt: 20 }, 'lake')).toMatchObject({ class: null, reason: 'no-evaluated-item' });
  });

  test('multiples refer to the target class and are never given for pH and oxygen', () => {
    const { items } = judge({ nh3n: '1.6', codmn: '6.0', do: '4.6', ph: '9.2', tp: '0.2' }, 'river');
    expect(overTarget(items, 3, 'river', gb3838).over).toEqual([
      { item: 'nh3n', multiple: '0.60' },
      { item: 'do', multiple: null },
      { item: 'ph', multiple: null },
    ]);
  });

  test('an item over the target in lakes only is undetermined while the type is unknown', () => {
    const { items } = judge({ tp: '0.04' }, null);
    expect(overTarget(items, 2, null, gb3838)).toEqual({ over: [], undetermined: ['tp'] });
  });
});

describe('values below the detection limit', () => {
  const half = new Decimal('0.5');
  test.each([
    ['<0.025', '0.0125', '0.025'],
    ['＜0.025', '0.0125', '0.025'],
    ['0.025L', '0.0125', '0.025'],
    ['0.31', '0.31', null],
    ['1e-3', '0.001', null],
  ])('%s reads as %s', (text, value, limit) => {
    const measured = parseMeasured(text, half);
    expect(measured?.value.toFixed()).toBe(value);
    expect(measured?.detectionLimit?.toFixed() ?? null).toBe(limit);
  });

  test.each(['ND', 'abc', '', '1.2.3', '0x10', 'Infinity', '1,2', 'L', '<'])('%s is not a value', (text) => {
    expect(parseMeasured(text, half)).toBeNull();
  });
});

const evaluatedItems = gb3838.items.map((item) => item.parameter);
const nearLimit = fc.constantFrom(
  ...gb3838.items.flatMap((item) => [...(item.river ?? []), ...(item.lake ?? [])]).map(Number),
);
const value = fc.oneof(
  nearLimit,
  nearLimit.map((limit) => limit * (1 + Number.EPSILON)),
  nearLimit.map((limit) => limit * (1 - Number.EPSILON)),
  fc.double({ min: 0, max: 50_000, noNaN: true }),
  fc.constant(Number.NaN),
);
const row = fc.record({
  values: fc.array(value, { minLength: evaluatedItems.length, maxLength: evaluatedItems.length }),
  bodyType: fc.constantFrom(null, 'river' as const, 'lake' as const),
  target: fc.integer({ min: 0, max: 5 }),
});

describe('columns', () => {
  test('columns judge every row as the decimal path does', () => {
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 20 }), (rows) => {
        const columns = classifyColumns(
          {
            length: rows.length,
            values: Object.fromEntries(
              evaluatedItems.map((parameter, at) => [
                parameter,
                Float64Array.from(rows, (entry) => entry.values[at]!),
              ]),
            ),
            bodyType: Uint8Array.from(rows, ({ bodyType }) => bodyCode[bodyType ?? 'unknown']),
            targetClass: Uint8Array.from(rows, ({ target }) => target),
          },
          gb3838,
        );
        const named = (bits: number) => columns.items.filter((_, at) => ((bits >>> at) & 1) === 1);
        for (const [at, { values, bodyType, target }] of rows.entries()) {
          const present = evaluatedItems.flatMap((parameter, item) =>
            Number.isNaN(values[item]) ? [] : [[parameter, values[item]!] as const],
          );
          const verdict = classifyReading({ values: Object.fromEntries(present), bodyType }, gb3838);
          const outcome = {
            null: 'ok',
            'no-evaluated-item': 'noEvaluatedItem',
            'type-unknown': 'typeUnknown',
          } as const;
          expect(columns.class[at]).toBe(verdict.class ?? 0);
          expect(columns.outcome[at]).toBe(outcomeCode[outcome[verdict.reason ?? 'null']]);
          expect(named(columns.deciding[at]!)).toEqual(verdict.decidingItems);
          const over = target === 0 ? [] : overTarget(verdict.items, target, bodyType, gb3838).over;
          expect(named(columns.overTarget[at]!)).toEqual(over.map(({ item }) => item));
        }
      }),
      { numRuns: 150 },
    );
  });

  test('a worse value never gives a better class, and the order of items does not matter', () => {
    fc.assert(
      fc.property(
        row,
        fc.nat(evaluatedItems.length - 1),
        fc.double({ min: 0, max: 10, noNaN: true }),
        (entry, at, more) => {
          const item = gb3838.items[at]!;
          const given = entry.values[at]!;
          if (Number.isNaN(given) || item.rule === 'within' || item.rule === 'none') return;
          const pairs = evaluatedItems.flatMap((parameter, index) =>
            Number.isNaN(entry.values[index]) ? [] : [[parameter, entry.values[index]!] as const],
          );
          const worse = item.rule === 'at-least' ? Math.max(0, given - more) : given + more;
          const body = entry.bodyType ?? 'river';
          const before = classifyReading({ values: Object.fromEntries(pairs), bodyType: body }, gb3838);
          const after = classifyReading(
            { values: { ...Object.fromEntries(pairs), [item.parameter]: worse }, bodyType: body },
            gb3838,
          );
          const reversed = classifyReading(
            { values: Object.fromEntries(pairs.toReversed()), bodyType: body },
            gb3838,
          );
          expect(after.class ?? 0).toBeGreaterThanOrEqual(before.class ?? 0);
          expect(reversed.class).toBe(before.class);
          expect(reversed.decidingItems.toSorted()).toEqual(before.decidingItems.toSorted());
        },
      ),
      { numRuns: 200 },
    );
  });
});
