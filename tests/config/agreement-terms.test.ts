import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { SourceText } from '../../src/config/document.ts';
import { checkFiles } from '../../src/config/load.ts';
import { printFault } from '../../src/config/fault-text.ts';
import { shippedDirectory, textsOf } from './small-region.ts';

const example = path.resolve(shippedDirectory, '../examples/border-sections/border-out-index.yaml');
const source = 'provenance: { source: made up for tests, confidence: confirmed }';
const text = '{ zh: 甲, en: A }';
const agreed = `procedure: { signatures: [data, funds], dueDays: 30, objectionDays: 15, answerDays: 15, mediationDays: 30, ${source} }
contents:
  scope: { text: ${text}, ${source} }
  goals: [{ goal: ${text}, indicator: ${text}, ${source} }]
  duties: [{ side: protecting, duty: ${text}, ${source} }, { side: benefiting, duty: ${text}, ${source} }]
  ways: [{ way: money, by: benefiting, what: ${text}, ${source} }]
  breach: { text: ${text}, ${source} }
`;
const needed =
  /parameters\/|standards\/(gb3838|loads)|schemes\/(generic-index|xinan-r2|forest)|zhe-min-gan\/(region|jurisdictions|networks|rivers|sections|flow-stations|sources)/;
/** What of the shipped configuration an agreement rests on; what is left out may be missed elsewhere. */
const shipped = textsOf(shippedDirectory, ['parameters', 'standards', 'schemes', 'regions']).filter(
  ({ file }) => needed.test(file),
);

/** Files beside the shipped ones, for one test. */
let beside: SourceText[] = [];
afterEach(() => {
  beside = [];
});

/** The index scenario of the example as if it were signed. */
const signed = readFileSync(example, 'utf8')
  .replace('scenario: true', 'scenario: false')
  .replace(/ {2}assumedReviewed:\n(?: {4}.*\n)+/, '')
  .replaceAll('confidence: assumed', 'confidence: confirmed')
  .replace('minimumCoverage:', `${agreed}minimumCoverage:`);

/** Printed faults and notes of the shipped region with an agreement of which some texts are another. */
function checked(agreement: string, ...edits: [from: string, to: string][]) {
  const edited = edits.reduce((before, [from, to]) => {
    if (before.split(from).length !== 2) throw new Error(`"${from}" does not stand exactly once`);
    return before.replace(from, () => to);
  }, agreement);
  const file = 'regions/zhe-min-gan/agreements/one.yaml';
  const { faults, notes } = checkFiles([...shipped, ...beside, { file, text: edited }]);
  const own = (one: { file: string }) => one.file === file;
  return { faults: faults.filter(own).map(printFault), notes: notes.filter(own).map(printFault) };
}

describe('a signed agreement', () => {
  it('is sound where every term is there, and names who signs and by when', () => {
    expect(checked(signed).faults).toEqual([]);
    const { faults } = checked(signed, [agreed.split('\n')[0]!, '']);
    expect(faults).toEqual([expect.stringContaining('who signs, and the days until due and to object')]);
  });

  it('states what it gives in the units of its scheme, once, for its own sections and periods', () => {
    const { faults } = checked(
      signed,
      ['unit: 万元', 'unit: 元'],
      ['- input: k0', '- input: k0\n    section: youyi-bridge'],
      ['- input: weights', '- input: weights\n    period: 2021-13'],
      ['- input: C0', `- input: stake\n    value: '1'\n    unit: 万元\n    ${source}\n  - input: C0`],
    );
    for (const said of [
      'input stake of scheme generic-index is in 万元 (got "元", expected 万元)',
      'not a section of this agreement (got "youyi-bridge"',
      'not a period (got "2021-13"',
      'stated twice (got "stake"',
    ])
      expect(faults.join('\n')).toContain(said);
    const assumed = signed.replace('confidence: confirmed', 'confidence: assumed');
    expect(checked(assumed).faults.join()).toContain('a signed agreement rests on no assumed figure');
  });

  it('names each of its sources once, with averagings that exist', () => {
    const { faults } = checked(
      signed,
      ['provider: local-monthly, averaging: P1M', 'provider: cnemc-monthly, averaging: P1M'],
      ['provider: cnemc, averaging: instant', 'provider: cnemc, averaging: now'],
      ['signatures: [data, funds]', 'signatures: [data, data]'],
    );
    expect(faults.join('\n')).toContain('an entry stands twice');
    const sources = checked(
      signed,
      ['provider: local-monthly, averaging: P1M', 'provider: cnemc-monthly, averaging: P1M'],
      ['provider: cnemc, averaging: instant', 'provider: cnemc, averaging: now'],
    ).faults.join('\n');
    expect(sources).toContain('this source stands before already (got "cnemc-monthly"');
    expect(sources).toContain('unknown averaging period (got "now"');
  });

  it('has sections of one of its parties', () => {
    const { faults } = checked(signed, ['section: zhetai-bridge', 'section: junxi']);
    expect(faults.join()).toContain('which belongs to neither party, and states no border between them');
  });
});

