import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { openEngine } from '../src/store/state/engine.ts';
import { migrate } from '../src/store/state/migrations.ts';

const root = path.resolve(import.meta.dirname, '..');
const cache = path.join(root, 'node_modules/.cache/jiehe-state');

/**
 * Before all tests: an empty embedded state, made once for a version of the engine and of the schema. Data folders of the tests and
 * of the processes that they start begin as copies of it, since a first start spends three seconds of processor time on making one.
 */
export async function setup(): Promise<void> {
  const schema = path.join(root, 'src/store/state');
  const engine = path.join(root, 'node_modules/@electric-sql/pglite/package.json');
  const hash = createHash('sha256').update(readFileSync(engine));
  for (const file of readdirSync(schema).toSorted()) hash.update(readFileSync(path.join(schema, file)));
  const template = path.join(cache, hash.digest('hex').slice(0, 16));
  process.env.JIEHE_STATE_TEMPLATE = template;
  process.env.NODE_COMPILE_CACHE ??= path.join(root, 'node_modules/.cache/compiled');
  if (existsSync(template)) return;
  mkdirSync(cache, { recursive: true });
  const making = mkdtempSync(path.join(cache, 'making-'));
  const opened = await openEngine({ kind: 'pglite', dir: path.join(making, 'state') });
  await migrate(opened.db);
  await opened.close();
  for (const other of readdirSync(cache))
    if (!other.startsWith('making-')) rmSync(path.join(cache, other), { recursive: true });
  renameSync(path.join(making, 'state'), template);
  rmSync(making, { recursive: true });
}
