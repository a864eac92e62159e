import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { ConformanceFacts } from '../../../src/analysis/conformance/runner.ts';
import { compensationConformance } from '../../../src/analysis/liability/conformance.ts';
import { sharedFile } from '../../shared-data.ts';
import { facts, schemes } from './shipped-schemes.ts';

interface Example {
  id: string;
  scheme: string;
  inputs: Record<string, unknown>;
  expected: Record<string, unknown>;
}

const config = { ...facts, schemes } as unknown as ConformanceFacts;
const shipped = path.resolve(import.meta.dirname, '../../../config/conformance/compensation.yaml');
const document = parse(readFileSync(shipped, 'utf8')) as { examples: Example[] };
const results = compensationConformance.run(document, config);

function example(id: string): Example {
  const found = document.examples.find((one) => one.id === id);
  if (found === undefined) throw new Error(`no example ${id}`);
  return structuredClone(found);
}

const runOne = (changed: unknown) => compensationConformance.run({ examples: [changed] }, config)[0];

describe('worked examples that ship', () => {
  it('are all there, and every scheme they name has a file', () => {
    expect(document.examples.length).toBeGreaterThanOrEqual(80);
    expect(compensationConformance.accepts(document)).toBe(true);
    const ids = new Set(schemes.map((one) => one.id));
    expect(document.examples.filter((one) => !ids.has(one.scheme))).toEqual([]);
  });

  it.each(results.map((result) => [result.id, result] as const))(
    '%s comes out to the cent',
    (_id, result) => {
      expect(result.differences).toEqual([]);
      expect(result.reason).toBeUndefined();
      expect(result.passed).toBe(true);
    },
  );
});

const reference = sharedFile('reference/compensation/examples.json');

describe.skipIf(reference === null)('worked examples of the reference', () => {
  it('all 80 pass', () => {
    const given: unknown = JSON.parse(readFileSync(reference ?? '', 'utf8'));
    const all = compensationConformance.run(given, config);
    expect(all).toHaveLength(80);
    expect(all.filter((one) => !one.passed)).toEqual([]);
  });
});

describe('a wrong expectation is found', () => {
  it('when one cent differs', () => {
    const changed = example('taihu-2008/6');
    changed.expected.transfers = [{ from: '甲市', to: '乙市', amountWan: '0.08' }];
    expect(runOne(changed)?.differences.map((one) => one.path)).toEqual(['transfers']);
  });

  it('when payer and payee are exchanged, also where both are open roles', () => {
    const changed = example('chongqing-2018/1');
    changed.expected.transfers = [{ from: '上游区县', to: '下游区县', amountWan: '100.00' }];
    expect(runOne(changed)?.passed).toBe(false);
  });

  it('when a line is missing or too many', () => {
    const changed = example('xinan-r1/1');
    const lines = changed.expected.transfers as unknown[];
    changed.expected.transfers = lines.slice(0, 1);
    expect(runOne(changed)?.passed).toBe(false);
    changed.expected.transfers = [...lines, lines[0]];
    expect(runOne(changed)?.passed).toBe(false);
  });

  it('when the basis, the status or a figure differs', () => {
    const basis = example('xinan-r1/4');
    (basis.expected.transfers as { basis: string }[])[0]!.basis = 'P';
    expect(runOne(basis)?.passed).toBe(false);
    const status = example('airzz-2020/3');
    status.expected.status = 'assessed';
    expect(runOne(status)?.differences[0]?.path).toBe('status');
    const figure = example('xinan-r2/1');
    figure.expected.P = '0.950001';
    expect(runOne(figure)?.differences).toEqual([{ path: 'P', expected: '0.950001', actual: '0.95' }]);
  });

  it('when it names a figure that the scheme does not have', () => {
    const changed = example('airzz-2020/1');
    changed.expected.tonnes = '1.0';
    expect(runOne(changed)?.passed).toBe(false);
  });
});

describe('a case that cannot be mapped fails', () => {
  it('for an input outside the vocabulary, an unknown scheme and a malformed example', () => {
    const unknown = example('airzz-2020/1');
    unknown.inputs.excessPpm = '1';
    expect(runOne(unknown)?.differences[0]?.actual).toContain(
      'not in the vocabulary of this scheme: excessPpm',
    );
    expect(runOne({ ...example('airzz-2020/1'), scheme: 'nowhere-1999' })?.reason).toContain('no scheme');
    expect(runOne({ id: 'x', scheme: 'airzz-2020' })?.passed).toBe(false);
  });
});
