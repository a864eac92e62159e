import { describe, expect, test } from 'vitest';
import { checkFiles } from '../../src/config/load.ts';
import { printFault } from '../../src/config/fault-text.ts';
import { edited, faultsAfter, smallRegion } from './small-region.ts';

const source = 'provenance: { source: made up for tests, confidence: assumed }';
const last = 'minimumCoverage:';
const text = '{ zh: 甲, en: A }';
const contents = `contents:
  scope: { text: ${text}, ${source} }
  goals: [{ goal: ${text}, indicator: ${text}, ${source} }]
  duties: [{ side: protecting, duty: ${text}, ${source} }, { side: benefiting, duty: ${text}, ${source} }]
  ways: [{ way: joint-parks, by: benefiting, what: ${text}, ${source} }]
  breach: { text: ${text}, ${source} }
`;
const procedure = `procedure: { signatures: [data, funds], dueDays: 30, objectionDays: 15, answerDays: 15, mediationDays: 30, ${source} }
`;
const fund = (share: string, party = '350900'): string => `fund:
  name: ${text}
  share: { atLeast: '0.01', atMost: '0.03', ${source} }
  members:
    - { party: '330300', share: '0.02', revenue: ${text}, ${source} }
    - { party: '${party}', share: '${share}', revenue: ${text}, ${source} }
  uses: [{ id: studies, name: ${text}, ${source} }]
`;
const unsigned: [string, string, string] = ['one.yaml', 'scenario: true', 'scenario: false'];
const missing = (lines: readonly string[]): string[] =>
  lines.filter((line) => line.includes('779')).map((line) => /contents\.(\w+)/.exec(line)![1]!);

describe('the contents that a regulation asks of an agreement', () => {
  test('are missed as faults where it is signed, as notes where it is a scenario', () => {
    const all = ['scope', 'goals', 'duties', 'ways', 'breach'];
    expect(missing(faultsAfter(unsigned))).toEqual(all);
    const { faults, notes } = checkFiles(smallRegion());
    expect(faults).toEqual([]);
    expect(missing(notes.map(printFault))).toEqual(all);
    const whole = edited(smallRegion(), 'one.yaml', last, `${contents}${procedure}${last}`);
    expect(checkFiles(whole)).toMatchObject({ faults: [], notes: [] });
  });

  test('name the duties of both sides', () => {
    const one = contents.replace('side: benefiting, duty', 'side: protecting, duty');
    const { notes } = checkFiles(edited(smallRegion(), 'one.yaml', last, `${one}${last}`));
    expect(notes.map(printFault).join()).toContain('no duty of the benefiting side');
  });
});

test('a share of a fund lies within its bounds, and each member is one government once', () => {
  expect(faultsAfter(['one.yaml', last, `${fund('0.03')}${last}`])).toEqual([]);
  const over = faultsAfter(['one.yaml', last, `${fund('0.031')}${last}`]);
  expect(over.join()).toContain(
    'a share outside the bounds of the fund (got "0.031", expected 0.01 to 0.03)',
  );
  expect(faultsAfter(['one.yaml', last, `${fund('0.02', '330300')}${last}`]).join()).toContain(
    'a member twice',
  );
  expect(faultsAfter(['one.yaml', last, `${fund('0.02', '999999')}${last}`]).join()).toContain(
    'no such jurisdiction',
  );
});

test('a fund has bounds that are shares of revenue, and each use once', () => {
  const percent = fund('2').replace("atLeast: '0.01', atMost: '0.03'", "atLeast: '1', atMost: '3'");
  expect(faultsAfter(['one.yaml', last, `${percent}${last}`]).join()).toContain("3 % as '0.03'");
  const uses = fund('0.02').replace('uses: [', `uses: [{ id: studies, name: ${text}, ${source} }, `);
  expect(faultsAfter(['one.yaml', last, `${uses}${last}`]).join()).toContain('used twice');
});

test('an unconditional line stands once and pays another government', () => {
  const line = (code: string): string =>
    `{ id: guiding, from: { code: ${code}, name: ${text} }, to: protecting, amountWan: '300', periods: ['2021-03'], documentNumber: null, ${source} }`;
  expect(faultsAfter(['one.yaml', last, `unconditional: [${line('null')}]\n${last}`])).toEqual([]);
  const twice = faultsAfter([
    'one.yaml',
    last,
    `unconditional: [${line('null')}, ${line("'330300'")}]\n${last}`,
  ]);
  expect(twice.join()).toContain('used twice');
  expect(twice.join()).toContain('pays itself');
  const odd = line("'999999'").replace("['2021-03']", "['2021', '2021-04', '2021-04', '2031-01']");
  const faults = faultsAfter(['one.yaml', last, `unconditional: [${odd}]\n${last}`]).join('\n');
  for (const said of [
    'no such jurisdiction (got "999999"',
    'scheme per-class is computed by month, not by year (got "2021"',
    'stands twice (got "2021-04"',
    'outside the term (got "2031-01"',
  ])
    expect(faults).toContain(said);
});

test('clauses on special circumstances know their words, follow each other by date and cover the term', () => {
  const clause = (from: string, to: string, more = ''): string =>
    `{ inForce: { from: '${from}', to: ${to}, ${source} }, clause: ${text}, ${source}${more} }`;
  const after = (...clauses: string[]): string =>
    faultsAfter(['one.yaml', last, `circumstances: [${clauses.join(', ')}]\n${last}`]).join('\n');
  const limited = ", kinds: [incident], effects: [exclude-interval], decidedBy: ['流域局']";
  expect(after(clause('2021-01-01', "'2021-12-31'", limited), clause('2022-01-01', 'null'))).toBe('');
  expect(after(clause('2021-01-01', "'2021-12-31'"), clause('2021-12-31', 'null'))).toContain(
    'overlaps with entry 1 (got "2021-12-31", expected 2022-01-01',
  );
  expect(after(clause('2021-01-02', "'2023-12-30'"))).toMatch(/2021-01-01 or before[^]*2023-12-31, or null/);
  expect(after(clause('2021-01-01', 'null', ', kinds: [holiday]'))).toContain('kinds[0]');
  expect(after(clause('2021-01-01', 'null', ', effects: [hold]'))).toContain('effects[0]');
  expect(after(clause('2021-01-01', 'null', ", decidedBy: ['流域局 ']"))).toContain('decidedBy[0]');
});
