import { Type, type Static } from 'typebox';

/** Pieces that every configuration kind shares. Unknown keys are forbidden everywhere. */
export const strict = { additionalProperties: false } as const;

export const Id = Type.String({ pattern: '^[a-z0-9][a-z0-9._-]*$', maxLength: 80 });
export const CivilDate = Type.String({ format: 'date' });
export const DecimalText = Type.String({ pattern: '^-?\\d+(\\.\\d+)?$' });

/** Everything a user sees exists in Chinese and English. */
export const Text = Type.Object(
  { zh: Type.String({ minLength: 1 }), en: Type.String({ minLength: 1 }) },
  strict,
);
export type Text = Static<typeof Text>;

/** How sure a figure is; printed beside it wherever it matters. */
export const Confidence = Type.Union([
  Type.Literal('confirmed'),
  Type.Literal('from-memory'),
  Type.Literal('inferred'),
  Type.Literal('assumed'),
  Type.Literal('project-default'),
]);
export type Confidence = Static<typeof Confidence>;

/** Where a figure comes from. */
export const Provenance = Type.Object(
  { source: Type.String({ minLength: 1 }), confidence: Confidence, note: Type.Optional(Type.String()) },
  strict,
);
export type Provenance = Static<typeof Provenance>;

/** WGS-84 / CGCS2000 degrees; `uncertaintyKm` is the stated or estimated error. */
export const Position = Type.Object(
  {
    lon: Type.Number({ minimum: -180, maximum: 180 }),
    lat: Type.Number({ minimum: -90, maximum: 90 }),
    uncertaintyKm: Type.Number({ minimum: 0 }),
    provenance: Provenance,
  },
  strict,
);
export type Position = Static<typeof Position>;

/** What a source calls a station, and when: `key` is exactly the source's own natural key. */
export const Alias = Type.Object(
  {
    provider: Id,
    key: Type.String({ minLength: 1 }),
    from: Type.Optional(CivilDate),
    to: Type.Optional(CivilDate),
  },
  strict,
);
export type Alias = Static<typeof Alias>;

/** Name of what has the id in a list of facts; null where the list does not know it. */
export const nameOf = (facts: readonly { id: string; name: Text }[], id: string): Text | null =>
  facts.find((one) => one.id === id)?.name ?? null;
