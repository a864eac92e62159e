import { Type, type Static } from 'typebox';

/**
 * `areaIds`: six-digit province codes, one sweep each; an empty list: the whole country at once; absent: the provinces
 * under which a configured section is listed. `pageSize`: absent 60, which is what the upstream's own page asks for.
 */
export const waterSettings = Type.Object(
  {
    areaIds: Type.Optional(Type.Array(Type.String({ pattern: '^\\d{6}$' }))),
    pageSize: Type.Optional(Type.Integer({ minimum: 1, maximum: 500 })),
  },
  { additionalProperties: false },
);
export type WaterSettings = Static<typeof waterSettings>;
