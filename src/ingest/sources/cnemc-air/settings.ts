import { Type, type Static } from 'typebox';

/** `cities`: names as the platform writes them (温州市), one request each; absent: prefectures in which an air station lies. */
export const airSettings = Type.Object(
  { cities: Type.Optional(Type.Array(Type.String({ minLength: 1 }), { minItems: 1 })) },
  { additionalProperties: false },
);
export type AirSettings = Static<typeof airSettings>;
