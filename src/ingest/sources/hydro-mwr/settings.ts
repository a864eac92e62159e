import { Type, type Static } from 'typebox';

/** `lists`: which lists are asked for, both when absent. */
export const hydroSettings = Type.Object(
  {
    lists: Type.Optional(
      Type.Array(Type.Union([Type.Literal('greatRiver'), Type.Literal('greatRsvr')]), { minItems: 1 }),
    ),
    method: Type.Optional(Type.Union([Type.Literal('GET'), Type.Literal('POST')])),
  },
  { additionalProperties: false },
);
export type HydroSettings = Static<typeof hydroSettings>;
