import { Type, type Static } from 'typebox';
import { DecimalText, Id, Provenance, Text, strict } from './facts.ts';
import { InForce } from './in-force.ts';

/**
 * How a load is computed from samples and flow. `sample-means`, `mean-of-products`, `period-mean`, `period-weighted` and
 * `flow-weighted` are the five in common use in China (A, C, B, D, E); the others are the international ones.
 */
export const LoadMethodId = Type.Union([
  Type.Literal('sample-means'),
  Type.Literal('period-mean'),
  Type.Literal('mean-of-products'),
  Type.Literal('period-weighted'),
  Type.Literal('flow-weighted'),
  Type.Literal('beale-ratio'),
  Type.Literal('interpolation'),
  Type.Literal('rating-curve'),
]);
export type LoadMethodId = Static<typeof LoadMethodId>;

const Share = DecimalText;

/** Least coverage of a load that may be relied on; shares of the days of the period. */
export const LoadCoverage = Type.Object(
  {
    flowDays: Share,
    sampledDays: Share,
    /** Of the days with the highest flow, so many must have a sample. */
    highFlowDays: Share,
    leastSamples: Type.Integer({ minimum: 0 }),
  },
  strict,
);
export type LoadCoverage = Static<typeof LoadCoverage>;

/**
 * How much of a load's readings may be left out because they are under review: shares of the readings (of the concentration, or of
 * the flow), of the water that passed in their time, of the days of high flow, and by how much the load would change with them.
 */
export const LeftOutBounds = Type.Object(
  {
    readings: Share,
    water: Share,
    highFlow: Share,
    load: Share,
    /** Beyond any of them: no load, or a load that says so. */
    beyond: Type.Union([Type.Literal('refuse'), Type.Literal('flag')]),
    provenance: Provenance,
  },
  strict,
);
export type LeftOutBounds = Static<typeof LeftOutBounds>;

/** A rate of first-order decay at 20 °C, with the spread that it is known to. */
export const DecayRate = Type.Object(
  {
    parameter: Id,
    perDay: DecimalText,
    standardErrorPerDay: DecimalText,
    theta: DecimalText,
    provenance: Provenance,
  },
  strict,
);
export type DecayRate = Static<typeof DecayRate>;

/** Rules of load and attribution where an agreement states none of its own. Dated; each figure with its source. */
export const LoadMethod = Type.Object(
  {
    kind: Type.Literal('load-method'),
    id: Id,
    title: Text,
    inForce: InForce,
    preferred: Type.Object(
      { withDailyFlow: LoadMethodId, otherwise: LoadMethodId, provenance: Provenance },
      strict,
    ),
    coverage: Type.Array(
      Type.Object(
        {
          methods: Type.Array(LoadMethodId, { minItems: 1 }),
          minimum: LoadCoverage,
          provenance: Provenance,
        },
        strict,
      ),
      { minItems: 1 },
    ),
    /** Absent (as in bundles of before it was known): what is left out is not looked at. */
    leftOut: Type.Optional(LeftOutBounds),
    highFlow: Type.Object({ shareOfDays: Share, provenance: Provenance }, strict),
    belowDetection: Type.Object({ shareOfLimit: Share, provenance: Provenance }, strict),
    /** Relative standard errors that no repetition makes smaller. */
    measurement: Type.Object({ flow: Share, concentration: Share, provenance: Provenance }, strict),
    ratingCurve: Type.Object(
      {
        /** Samples this many years before and after the middle of a period count, the nearer the more. */
        windowYears: DecimalText,
        terms: Type.Array(
          Type.Union([
            Type.Literal('flow'),
            Type.Literal('flow-squared'),
            Type.Literal('trend'),
            Type.Literal('season'),
          ]),
          { uniqueItems: true },
        ),
        biasCorrection: Type.Union([Type.Literal('smearing'), Type.Literal('half-variance')]),
        leastSamples: Type.Integer({ minimum: 8 }),
        provenance: Provenance,
      },
      strict,
    ),
    attribution: Type.Object(
      {
        decay: Type.Array(DecayRate),
        referenceTemperatureC: DecimalText,
        /** Velocity where a reach declares none, and the relative standard error of a travel time from it. */
        velocity: Type.Object(
          { metresPerSecond: DecimalText, relativeStandardError: Share, provenance: Provenance },
          strict,
        ),
        /** An outfall closer above a section than this stands in its mixing reach. */
        mixingReachKm: Type.Object({ value: DecimalText, provenance: Provenance }, strict),
        /** Load that reaches a section from land which no section measures, relative to the exit load. */
        unmeasured: Type.Object({ relativeStandardError: Share, provenance: Provenance }, strict),
        provenance: Provenance,
      },
      strict,
    ),
    provenance: Provenance,
  },
  strict,
);
export type LoadMethod = Static<typeof LoadMethod>;
export type RatingCurveRule = LoadMethod['ratingCurve'];
