import { accessSync, constants } from 'node:fs';
import path from 'node:path';

/** CI sets this: a server program that is missing then fails its tests instead of skipping them. */
export const serversRequired = process.env.JIEHE_REQUIRE_SERVERS === '1';

/** First executable of these names in PATH or in `extraDirectories`; null when none is there (and throws in CI). */
export function findProgram(
  names: readonly string[],
  extraDirectories: readonly string[] = [],
): string | null {
  const directories = [...(process.env.PATH ?? '').split(path.delimiter), ...extraDirectories];
  for (const directory of directories) {
    for (const name of names) {
      const file = path.join(directory, name);
      try {
        accessSync(file, constants.X_OK);
        return file;
      } catch {
        // not here: look on
      }
    }
  }
  if (serversRequired)
    throw new Error(`${names.join(' or ')} is required (JIEHE_REQUIRE_SERVERS=1) and was not found`);
  return null;
}
