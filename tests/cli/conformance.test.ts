import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { standardsRunner } from '../../src/analysis/conformance/standards-runner.ts';
import { caseText, runExamples, shippedExamples } from '../../src/cli/conformance.ts';
import { standards } from '../analysis/standards.ts';
import { sharedFile } from '../shared-data.ts';

const facts = { ...standards, parameters: [], schemes: [] };
const STANDARDS = new Set([
  'gb3095',
  'gb3838-2002',
  'hj633',
  'hj663',
  'hj915',
  'surface-water-evaluation-2011-22',
]);
const run = (file: string) => runExamples(file, facts, [standardsRunner]);

describe('worked examples', () => {
  test('all 324 examples of the standards ship and pass', () => {
    const files = shippedExamples().filter((file) => STANDARDS.has(path.basename(file, '.yaml')));
    const cases = files.flatMap((file) => run(file).cases);
    expect(cases.filter((entry) => !entry.passed)).toEqual([]);
    expect(cases).toHaveLength(324);
  });

  const reference = sharedFile('reference/standards/gb3838-2002.examples.json');
  test.skipIf(reference === null)('all 324 examples in the form of the reference documents pass', () => {
    const names = ['gb3095', 'gb3838-2002', 'hj633', 'hj663', 'hj915-qc', 'surface-water-evaluation-2011-22'];
    const cases = names.flatMap(
      (name) => run(sharedFile(`reference/standards/${name}.examples.json`)!).cases,
    );
    expect(cases.filter((entry) => !entry.passed)).toEqual([]);
    expect(cases).toHaveLength(324);
  });
});

describe('examples that cannot pass', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'jiehe-conformance-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  const write = (name: string, document: unknown) => {
    const file = path.join(folder, name);
    writeFileSync(file, typeof document === 'string' ? document : JSON.stringify(document));
    return file;
  };
  const one = (example: Record<string, unknown>) =>
    run(write('one.json', { cases: [{ id: 'x', ...example }] })).cases[0]!;
  const itemClass = { kind: 'itemClass', input: { item: 'nh3n', value: '1.01', waterBody: 'river' } };

  test('a wrong figure is printed with what was expected and what came out', () => {
    const result = one({ ...itemClass, expected: { class: 'III' } });
    expect(caseText('/x/one.json', result)).toBe('FAIL one.json x (itemClass) class: expected 3, got 4\n');
  });

  test.each([
    [{ kind: 'moonPhase', input: {}, expected: {} }, 'no function for examples of kind "moonPhase"'],
    [{ kind: 'toString', input: {}, expected: {} }, 'no function for examples of kind "toString"'],
    [
      {
        ...itemClass,
        input: { item: 'plutonium', value: '1', waterBody: 'river' },
        expected: { class: null },
      },
      'item "plutonium" is not in',
    ],
    [
      { ...itemClass, input: { item: 'nh3n', value: 'abc', waterBody: 'river' }, expected: { class: 1 } },
      'input "value"',
    ],
    [
      { kind: 'aqi2026', input: { report: 'daily', values: { Xe: '1' } }, expected: {} },
      '"Xe" is not in the daily report',
    ],
    [{ kind: 'itemClass', expected: {} }, 'the case has no input object'],
  ])('an example that cannot be mapped counts as failed: %j', (example, reason) => {
    const result = one(example);
    expect(result.passed).toBe(false);
    expect(result.reason).toContain(reason);
  });

  test('a file that is not readable, or of a shape that nobody knows, is one failed case', () => {
    expect(run(write('broken.json', '{"cases": [')).cases).toMatchObject([{ passed: false }]);
    expect(run(write('other.json', { rows: [] })).cases).toMatchObject([
      { passed: false, reason: 'no runner accepts a document of this shape' },
    ]);
    expect(run(path.join(folder, 'absent.json')).cases).toMatchObject([{ passed: false }]);
  });
});
