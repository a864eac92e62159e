import { Type, type Static } from 'typebox';
import { CivilDate, DecimalText, Id, Provenance, Text, strict } from './facts.ts';

const InForce = Type.Object({ from: CivilDate, to: Type.Union([CivilDate, Type.Null()]), provenance: Provenance }, strict);

/** Limits of one item, classes 1 to 5 in order; `lake` where lakes and reservoirs differ, null where the standard has none. */
export const WaterItem = Type.Object(
  {
    parameter: Type.String(),
    rule: Type.Union([Type.Literal('at-most'), Type.Literal('at-least'), Type.Literal('within'), Type.Literal('none')]),
    river: Type.Union([Type.Array(DecimalText, { minItems: 5, maxItems: 5 }), Type.Null()]),
    lake: Type.Union([Type.Array(DecimalText, { minItems: 5, maxItems: 5 }), Type.Null()]),
    within: Type.Optional(Type.Object({ min: DecimalText, max: DecimalText }, strict)),
    /** Counts towards the class of a section (evaluation method 2011: 21 items). */
    evaluated: Type.Boolean(),
    /** Printed with an exceedance multiple. */
    multiple: Type.Boolean(),
    clause: Type.String(),
    provenance: Provenance,
  },
  strict,
);
export type WaterItem = Static<typeof WaterItem>;

export const WaterStandard = Type.Object(
  {
    kind: Type.Literal('water-standard'),
    id: Id,
    title: Text,
    inForce: InForce,
    worstClass: Type.Integer(),
    classes: Type.Array(Type.Object({ class: Type.Integer(), name: Text, roman: Type.String(), status: Text, colour: Type.String() }, strict)),
    items: Type.Array(WaterItem),
    multipleDecimals: Type.Integer(),
  },
  strict,
);
export type WaterStandard = Static<typeof WaterStandard>;

/** Concentrations at the index steps, ascending; null from the step where the standard gives none. */
export const Breakpoints = Type.Object(
  {
    parameter: Type.String(),
    averaging: Type.Union([Type.Literal('1h'), Type.Literal('8h'), Type.Literal('24h')]),
    values: Type.Array(Type.Union([DecimalText, Type.Null()])),
    /** Above the last number: the fixed index, or null for "not computed". Absent: the top of the scale. */
    above: Type.Optional(Type.Union([Type.Integer(), Type.Null()])),
    provenance: Provenance,
  },
  strict,
);
export type Breakpoints = Static<typeof Breakpoints>;

export const AqiStandard = Type.Object(
  {
    kind: Type.Literal('aqi-standard'),
    id: Id,
    title: Text,
    /** By civil date of the hour's END label minus nothing: see `hourBelongsTo`. */
    inForce: InForce,
    /** Which civil date decides the edition of an hour: of its begin or of its end. */
    hourBelongsTo: Type.Object({ value: Type.Union([Type.Literal('begin'), Type.Literal('end')]), provenance: Provenance }, strict),
    index: Type.Array(Type.Integer()),
    breakpoints: Type.Array(Breakpoints),
    /** Which breakpoints an hourly and a daily report use, per parameter. */
    hourly: Type.Array(Type.Object({ parameter: Type.String(), averaging: Type.Union([Type.Literal('1h'), Type.Literal('8h'), Type.Literal('24h')]) }, strict)),
    daily: Type.Array(Type.Object({ parameter: Type.String(), averaging: Type.Union([Type.Literal('1h'), Type.Literal('8h'), Type.Literal('24h')]) }, strict)),
    /** Decimals to which a concentration is rounded before the index; null: the edition does not say. */
    concentrationDecimals: Type.Union([Type.Array(Type.Object({ parameter: Type.String(), decimals: Type.Integer() }, strict)), Type.Null()]),
    minimumIndex: Type.Integer(),
    primaryAbove: Type.Integer(),
    missing: Type.Union([Type.Literal('mark-na'), Type.Literal('mark-na-unless-polluted')]),
    pollutedAbove: Type.Integer(),
    levels: Type.Array(Type.Object({ upTo: Type.Union([Type.Integer(), Type.Null()]), level: Type.Integer(), name: Text, colour: Type.String() }, strict)),
    clause: Type.String(),
  },
  strict,
);
export type AqiStandard = Static<typeof AqiStandard>;

/** Ambient air limits (attainment, apart from the index): grade 1 and 2, dated inside the file where the standard steps. */
export const AirStandard = Type.Object(
  {
    kind: Type.Literal('air-standard'),
    id: Id,
    title: Text,
    inForce: InForce,
    limits: Type.Array(
      Type.Object(
        {
          parameter: Type.String(),
          averaging: Type.Union([Type.Literal('year'), Type.Literal('quarter'), Type.Literal('24h'), Type.Literal('8h-max'), Type.Literal('1h')]),
          unit: Type.String(),
          values: Type.Array(Type.Object({ from: CivilDate, grade1: Type.Union([DecimalText, Type.Null()]), grade2: Type.Union([DecimalText, Type.Null()]) }, strict), { minItems: 1 }),
          clause: Type.String(),
          provenance: Provenance,
        },
        strict,
      ),
    ),
  },
  strict,
);
export type AirStandard = Static<typeof AirStandard>;
