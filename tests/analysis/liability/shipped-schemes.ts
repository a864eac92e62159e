import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import type { SchemeFacts } from '../../../src/analysis/liability/evaluate.ts';
import { evaluateScheme } from '../../../src/analysis/liability/evaluate.ts';
import type { Outcome } from '../../../src/analysis/liability/outcome.ts';
import type { Scheme } from '../../../src/domain/config/scheme.ts';
import type { WaterStandard } from '../../../src/domain/config/standard.ts';

const folder = path.resolve(import.meta.dirname, '../../../config');

function read(kind: string): unknown[] {
  const names = readdirSync(path.join(folder, kind)).filter((name) => name.endsWith('.yaml'));
  return names.map((name) => parse(readFileSync(path.join(folder, kind, name), 'utf8')) as unknown);
}

export const schemes = read('schemes') as Scheme[];
const standards = read('standards') as { kind: string }[];
export const facts: SchemeFacts = {
  waterStandards: standards.filter((one) => one.kind === 'water-standard') as unknown as WaterStandard[],
};

export function scheme(id: string): Scheme {
  const found = schemes.find((one) => one.id === id);
  if (found === undefined) throw new Error(`no scheme ${id}`);
  return found;
}

export const run = (id: string, inputs: unknown): Outcome => evaluateScheme(scheme(id), inputs, facts);

/** `payer → payee amount` of each line. */
export const paid = (outcome: Outcome): string[] =>
  outcome.transfers.map((line) => `${line.from.name.zh} → ${line.to.name.zh} ${line.amountWan}`);

export const examples = (
  read('conformance') as { kind?: string; examples?: { scheme: string; inputs: unknown }[] }[]
).flatMap((file) => (file.kind === 'compensation-examples' ? (file.examples ?? []) : []));
