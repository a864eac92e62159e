import { Ajv, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import type { FastifySchema, FastifySchemaCompiler } from 'fastify';
import type { FastifyValidationResult } from 'fastify/types/schema.js';
import { isAsOf, isInstant } from './instants.ts';

/**
 * What holds the parameters and bodies of requests against the schemas of their routes. A schema is compiled when its route is first
 * asked: a start would spend most of its time on those of 200 routes. That all of them compile is shown by the tests.
 */
export function requestValidators(): FastifySchemaCompiler<FastifySchema> {
  const ajv = new Ajv({
    allErrors: true,
    verbose: true,
    useDefaults: true,
    coerceTypes: true,
    addUsedSchema: false,
    strictTypes: false,
    // Else bounds are not held against an infinite number, which `1e999` is read as.
    strictNumbers: false,
    // Else more is spent on polishing the code of a schema than its requests ever save.
    code: { optimize: false },
    formats: { instant: isInstant, 'as-of': isAsOf },
  });
  addFormats.default(ajv);
  return ({ schema }) => {
    let compiled: ValidateFunction | undefined;
    const validate: FastifyValidationResult = (data) => {
      compiled ??= ajv.compile(schema);
      const valid = compiled(data);
      validate.errors = compiled.errors ?? null;
      return valid;
    };
    return validate;
  };
}
