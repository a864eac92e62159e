import { kinds } from './kinds.ts';

/** One JSON Schema a kind, as files of `config/schema`; editors and other programs read them. Draft 7. */
export function jsonSchemaFiles(): { name: string; text: string }[] {
  return kinds.map(({ kind, schema }) => {
    const document = {
      $schema: 'http://json-schema.org/draft-07/schema#',
      title: `jiehe ${kind}`,
      ...schema,
    };
    return { name: `${kind}.schema.json`, text: `${JSON.stringify(document, null, 2)}\n` };
  });
}