describe('terms with which a scheme can never have a result', () => {
  it.each([
    ['weights that do not add up', "TP: '0.4'", "TP: '0.3'", 'the weights do not add up to 1'],
    [
      'an entry of the baseline that is missing',
      ", TP: '0.080'",
      '',
      'weights are not renormalised: Total phosphorus',
    ],
    ['a stake that is no number', "value: '10'", 'value: ten', 'stake: "ten" is no decimal'],
    [
      'a baseline of one section alone',
      '- input: C0',
      '- input: C0\n    section: jiaoxi',
      'no result at dongquan',
    ],
  ])('are named before anything is measured: %s', (_, from, to, said) => {
    expect(checked(signed, [from, to]).faults.join()).toContain(said);
  });

  it('are a note of a scenario, which is tried all the same', () => {
    const scenario = readFileSync(example, 'utf8');
    const { faults, notes } = checked(scenario, ["TP: '0.4'", "TP: '0.3'"]);
    expect(faults).toEqual([]);
    expect(notes.join()).toContain('the weights do not add up to 1');
  });
});

it('a scheme between others, and one that reads nothing of a section, do not fit an agreement over sections', () => {
  const given = `given:
  - { input: areaMu, value: { 国家公园: '1000' }, unit: mu, ${source} }
`;
  const forest = signed
    .replace('scheme: generic-index', 'scheme: forest-jx-2025')
    .replace(/given:\n(?: .*\n)+/, given);
  const said = checked(forest).faults.join('\n');
  expect(said).toContain('is between others: no role of it is a side of an agreement');
  expect(said).toContain('it would be paid 3 times, once for each');
});

it('an outfall in the mixing reach of a section is a note, with the jurisdiction of its bank', () => {
  const outfalls = `kind: outfalls
outfalls:
  - id: works
    name: { zh: 污水厂, en: Sewage works }
    reach: { id: jiaoxi-shoutaixi, km: 1, bank: right, ${source} }
    operator: null
    position: null
    ${source}
`;
  beside = [{ file: 'regions/zhe-min-gan/outfalls.yaml', text: outfalls }];
  const { faults, notes } = checked(
    signed,
    ['section: zhetai-bridge', 'section: youyi-bridge'],
    ["protecting: '330300', benefiting: '350900'", "protecting: '350900', benefiting: '330300'"],
  );
  expect(faults.join()).not.toContain('works');
  expect(notes.join()).toContain('outfall works belongs to 350924');
});

it('an edition of a scheme that is not in force through the term is a fault where it is signed', () => {
  const ended = signed.replace('scheme: generic-index', 'scheme: xinan-r2');
  expect(checked(ended).faults.join()).toContain(
    'is in force from 2015-01-01 to 2017-12-31, the term is from 2021-01-01',
  );
});
