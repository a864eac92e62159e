import { readdirSync } from 'node:fs';
import path from 'node:path';

import type { Journal, JournalEntry } from '../../../src/domain/ports.ts';

export function filesOf(folder: string, ending: string): string[] {
  const names = readdirSync(folder).filter((name) => name.endsWith(ending));
  return names.sort().map((name) => path.join(folder, name));
}

/** Bytes that look random but are the same every time, without runs of zeros. */
export function body(seed: number, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => 1 + ((seed * 7919 + at * at * 31 + at * 17) % 255));
}

export function raw(seed: number, length: number): Parameters<Journal['append']>[0] {
  return {
    kind: 'raw',
    receivedS: 1_700_000_000 + seed,
    meta: { source: 'gauge', part: `page ${seed}` },
    body: body(seed, length),
  };
}

export async function collect(entries: AsyncIterable<JournalEntry>): Promise<JournalEntry[]> {
  const all: JournalEntry[] = [];
  for await (const entry of entries) all.push(entry);
  return all;
}
