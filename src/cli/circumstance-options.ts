import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Circumstance } from '../domain/circumstance.ts';
import { MonitorError } from '../domain/errors.ts';
import { parseInstant } from '../domain/time.ts';

/** Names and SHA-256 of evidence files; the files stay where they are. Throws E_USAGE for one that cannot be read. */
export async function evidenceOf(files: readonly string[], cwd: string): Promise<Circumstance['evidence']> {
  const found: Circumstance['evidence'] = [];
  for (const file of files) {
    const hash = createHash('sha256');
    try {
      await pipeline(createReadStream(path.resolve(cwd, file)), hash);
    } catch (cause) {
      throw new MonitorError('E_USAGE', `evidence ${file} cannot be read: ${String(cause)}`, { cause });
    }
    found.push({ name: path.basename(file), sha256: hash.digest('hex') });
  }
  return found;
}

const pair = /^([a-z0-9][a-z0-9._-]*)=(-?\d+(?:\.\d+)?)$/;

/** A make-up sample from `nh3n=0.6,tp=0.05` and its time. Throws E_USAGE for one without the other, or for what is no such list. */
export function makeUpOf(
  options: { makeUp?: string; sampled?: string },
  timeZone: string,
): Circumstance['makeUp'] {
  const { makeUp, sampled } = options;
  if (makeUp === undefined && sampled === undefined) return undefined;
  if (makeUp === undefined || sampled === undefined)
    throw new MonitorError('E_USAGE', 'a make-up sample takes --make-up and --sampled, both');
  const values: Record<string, string> = {};
  for (const text of makeUp.split(',')) {
    const [, item, value] = pair.exec(text.trim()) ?? [];
    if (item === undefined || value === undefined)
      throw new MonitorError('E_USAGE', `--make-up "${text}": expected ITEM=VALUE, as nh3n=0.6`);
    values[item] = value;
  }
  return { sampledS: parseInstant(sampled, timeZone), values };
}
