import { Type, type Static } from 'typebox';
import { Provenance, Text, strict } from './facts.ts';

/**
 * What is measured, or what a source itself publishes as its verdict. `decimals` are the stored decimals: a sum of readings
 * is rounded to them, which recovers it exactly. `plausible` bounds are for quality flags, never for deletion.
 * `codes` turns a published text into a number: exclusive codes, or bits that add up where several may apply.
 */
export const Parameter = Type.Object(
  {
    id: Type.String({ pattern: '^[a-z][a-z0-9_]*$' }),
    name: Text,
    medium: Type.Union([Type.Literal('water'), Type.Literal('air'), Type.Literal('flow')]),
    type: Type.Union([Type.Literal('quantity'), Type.Literal('code'), Type.Literal('bits')]),
    published: Type.Boolean(),
    unit: Type.Union([Type.String(), Type.Null()]),
    ucum: Type.Union([Type.String(), Type.Null()]),
    decimals: Type.Integer({ minimum: 0, maximum: 8 }),
    displayDecimals: Type.Integer({ minimum: 0, maximum: 8 }),
    hj525: Type.Array(Type.String()),
    plausible: Type.Optional(
      Type.Object({ min: Type.Number(), max: Type.Number(), provenance: Provenance }, strict),
    ),
    codes: Type.Optional(
      Type.Array(
        Type.Object(
          { value: Type.Integer({ minimum: 0 }), name: Text, texts: Type.Array(Type.String()) },
          strict,
        ),
      ),
    ),
    provenance: Provenance,
  },
  strict,
);
export type Parameter = Static<typeof Parameter>;
export const ParameterFile = Type.Object(
  { kind: Type.Literal('parameters'), parameters: Type.Array(Parameter) },
  strict,
);
