import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';
import { DecimalText } from '../domain/config/facts.ts';
import type { ConfigFault } from '../domain/config/config.ts';
import { valueAt, type PositionedDocument, type ValuePath } from './document.ts';
import type { Kind } from './kinds.ts';

interface SchemaNode {
  type?: string;
  const?: unknown;
  anyOf?: SchemaNode[];
  pattern?: string;
  format?: string;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  items?: SchemaNode | SchemaNode[];
  properties?: Record<string, SchemaNode>;
}

/** Checks a file against its kind. All faults at once; none hides another. */
export type SchemaCheck = (
  document: PositionedDocument,
  kind: Kind,
) => { faults: ConfigFault[]; paths: ValuePath[] };

let shared: SchemaCheck | null = null;

/** The checker; it compiles each kind's schema once a process, when it is first needed. `paths` are the values at fault. */
export function schemaCheck(): SchemaCheck {
  shared ??= newSchemaCheck();
  return shared;
}

function newSchemaCheck(): SchemaCheck {
  // Each schema judges a few files: polishing its code would take longer than running it.
  const code = { optimize: false };
  const ajv = new Ajv({ allErrors: true, verbose: true, strict: true, strictTuples: false, code });
  formats.default(ajv);
  const compiled = new Map<string, ValidateFunction>();
  return (document, kind) => {
    const validate = compiled.get(kind.kind) ?? ajv.compile(kind.schema);
    compiled.set(kind.kind, validate);
    if (validate(document.data)) return { faults: [], paths: [] };
    const errors = withoutOtherBranches(validate.errors ?? []);
    const paths = errors.map((error) => pathOf(error, document.data));
    const faults = errors.map((error, index) => document.fault(paths[index] ?? [], textOf(error)));
    return { faults, paths };
  };
}

/**
 * A value that fits no branch of a union fails every branch. Kept is either the union's own error, or, where the value has the
 * form of one branch and the fault lies within it, the errors of the branch that it comes closest to.
 */
function withoutOtherBranches(errors: readonly ErrorObject[]): ErrorObject[] {
  const dropped = new Set<ErrorObject>();
  for (const union of errors.filter((error) => error.keyword === 'anyOf')) {
    const children = errors.filter(
      (error) =>
        error.schemaPath.startsWith(`${union.schemaPath}/`) &&
        isAtOrBelow(error.instancePath, union.instancePath),
    );
    const kept = new Set(closestBranch(union, children));
    for (const child of children) if (!kept.has(child)) dropped.add(child);
    if (kept.size > 0) dropped.add(union);
  }
  return errors.filter((error) => !dropped.has(error));
}

/** Errors of the branch with the fewest; none where no branch has the value's form. */
function closestBranch(union: ErrorObject, children: readonly ErrorObject[]): ErrorObject[] {
  const branches = Map.groupBy(
    children,
    (error) => error.schemaPath.slice(union.schemaPath.length + 1).split('/')[0],
  );
  const formed = [...branches.values()].filter((branch) =>
    branch.every(
      (error) =>
        error.instancePath !== union.instancePath ||
        ['required', 'additionalProperties', 'anyOf'].includes(error.keyword),
    ),
  );
  return formed.toSorted((a, b) => a.length - b.length)[0] ?? [];
}

function isAtOrBelow(path: string, top: string): boolean {
  return path === top || path.startsWith(`${top}/`);
}

function pathOf(error: ErrorObject, data: unknown): ValuePath {
  const steps = error.instancePath.split('/').slice(1);
  const path: (string | number)[] = [];
  let value = data;
  for (const step of steps) {
    const name = step.replaceAll('~1', '/').replaceAll('~0', '~');
    path.push(Array.isArray(value) ? Number(name) : name);
    value = valueAt(value, [name]);
  }
  const { missingProperty, additionalProperty } = error.params as {
    missingProperty?: string;
    additionalProperty?: string;
  };
  const last = missingProperty ?? additionalProperty;
  return last === undefined ? path : [...path, last];
}

/** The part of the schema that refused; our own, so of the form above. */
function schemaOf(error: ErrorObject): SchemaNode {
  const schema: object = error.parentSchema ?? {};
  return schema;
}

function textOf(error: ErrorObject): { message: string; expected: string; at?: 'key'; value?: string } {
  const schema = schemaOf(error);
  const { missingProperty, additionalProperty } = error.params as {
    missingProperty?: string;
    additionalProperty?: string;
  };
  if (missingProperty !== undefined) {
    const wanted = schema.properties?.[missingProperty];
    const message = `"${missingProperty}" is missing`;
    return { message, expected: wanted === undefined ? 'a value' : expectation(wanted), value: 'nothing' };
  }
  if (additionalProperty !== undefined) {
    const known = Object.keys(schema.properties ?? {}).join(', ');
    const message = `unknown key "${additionalProperty}"`;
    return { message, expected: `one of ${known}`, at: 'key', value: JSON.stringify(additionalProperty) };
  }
  const unquoted = schema.type === 'string' && ['number', 'boolean'].includes(typeof error.data);
  return {
    message: messages[error.keyword] ?? error.message ?? 'not as expected',
    expected: expectation(schema) + (unquoted ? ', in quotes' : ''),
  };
}

const { pattern: decimalPattern }: SchemaNode = DecimalText;

const messages: Record<string, string> = {
  type: 'wrong type',
  const: 'not an allowed value',
  anyOf: 'not an allowed value',
  pattern: 'not well formed',
  format: 'not well formed',
  minimum: 'out of range',
  maximum: 'out of range',
  exclusiveMinimum: 'out of range',
  minLength: 'too short',
  maxLength: 'too long',
  minItems: 'too few entries',
  maxItems: 'too many entries',
  uniqueItems: 'an entry stands twice',
};

/** What a schema wants, in words. */
function expectation(schema: SchemaNode): string {
  if (schema.anyOf !== undefined) return schema.anyOf.map(expectation).join(' or ');
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.pattern !== undefined && schema.pattern === decimalPattern)
    return 'a decimal as text, such as "0.05"';
  if (schema.pattern !== undefined) return `text of the form ${schema.pattern}`;
  if (schema.format === 'date') return 'a date YYYY-MM-DD';
  if (schema.format !== undefined) return `a ${schema.format}`;
  switch (schema.type) {
    case 'object':
      return schema.properties === undefined
        ? 'a map'
        : `a map of ${Object.keys(schema.properties).join(', ')}`;
    case 'array':
      return `a list${range(schema.minItems, schema.maxItems)}`;
    case 'string':
      return (schema.minLength ?? 0) > 0 ? `text of at least ${schema.minLength} characters` : 'text';
    case 'number':
      return schema.exclusiveMinimum === undefined
        ? `a number${range(schema.minimum, schema.maximum)}`
        : `a number above ${schema.exclusiveMinimum}`;
    case 'integer':
      return `a whole number${range(schema.minimum, schema.maximum)}`;
    default:
      return schema.type ?? 'a value';
  }
}

function range(minimum: number | undefined, maximum: number | undefined): string {
  if (minimum !== undefined && maximum !== undefined)
    return minimum === maximum ? ` of ${minimum}` : ` from ${minimum} to ${maximum}`;
  if (minimum !== undefined) return ` of at least ${minimum}`;
  return maximum === undefined ? '' : ` of at most ${maximum}`;
}
