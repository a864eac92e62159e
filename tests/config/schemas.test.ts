import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { jsonSchemaFiles } from '../../src/config/json-schema.ts';
import { shippedDirectory, textsOf } from './small-region.ts';

const schemaDirectory = path.join(shippedDirectory, 'schema');

test('the committed JSON Schemas are those of the types (npm run schema)', () => {
  const files = jsonSchemaFiles();
  expect(readdirSync(schemaDirectory).toSorted()).toEqual(files.map(({ name }) => name).toSorted());
  for (const { name, text } of files)
    expect(readFileSync(path.join(schemaDirectory, name), 'utf8'), name).toBe(text);
});

test('a file that names a schema for editors names that of its kind', () => {
  const named = textsOf(shippedDirectory, ['parameters', 'standards', 'schemes', 'regions']).flatMap(
    ({ file, text }) => {
      const schema = /^# yaml-language-server: \$schema=(\S+)/m.exec(text)?.[1];
      const kind = /^kind: (\S+)/m.exec(text)?.[1];
      return schema === undefined
        ? []
        : [
            {
              resolved: path.posix.join(path.posix.dirname(file), schema),
              wanted: `schema/${kind}.schema.json`,
            },
          ];
    },
  );
  expect(named.length).toBeGreaterThan(6);
  for (const { resolved, wanted } of named) expect(resolved).toBe(wanted);
});
