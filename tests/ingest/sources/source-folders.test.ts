import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Check } from 'typebox/schema';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { SourceFile, type SourceConfig } from '../../../src/domain/config/source.ts';
import { settingsSchemas, sourceAdapters } from '../../../src/ingest/sources/index.ts';
import { settingsOf } from '../../../src/ingest/sources/settings.ts';

const folder = path.resolve(import.meta.dirname, '../../../src/ingest/sources');

describe.each([...sourceAdapters.keys()])('the folder of %s', (id) => {
  const file = (name: string): string => readFileSync(path.join(folder, id, name), 'utf8');

  test('has a sample configuration that the schemas accept', () => {
    const sample: { sources: SourceConfig[] } = parse(file('source.sample.yaml'));
    expect(Check(SourceFile, sample)).toBe(true);
    const [source] = sample.sources;
    expect(source!.adapter).toBe(id);
    expect(() => settingsOf(source!, settingsSchemas.get(id)!)).not.toThrow();
  });

  test('refuses unknown settings by name', () => {
    const sample: { sources: SourceConfig[] } = parse(file('source.sample.yaml'));
    const [source] = sample.sources;
    const wrong = { ...source!, settings: { pace: 3 } };
    expect(() => settingsOf(wrong, settingsSchemas.get(id)!)).toThrow(/settings.*pace|additional/);
  });

  test('states for each quality rule whether it is done, and why', () => {
    const rules: { rule: string; status: string; why: string }[] = parse(file('quality.yaml'));
    expect(rules.length).toBeGreaterThan(5);
    for (const rule of rules) {
      expect(['done', 'todo', 'exempt']).toContain(rule.status);
      expect(rule.why.length, rule.rule).toBeGreaterThan(10);
    }
  });

  test('has a README that names licence, cadence and known faults', () => {
    const readme = file('README.md');
    for (const part of ['Licence', 'Cadence', 'Known faults']) expect(readme).toContain(part);
  });
});
