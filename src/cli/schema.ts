import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { jsonSchemaFiles } from '../config/json-schema.ts';

/** Writes `config/schema` from the types, and removes what no kind has any more. `npm run schema`. */
export async function writeSchemas(directory: string): Promise<string[]> {
  await mkdir(directory, { recursive: true });
  const files = jsonSchemaFiles();
  const names = new Set(files.map(({ name }) => name));
  for (const name of await readdir(directory)) {
    if (name.endsWith('.schema.json') && !names.has(name)) await rm(path.join(directory, name));
  }
  for (const { name, text } of files) await writeFile(path.join(directory, name), text);
  return [...names];
}

if (import.meta.main) {
  const directory = path.resolve(import.meta.dirname, '../../config/schema');
  const names = await writeSchemas(directory);
  process.stdout.write(`${names.length} schemas written to ${directory}\n`);
}
