import { array, assert, constantFrom, integer, property, record, uniqueArray } from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type LedgerTransaction,
  type LineDifference,
  type Party,
  type StatementLine,
  disputeStateAfter,
  disputeStates,
  disputeSteps,
  linesHeldBy,
  moved,
  movementOf,
  owed,
} from '../../src/domain/settlement.ts';
import { balancesOf } from '../../src/settle/books.ts';
import { differenceOf } from '../../src/settle/difference.ts';

const government = (code: string): Party => ({ code, name: { zh: code, en: code } });
const a = government('331100');
const b = government('350700');
const third: Party = { code: null, name: { zh: '中央财政', en: 'Central finance' } };

const line = record({
  id: constantFrom('s:pay:x', 's:pay:y', 't:pay:x', 't:pay:y'),
  pair: constantFrom([a, b], [b, a], [third, a]),
  fen: integer({ min: 1, max: 1_000_000_000 }),
  dependsOn: uniqueArray(constantFrom('tp', 'do', 'codmn'), { maxLength: 3 }),
}).map(({ id, pair, fen, dependsOn }): StatementLine => ({
  id,
  section: id.slice(0, 1),
  from: pair[0] ?? a,
  to: pair[1] ?? b,
  amountFen: String(fen),
  amountWan: '',
  basis: null,
  step: 'pay',
  dependsOn,
}));
const lines = uniqueArray(line, { selector: (one) => one.id, maxLength: 4 });

const entryOf = (difference: readonly LineDifference[]): LedgerTransaction => ({
  id: 'x',
  agreement: 'pact',
  kind: 'statement',
  statement: null,
  concerns: null,
  dispute: null,
  atS: 0,
  reference: null,
  postings: difference.flatMap((one) => owed(movementOf(one), 'due')),
});
const balances = (...steps: LineDifference[][]) => balancesOf(steps.map(entryOf));

describe('the difference that a correction posts', () => {
  it('brings the books to where the new statement alone would have brought them', () => {
    assert(
      property(lines, lines, (before, now) => {
        const first = differenceOf([], before);
        expect(balances(first, differenceOf(before, now))).toEqual(balances(differenceOf([], now)));
      }),
    );
  });

  it('followed by its reverse restores the books', () => {
    assert(
      property(lines, lines, (before, now) => {
        const first = differenceOf([], before);
        const there = differenceOf(before, now);
        const back = differenceOf(now, before);
        expect(balances(first, there, back)).toEqual(balances(first));
      }),
    );
  });

  it('is nothing between equal statements, and does not depend on the order of lines', () => {
    assert(
      property(lines, lines, (before, now) => {
        expect(differenceOf(now, now)).toEqual([]);
        expect(differenceOf(before, now.toReversed())).toEqual(differenceOf(before, now));
      }),
    );
  });

  it('leaves lines alone that a decision has fixed', () => {
    assert(
      property(lines, lines, (before, now) => {
        const fixed = before.map((one) => one.id);
        expect(differenceOf(before, now, fixed).every((one) => !fixed.includes(one.line))).toBe(true);
      }),
    );
  });
});

describe('the books', () => {
  const movement = record({
    from: constantFrom('331100', '中央财政'),
    to: constantFrom('350700', '330300'),
    fen: integer({ min: 1, max: 1e9 }),
  }).map(({ from, to, fen }) => ({ from, to, amountFen: BigInt(fen), line: 'l' }));

  it('sum to zero whatever is posted, held, released or paid', () => {
    assert(
      property(array(movement, { maxLength: 8 }), (movements) => {
        const postings = movements.flatMap((one) => [
          ...owed(one, 'due'),
          ...moved(one, 'due', 'held'),
          ...moved(one, 'held', 'due'),
          ...moved(one, 'due', 'paid'),
        ]);
        const sum = postings.reduce((total, one) => total + one.amountFen, 0n);
        expect(sum).toBe(0n);
        const own = balancesOf([{ ...entryOf([]), postings }]);
        expect(own.every((one) => one.account === 'paid')).toBe(true);
      }),
    );
  });

  it('see A to B as minus B to A', () => {
    assert(
      property(movement, (one) => {
        const back = { ...one, from: one.to, to: one.from };
        expect(
          balancesOf([{ ...entryOf([]), postings: [...owed(one, 'due'), ...owed(back, 'due')] }]),
        ).toEqual([]);
      }),
    );
  });
});

describe('disputes', () => {
  it('hold exactly the lines that depend on the input', () => {
    assert(
      property(lines, constantFrom('tp', 'do', 'codmn'), (all, parameter) => {
        const held = linesHeldBy({ lines: all }, { section: 's', parameter, line: null });
        for (const one of all)
          expect(held.includes(one.id)).toBe(one.section === 's' && one.dependsOn.includes(parameter));
      }),
    );
  });

  it('know one way through, and nothing follows the end', () => {
    const open = disputeStates.filter((state) =>
      disputeSteps.some((step) => {
        try {
          return disputeStateAfter(state, step) !== undefined;
        } catch {
          return false;
        }
      }),
    );
    expect(open).toEqual(['raised', 'answered', 'mediated', 'referred']);
    expect(disputeStateAfter('referred', 'decide')).toBe('closed');
    expect(() => disputeStateAfter('raised', 'decide')).toThrow(
      'possible: answer, mediate, withdraw, settle',
    );
  });
});
