import { Type, type Static } from 'typebox';
import { DecimalText, Id, Provenance, Text, strict } from './facts.ts';

const ParameterId = Type.String({ pattern: '^[a-z][a-z0-9_]*$' });
/** `suspect` marks the reading; `note` only tells of it: being odd alone is no reason to doubt a value. */
const Effect = Type.Union([Type.Literal('suspect'), Type.Literal('note')]);
const Hours = Type.Number({ exclusiveMinimum: 0, maximum: 240 });

/**
 * A jump is no fault where the result before or after it, within `neighbourHours`, went at least `neighbourShare` of its way, or where
 * another item of the same time moved too: away from its own median of the look-back by `multiple` times it and at least `above`.
 */
const BorneOut = Type.Object(
  {
    neighbourShare: DecimalText,
    neighbourHours: Hours,
    by: Type.Array(
      Type.Object({ parameter: ParameterId, multiple: DecimalText, above: DecimalText }, strict),
    ),
    provenance: Provenance,
  },
  strict,
);

/**
 * Automatic screening of readings: every figure is configuration. `lookbackHours` bounds what a rule looks back on, so that a
 * mark depends on nothing older. Rules on sliding and civil-day means: none.
 */
export const Screening = Type.Object(
  {
    lookbackHours: Hours,
    /** Equal results in a row, as many as `stuck` says, that span these hours. */
    stuckSpan: Type.Object(
      {
        name: Text,
        waterHours: Hours,
        airHours: Hours,
        /** Results up to this value may be the limit of detection shown again and again, which the source does not say. */
        notUpTo: Type.Array(Type.Object({ parameter: ParameterId, value: DecimalText }, strict)),
        provenance: Provenance,
      },
      strict,
    ),
    /** |value - median of the look-back| above `multiple` × median and at least `above`, in the unit of the item. */
    jump: Type.Object(
      {
        name: Text,
        multiple: DecimalText,
        minimumResults: Type.Integer({ minimum: 1 }),
        items: Type.Array(Type.Object({ parameter: ParameterId, above: DecimalText }, strict)),
        /** What tells an event from a fault of the instrument; absent: nothing does, every jump is marked. */
        borneOut: Type.Optional(BorneOut),
        provenance: Provenance,
      },
      strict,
    ),
    /**
     * Items of one sample of which one contains the other: `lesser` above `greater` by more than the tolerance. `marks` departed: only
     * the one that is farther, in proportion, from its median of the look-back; both where that cannot be told, or where it is absent.
     */
    contained: Type.Array(
      Type.Object(
        {
          id: Id,
          name: Text,
          greater: ParameterId,
          lesser: ParameterId,
          tolerancePercent: DecimalText,
          marks: Type.Optional(Type.Literal('departed')),
          effect: Effect,
          provenance: Provenance,
        },
        strict,
      ),
    ),
    /** Dissolved oxygen above this share of saturation at the water temperature (formula: `oxygenSaturation`). */
    supersaturation: Type.Object(
      {
        name: Text,
        oxygen: ParameterId,
        temperature: ParameterId,
        maximumPercent: DecimalText,
        effect: Effect,
        provenance: Provenance,
      },
      strict,
    ),
    /** A value far from the median of at least `minimumStations` others within `withinKm` at the same time. */
    neighbours: Type.Object(
      {
        name: Text,
        withinKm: Type.Number({ exclusiveMinimum: 0 }),
        minimumStations: Type.Integer({ minimum: 2 }),
        multiple: DecimalText,
        items: Type.Array(Type.Object({ parameter: ParameterId, above: DecimalText }, strict)),
        /** Absent: `suspect`, an act of the system puts the reading under review. */
        effect: Type.Optional(Effect),
        provenance: Provenance,
      },
      strict,
    ),
    /** Two providers that report one station, item and time: a difference above the tolerance and at least `above`. */
    providers: Type.Object(
      {
        name: Text,
        tolerancePercent: DecimalText,
        items: Type.Array(Type.Object({ parameter: ParameterId, above: DecimalText }, strict)),
        /** Absent: `suspect`; of the two values, each that nobody reviewed goes under review. */
        effect: Type.Optional(Effect),
        provenance: Provenance,
      },
      strict,
    ),
  },
  strict,
);
export type Screening = Static<typeof Screening>;
