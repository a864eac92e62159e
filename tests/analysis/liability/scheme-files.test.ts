import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import { schemeFaults } from '../../../src/analysis/liability/check.ts';
import { evaluate, namesIn, parseExpression } from '../../../src/analysis/liability/expression.ts';
import { Exact } from '../../../src/analysis/liability/exact.ts';
import { Missing, plainOf, type Value } from '../../../src/analysis/liability/value.ts';
import { Scheme } from '../../../src/domain/config/scheme.ts';
import { run, scheme, schemes } from './shipped-schemes.ts';

const ajv = new Ajv({ allErrors: true, strict: true, strictTuples: false });
formats.default(ajv);
const fits = ajv.compile(Scheme);

describe('scheme files', () => {
  it.each(schemes.map((one) => [one.id, one] as const))('%s is sound, sourced and bilingual', (_id, one) => {
    expect(fits(one), JSON.stringify(fits.errors?.slice(0, 3))).toBe(true);
    expect(schemeFaults(one)).toEqual([]);
    for (const figure of one.figures) expect(figure.provenance.source.length).toBeGreaterThan(5);
    for (const step of one.steps) expect(step.rule.zh).toMatch(/\p{Script=Han}/u);
  });

  it('every step answers why: rule, source, what it read and what came out', () => {
    const inputs = { CODMn: '9.6', NH3N: '5', TP: '0.18', target: { CODMn: '6', NH3N: '1', TP: '0.2' } };
    const outcome = run('hefei-2021', inputs);
    const step = outcome.why.find((node) => node.step === 'byFactor');
    expect(step?.inputs).toMatchObject({
      multiples: { CODMn: '0.6', NH3N: '4', TP: '-0.1' },
      step: '0.5',
      unit: '50',
      cap: '300',
    });
    expect(step?.result).toEqual({ CODMn: '100', NH3N: '300', TP: '0' });
    expect(step?.provenance.confidence).toBe('confirmed');
    expect(outcome.transfers[0]?.amountFen).toBe('400000000');
    expect(outcome.why.map((node) => node.step)).toEqual(scheme('hefei-2021').steps.map((one) => one.step));
  });

  it('says when a case replaces a figure of the rule', () => {
    const C = { CODMn: '2', NH3N: '0.2', TN: '1', TP: '0.04' };
    expect(run('xinan-r1', { C, C0: C, k0: '0.85' }).remarks).toEqual([]);
    expect(run('xinan-r1', { C, C0: C, k0: '0.9' }).remarks[0]?.en).toContain('k0');
  });

  it('faults that no schema sees are listed: names, functions, roles, gaps between bands', () => {
    const broken = structuredClone(scheme('zhoukou-2009')) as unknown as Record<string, never> & {
      steps: Record<string, unknown>[];
    };
    broken.steps[2]!['value'] = 'C / limitz - greatestOf(C)';
    (broken.steps[3]!['bands'] as Record<string, string>[])[2]!['above'] = '0.2';
    (broken.steps[5]!['pay'] as Record<string, string>[])[0]!['from'] = 'nobody';
    const messages = schemeFaults(broken as unknown as Scheme).map((fault) => fault.message);
    expect(messages).toEqual([
      '"limitz" is not known here',
      'no function "greatestOf"',
      'the band before ends at 0.1',
      'no party with the role "nobody"',
    ]);
  });

  it('refuses unknown keys', () => {
    expect(fits({ ...scheme('airzz-2020'), rate: '10' })).toBe(false);
  });
});

describe('expressions', () => {
  const scope = new Map<string, Value>([
    ['a', Exact.of('1.5')],
    [
      't',
      new Map<string, Value>([
        ['x', Exact.of('2')],
        ['y', Exact.of('3')],
      ]),
    ],
    ['u', new Map<string, Value>([['x', Exact.of('10')]])],
    ['gap', new Missing(['flow'])],
  ]);
  const value = (source: string) => plainOf(evaluate(parseExpression(source), scope));

  it.each([
    ['1 + 2 * 3 - 4 / 2', '5'],
    ['-(a - 2) * 2', '1'],
    ['not a > 2 and a >= 1.5', true],
    ['t * 2 + a', { x: '5.5', y: '7.5' }],
    ['t + u', { x: '12', y: null }],
    ['sum(t) / sum(u)', '0.5'],
    ['t.x == 2 or gap > 1', true],
    ['t.x == 3 and gap > 1', false],
    ['if(a > 1, "yes", gap)', 'yes'],
    ['default(nothing, 7)', '7'],
    ['default(gap, 7)', null],
    ['ceil(0.6 / 0.2)', '3'],
    ['a / 0', null],
    ['[1, a]', ['1', '1.5']],
  ])('%s is %j', (source, expected) => {
    expect(value(source)).toEqual(expected);
  });

  it.each(['1 +', '(1', 'f(1', '1 2', 'a ? 1 : 2', '1 = 1', '', 't.', '"open'])(
    'refuses %j with the column',
    (source) => {
      expect(() => parseExpression(source)).toThrow(/expression/);
    },
  );

  it('knows the names it reads', () => {
    expect(namesIn(parseExpression('sum(weights * C / C0) + drops.PM25'))).toEqual([
      'weights',
      'C',
      'C0',
      'drops',
    ]);
  });
});
