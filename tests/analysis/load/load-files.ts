import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { parse } from 'yaml';
import { type FlowSteps, type LoadSample } from '../../../src/analysis/load/index.ts';
import type { LoadMethod } from '../../../src/domain/config/load-method.ts';
import { Decimal } from '../../../src/domain/decimal.ts';

const config = path.resolve(import.meta.dirname, '../../../config');

/** The rules that ship. */
export function loadRules(): LoadMethod {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- tests/config checks the schema
  return parse(
    readFileSync(path.join(config, 'standards/loads-and-contributions.yaml'), 'utf8'),
  ) as LoadMethod;
}

/** Rows of a CSV without quoted commas, gunzipped where its name says so. */
export function csvRows(file: string): Record<string, string>[] {
  const bytes = readFileSync(file);
  const text = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  const [head = '', ...lines] = text.replace(/^﻿/, '').trim().split(/\r?\n/);
  const names = head.split(',');
  return lines.map((line) => Object.fromEntries(line.split(',').map((cell, at) => [names[at] ?? '', cell])));
}

export const dayS = 86_400;
export const utcS = (text: string): number => Date.parse(`${text.replace(' ', 'T')}Z`) / 1000;

/** Days from rows of date and mean discharge, every day between the first and the last. */
export function daysOf(rows: readonly { date: string; q: string }[]): FlowSteps {
  const byDay = new Map(rows.map((row) => [utcS(`${row.date}T00:00:00`), row.q]));
  const [first, last] = [Math.min(...byDay.keys()), Math.max(...byDay.keys())];
  const count = (last - first) / dayS + 1;
  const beginS = Float64Array.from({ length: count }, (_, at) => first + at * dayS);
  const m3s = Array.from(beginS, (begin) => {
    const q = byDay.get(begin);
    return q === undefined || q === '' ? null : new Decimal(q);
  });
  return { beginS, endS: beginS.map((begin) => begin + dayS), m3s, zeroNotReported: m3s.map(() => 0) };
}

export function sample(timeS: number, gM3: string | number, flowM3s: string | null = null): LoadSample {
  const flow = flowM3s === null ? null : new Decimal(flowM3s);
  return { timeS, gM3: new Decimal(gM3), belowDetection: false, flowM3s: flow };
}
