import { Type, type Static } from 'typebox';
import { DecimalText, Id, Provenance, Text, strict } from './facts.ts';
import { InForce } from './in-force.ts';

const FiveLimits = Type.Union([Type.Array(DecimalText, { minItems: 5, maxItems: 5 }), Type.Null()]);

/**
 * Limits of one item, classes 1 to 5 in order; `lake` where lakes and reservoirs differ (else equal to `river`), null where
 * the standard has none. `aliases` are other names under which documents and files write the item.
 */
export const WaterItem = Type.Object(
  {
    parameter: Type.String(),
    name: Text,
    unit: Type.Union([Type.String(), Type.Null()]),
    aliases: Type.Array(Type.String()),
    rule: Type.Union([
      Type.Literal('at-most'),
      Type.Literal('at-least'),
      Type.Literal('within'),
      Type.Literal('none'),
    ]),
    river: FiveLimits,
    lake: FiveLimits,
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

/** A single limit of a drinking-water source item (tables 2 and 3). */
export const DrinkingSourceItem = Type.Object(
  {
    parameter: Type.String(),
    name: Type.String(),
    aliases: Type.Array(Type.String()),
    limit: DecimalText,
    unit: Type.String(),
  },
  strict,
);
export type DrinkingSourceItem = Static<typeof DrinkingSourceItem>;
const DrinkingSourceTable = Type.Object(
  {
    clause: Type.String(),
    multipleDecimals: Type.Integer(),
    provenance: Provenance,
    items: Type.Array(DrinkingSourceItem),
  },
  strict,
);

export const WaterClassName = Type.Object(
  {
    class: Type.Integer(),
    name: Text,
    roman: Type.String(),
    aliases: Type.Array(Type.String()),
    status: Text,
    colour: Type.String(),
    colourName: Text,
    provenance: Provenance,
  },
  strict,
);
export type WaterClassName = Static<typeof WaterClassName>;

export const WaterStandard = Type.Object(
  {
    kind: Type.Literal('water-standard'),
    id: Id,
    title: Text,
    inForce: InForce,
    /** The class of what fails class 5; a name of practice, not a class of the standard. */
    worstClass: Type.Integer(),
    classes: Type.Array(WaterClassName),
    items: Type.Array(WaterItem),
    multipleDecimals: Type.Integer(),
    drinkingSource: Type.Object(
      { supplementary: DrinkingSourceTable, specific: DrinkingSourceTable },
      strict,
    ),
  },
  strict,
);
export type WaterStandard = Static<typeof WaterStandard>;

const DecimalPair = Type.Object(
  {
    parameter: Type.String(),
    hourData: Type.Union([Type.Integer(), Type.Null()]),
    evaluation: Type.Union([Type.Integer(), Type.Null()]),
  },
  strict,
);

/** Shares are percent; a row applies when both bounds hold (`min` inclusive, `below` exclusive). Rows are tried in order. */
const ShareVerdict = Type.Object(
  {
    status: Text,
    colour: Type.String(),
    goodMin: Type.Optional(DecimalText),
    goodBelow: Type.Optional(DecimalText),
    worstMin: Type.Optional(DecimalText),
    worstBelow: Type.Optional(DecimalText),
  },
  strict,
);

/** Method by which sections, rivers, basins, lakes and their change are judged, and how readings become evaluation values. */
export const WaterEvaluation = Type.Object(
  {
    kind: Type.Literal('water-evaluation'),
    id: Id,
    title: Text,
    inForce: InForce,
    /** Reported on their own, never part of a section's class. */
    referenceItems: Type.Array(Type.String()),
    /** What an automatic station measures of the evaluated items; printed with a verdict that rests on it alone. */
    automaticItems: Type.Object({ items: Type.Array(Type.String()), provenance: Provenance }, strict),
    decimals: Type.Object({ items: Type.Array(DecimalPair), provenance: Provenance }, strict),
    /** Items averaged as hydrogen-ion activity. */
    meanByHydrogenIon: Type.Object({ items: Type.Array(Type.String()), provenance: Provenance }, strict),
    belowDetection: Type.Object({ share: DecimalText, provenance: Provenance }, strict),
    mainPollutants: Type.Object(
      {
        max: Type.Integer(),
        referenceClass: Type.Integer(),
        priorityItems: Type.Array(Type.String()),
        multipleDecimals: Type.Integer(),
        provenance: Provenance,
      },
      strict,
    ),
    basin: Type.Object(
      {
        minSections: Type.Integer(),
        goodClass: Type.Integer(),
        verdicts: Type.Array(ShareVerdict),
        mainPollutants: Type.Object({ max: Type.Integer(), rateDecimals: Type.Integer() }, strict),
        provenance: Provenance,
      },
      strict,
    ),
    trend: Type.Object(
      {
        /** Words for better and worse by size of change; `upTo` is inclusive, null for any larger. */
        byLevels: Type.Array(
          Type.Object({ upTo: Type.Union([Type.Integer(), Type.Null()]), better: Text, worse: Text }, strict),
        ),
        byShares: Type.Array(
          Type.Object({ upTo: Type.Union([DecimalText, Type.Null()]), better: Text, worse: Text }, strict),
        ),
        spearman: Type.Object(
          {
            minPeriods: Type.Integer(),
            decimals: Type.Integer(),
            significance: Type.String(),
            critical: Type.Array(
              Type.Object({ periods: Type.Integer(), at05: DecimalText, at01: DecimalText }, strict),
            ),
          },
          strict,
        ),
        provenance: Provenance,
      },
      strict,
    ),
    trophic: Type.Object(
      {
        /** Index of an item: 10 (a + b ln x). */
        items: Type.Array(
          Type.Object(
            { parameter: Type.String(), unit: Type.String(), a: DecimalText, b: DecimalText, r: DecimalText },
            strict,
          ),
        ),
        decimals: Type.Integer(),
        grades: Type.Array(
          Type.Object(
            { below: Type.Optional(DecimalText), upTo: Type.Optional(DecimalText), name: Text },
            strict,
          ),
        ),
        provenance: Provenance,
      },
      strict,
    ),
  },
  strict,
);
export type WaterEvaluation = Static<typeof WaterEvaluation>;
