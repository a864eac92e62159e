import { Type, type Static } from 'typebox';

/** `listAt`: the member of the reply that holds the list of stations; absent: the reply is the list itself. */
export const zjemcSettings = Type.Object(
  {
    listAt: Type.Optional(Type.String({ minLength: 1 })),
    method: Type.Optional(Type.Union([Type.Literal('GET'), Type.Literal('POST')])),
    form: Type.Optional(Type.Record(Type.String(), Type.String())),
  },
  { additionalProperties: false },
);
export type ZjemcSettings = Static<typeof zjemcSettings>;
