import { Type, type Static } from 'typebox';

/** `stations`: codes that are taken; absent: every column of the table. `prefix` of the file names, `china_sites_` when absent. */
export const quotsoftSettings = Type.Object(
  {
    stations: Type.Optional(Type.Array(Type.String({ pattern: '^\\d{4}[A-Z]$' }), { minItems: 1 })),
    prefix: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9_-]+$' })),
  },
  { additionalProperties: false },
);
export type QuotsoftSettings = Static<typeof quotsoftSettings>;
