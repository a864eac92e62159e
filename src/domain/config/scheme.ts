import { Type, type Static } from 'typebox';
import { CivilDate, DecimalText, Id, Provenance, Text, strict } from './facts.ts';

/** Where in the input document of a case a named input stands; examples and agreements are mapped only through this. */
export const SchemeInput = Type.Object(
  { name: Type.String(), path: Type.String(), unit: Type.Union([Type.String(), Type.Null()]), optional: Type.Boolean() },
  strict,
);
export type SchemeInput = Static<typeof SchemeInput>;

/** A published compensation scheme as data. The engine knows the primitives, never a scheme by name. */
export const Scheme = Type.Object(
  {
    kind: Type.Literal('scheme'),
    id: Id,
    name: Text,
    valid: Type.Object({ from: CivilDate, to: Type.Union([CivilDate, Type.Null()]) }, strict),
    period: Type.Union([Type.Literal('month'), Type.Literal('quarter'), Type.Literal('year')]),
    readiness: Type.String(),
    currency: Type.Literal('CNY'),
    moneyUnit: Type.Union([Type.Literal('wan-yuan'), Type.Literal('yuan')]),
    moneyDecimals: Type.Integer(),
    parameters: Type.Array(Type.Object({ vocabulary: Type.String(), parameter: Type.String() }, strict)),
    inputs: Type.Array(SchemeInput),
    steps: Type.Array(Type.Unknown()),
    notes: Type.Array(Text),
    provenance: Provenance,
    figures: Type.Array(Type.Object({ figure: Type.String(), value: DecimalText, provenance: Provenance }, strict)),
  },
  strict,
);
export type Scheme = Static<typeof Scheme>;
