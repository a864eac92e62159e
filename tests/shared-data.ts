import { existsSync } from 'node:fs';
import path from 'node:path';

const root = process.env.JIEHE_SHARED_DIR ?? path.resolve(import.meta.dirname, '../../shared');

/**
 * Path of recorded data outside the project, null where this machine has none. Use with `describe.skipIf(path === null)`:
 * such tests skip, visibly, and the project never needs the folder.
 */
export function sharedFile(relative: string): string | null {
  const file = path.join(root, relative);
  return existsSync(file) ? file : null;
}
