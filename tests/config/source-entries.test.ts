import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { readEnvironment } from '../../src/config/environment.ts';
import { sourceAdapters } from '../../src/ingest/sources/index.ts';
import { commandLine } from '../cli/command-line.ts';
import { shippedDirectory } from './small-region.ts';

const adapters = [...sourceAdapters.keys()];
const root = path.resolve(import.meta.dirname, '../..');
const sampleOf = (id: string): string =>
  readFileSync(path.join(root, 'src/ingest/sources', id, 'source.sample.yaml'), 'utf8');

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(path.join(os.tmpdir(), 'jiehe-entries-'));
  cpSync(shippedDirectory, directory, { recursive: true });
  const file = path.join(directory, 'regions/zhe-min-gan/sources.yaml');
  const shipped = parse(readFileSync(file, 'utf8'));
  const sources = [...shipped.sources];
  for (const id of adapters)
    for (const source of parse(sampleOf(id)).sources) sources.push({ ...source, id: `sample-${source.id}` });
  writeFileSync(file, stringify({ ...shipped, sources }));
});
afterAll(() => rmSync(directory, { recursive: true }));

describe('the entries of sources', () => {
  test('are all accepted by jiehe config check, beside those that ship', async () => {
    const { code, stdout } = await commandLine(['config', 'check', directory]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('configuration is sound') });
  });

  test('stand in the documentation as they are in the folders', () => {
    const text = readFileSync(path.join(root, 'docs/source-entries.md'), 'utf8');
    for (const id of adapters)
      expect(text, id).toContain(`## \`${id}\`\n\n\`\`\`yaml\n${sampleOf(id).trimEnd()}\n\`\`\`\n`);
  });

  test('name variables of secrets that a start does not refuse as unknown', () => {
    const variables = adapters.flatMap((id) =>
      [...sampleOf(id).matchAll(/\w+Env: (\w+)/g)].map(([, variable = '']) => variable),
    );
    expect(variables.length).toBeGreaterThan(1);
    expect(() => readEnvironment(Object.fromEntries(variables.map((one) => [one, 'x'])))).not.toThrow();
  });

  test('are each in the table of sources', () => {
    const table = readFileSync(path.join(root, 'docs/sources.md'), 'utf8');
    for (const id of adapters) expect(table, id).toContain(`| \`${id}\``);
  });
});
