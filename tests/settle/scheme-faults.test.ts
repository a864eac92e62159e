import { expect, test } from 'vitest';
import { faultsAfter } from '../config/small-region.ts';

test('a rule that names what it does not know is a fault of configuration, with its place', () => {
  const faults = faultsAfter(['per-class.yaml', "value: '0' }", 'value: nothere + 1 }']);
  expect(faults[0]).toContain('schemes/per-class.yaml:22');
  expect(faults[0]).toContain('"nothere" is not known here');
});

test('an agreement gives only what its scheme asks for', () => {
  const given =
    "dataSource: { provider: cnemc, averaging: instant }\ngiven:\n  - { input: C0, value: '1', unit: null, provenance: { source: made up, confidence: assumed } }";
  const [fault] = faultsAfter(['one.yaml', 'dataSource: { provider: cnemc, averaging: instant }', given]);
  expect(fault).toContain('given[0].input: scheme per-class has no input "C0"');
});

test('unreviewed data are taken as reviewed in scenarios only', () => {
  const source =
    'dataSource: { provider: cnemc, averaging: instant, assumedReviewed: { source: made up, confidence: assumed } }';
  const edits = [['one.yaml', 'dataSource: { provider: cnemc, averaging: instant }', source]] as [
    string,
    string,
    string,
  ][];
  expect(faultsAfter(...edits)).toEqual([]);
  const faults = faultsAfter(...edits, ['one.yaml', 'scenario: true', 'scenario: false']);
  expect(faults.join('\n')).toContain('unreviewed data taken as reviewed outside a scenario');
});
