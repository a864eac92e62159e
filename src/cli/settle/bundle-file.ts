import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Scheme } from '../../domain/config/scheme.ts';
import type { Bundle } from '../../settle/bundle.ts';
import type { CommandContext } from '../command.ts';

/** The scheme of that id that ships, one file each; none where there is no such file. */
async function shippedScheme(id: string): Promise<Scheme[]> {
  const { parse } = await import('yaml');
  const { shippedConfigFolder } = await import('../standards.ts');
  const file = path.join(shippedConfigFolder, 'schemes', `${path.basename(id)}.yaml`);
  return existsSync(file) ? [parse(readFileSync(file, 'utf8'))] : [];
}

/**
 * A bundle on disk that verifies, and the schemes that ship, by whose words one of before schemes had any is read; null where it does
 * not verify, which is said. Opens no store.
 */
export async function verifiedBundle(
  file: string,
  { io }: CommandContext,
): Promise<{ text: string; known: Scheme[] } | null> {
  const { verifyBundle } = await import('../../settle/verify.ts');
  const bytes = readFileSync(file);
  const { findings } = await verifyBundle(bytes, null);
  for (const { part, message } of findings) io.err(`${part}: ${message}\n`);
  if (findings.length > 0) return null;
  const text = bytes.toString('utf8');
  const { facts }: Bundle = JSON.parse(text);
  const unnamed = facts.schemes.filter(({ words }) => words === undefined);
  return { text, known: (await Promise.all(unnamed.map(({ id }) => shippedScheme(id)))).flat() };
}
