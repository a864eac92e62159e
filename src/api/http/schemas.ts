import { Type, type Static, type TSchema } from 'typebox';
import { averagings, type AveragingId } from '../../domain/time.ts';

/** `anyOf` is the slow form of "or null"; this is the fast one with the same meaning. */
export const NullableNumber = Type.Unsafe<number | null>({ type: ['number', 'null'] });
export const NullableInteger = Type.Unsafe<number | null>({ type: ['integer', 'null'] });
export const NullableText = Type.Unsafe<string | null>({ type: ['string', 'null'] });
export const NullableBoolean = Type.Unsafe<boolean | null>({ type: ['boolean', 'null'] });
/** For an object that refuses what it does not declare. */
export const strict = { additionalProperties: false };
/** ISO 8601 with the region's offset. */
export const Instant = Type.String({ format: 'date-time' });
export const NullableInstant = Type.Unsafe<string | null>({ type: ['string', 'null'], format: 'date-time' });

export function oneOf<const T extends string>(
  values: readonly T[],
  options: { description?: string; default?: T } = {},
) {
  return Type.Unsafe<T>({ type: 'string', enum: [...values], ...options });
}

export const TextPair = Type.Object({ zh: Type.String(), en: Type.String() });
export const NullableTextPair = Type.Unsafe<Static<typeof TextPair> | null>({
  anyOf: [TextPair, { type: 'null' }],
});

/** An instant in a query: ISO 8601; without an offset it is read in the region's zone. */
export const InstantInput = Type.String({
  format: 'instant',
  description: 'ISO 8601 time; without an offset, in the zone of the region',
});
/** What was known at: a journal position or a time of receipt. */
export const AsOfInput = Type.String({
  format: 'as-of',
  description: 'only what was known at this journal position (whole number) or time of receipt (ISO 8601)',
});
export const Limit = (most: number, preset: number) =>
  Type.Integer({ minimum: 1, maximum: most, default: preset, description: `at most ${most} a page` });
/** A position in the journal. */
export const SeqInput = Type.Integer({
  minimum: 1,
  maximum: Number.MAX_SAFE_INTEGER,
  description: 'journal entry',
});
export const Cursor = Type.String({
  pattern: '^[A-Za-z0-9_-]{1,2000}$',
  description: '`meta.next` of the page before',
});
/** What a list takes that is read page by page. */
export const paging = (most: number, preset: number) => ({
  limit: Limit(most, preset),
  cursor: Type.Optional(Cursor),
});
/** No text of a store holds a NUL, and PostgreSQL refuses one in a question. */
export const IdInput = Type.String({ minLength: 1, maxLength: 120, pattern: '^[^\\u0000]+$' });
/** Comma-separated ids. */
export const IdList = Type.String({
  pattern: '^[^,\\s]{1,120}(,[^,\\s]{1,120}){0,63}$',
  description: 'up to 64 ids, comma-separated',
});
export const AveragingInput = oneOf(Object.keys(averagings) as AveragingId[], {
  description: 'averaging period',
});

/** What every answer carries beside its content. */
export const Meta = Type.Object({
  synthetic: Type.Boolean({ description: 'true: everything here is invented by the simulator' }),
  notice: Type.Union([TextPair, Type.Null()]),
  configHash: Type.String(),
  appliedSeq: Type.Integer({ description: 'journal position up to which readings are projected' }),
  next: NullableText,
});
export type Meta = Static<typeof Meta>;

export const one = <T extends TSchema>(result: T) => Type.Object({ meta: Meta, result });
export const many = <T extends TSchema>(result: T) =>
  Type.Object({ meta: Meta, results: Type.Array(result) });

export const ErrorAnswer = Type.Object(
  {
    error: Type.Object({
      code: Type.String(),
      message: Type.String(),
      details: Type.Record(Type.String(), Type.Unknown()),
      requestId: Type.String(),
    }),
  },
  { description: 'every error has this shape; docs/errors.md lists the codes' },
);

/** Error statuses that any route of a tier above public can answer. */
const always = { 400: ErrorAnswer, 401: ErrorAnswer, 429: ErrorAnswer, 500: ErrorAnswer, 503: ErrorAnswer };
const statuses = { forbidden: 403, notFound: 404, conflict: 409 } as const;

/** A route's answers: its own, the errors every route can give, and the further ones named. */
export function answers<T extends Record<number, TSchema>>(own: T, ...further: (keyof typeof statuses)[]) {
  const more = Object.fromEntries(further.map((name) => [statuses[name], ErrorAnswer]));
  return { ...always, ...more, ...own } as T & Record<400 | 401 | 429 | 500 | 503, typeof ErrorAnswer>;
}

/** The same content in several representations; the first is the default. */
export function represented(description: string, content: Record<string, TSchema>): TSchema {
  const media = Object.fromEntries(Object.entries(content).map(([type, schema]) => [type, { schema }]));
  return Type.Unsafe({ description, content: media });
}

const Geometry = Type.Object({ type: Type.String(), coordinates: Type.Array(Type.Unknown()) });
export const FeatureCollection = Type.Object({
  type: Type.Literal('FeatureCollection'),
  meta: Meta,
  features: Type.Array(
    Type.Object({
      type: Type.Literal('Feature'),
      id: Type.Optional(Type.String()),
      geometry: Type.Unsafe<Record<string, unknown> | null>({ anyOf: [Geometry, { type: 'null' }] }),
      properties: Type.Record(Type.String(), Type.Unknown()),
    }),
  ),
});
export const Feature = Type.Object({
  type: Type.Literal('Feature'),
  id: Type.Optional(Type.String()),
  meta: Type.Optional(Meta),
  geometry: Type.Unsafe<Record<string, unknown> | null>({ anyOf: [Geometry, { type: 'null' }] }),
  properties: Type.Record(Type.String(), Type.Unknown()),
});
