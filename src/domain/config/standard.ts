import { Type, type Static } from 'typebox';
import { AirAssessment, AirStandard, AqiStandard } from './air-standard.ts';
import { ExceedanceMethod } from './exceedance-method.ts';
import { DecimalText, Id, Provenance, Text, strict } from './facts.ts';
import { InForce } from './in-force.ts';
import { LoadMethod } from './load-method.ts';
import { QualityChecks } from './quality-checks.ts';
import { Screening } from './screening.ts';
import { CityWaterIndex, WaterEarlyWarning, WaterPeriods } from './water-periods.ts';
import { WaterEvaluation, WaterStandard } from './water-standard.ts';

export * from './air-standard.ts';
export * from './exceedance-method.ts';
export * from './load-method.ts';
export * from './water-periods.ts';
export * from './water-standard.ts';

/** Rules of station data quality: states, comparisons, replacements. */
export const StationQuality = Type.Object(
  {
    kind: Type.Literal('station-quality'),
    id: Id,
    title: Text,
    inForce: InForce,
    waterStates: Type.Object(
      {
        states: Type.Array(
          Type.Object(
            {
              state: Type.Integer(),
              name: Text,
              use: Type.Union([Type.Literal('valid'), Type.Literal('invalid'), Type.Literal('review')]),
            },
            strict,
          ),
        ),
        provenance: Provenance,
      },
      strict,
    ),
    comparison: Type.Object(
      {
        /** Bands by class limit of the item, worst first: applies to laboratory values above that limit. */
        bands: Type.Array(
          Type.Object(
            {
              aboveClass: Type.Union([Type.Integer(), Type.Null()]),
              name: Type.String(),
              maxErrorPercent: DecimalText,
            },
            strict,
          ),
        ),
        detectionMultiple: DecimalText,
        uncoveredName: Type.String(),
        bothBelowName: Type.String(),
        oneBelowName: Type.String(),
        oneBelowClass: Type.Integer(),
        errorDecimals: Type.Integer(),
        provenance: Provenance,
      },
      strict,
    ),
    airNonPositive: Type.Object(
      {
        replacements: Type.Array(Type.Object({ parameter: Type.String(), value: DecimalText }, strict)),
        provenance: Provenance,
      },
      strict,
    ),
    oxygenSaturation: Type.Object(
      { numerator: DecimalText, offset: DecimalText, decimals: Type.Integer(), provenance: Provenance },
      strict,
    ),
    stuck: Type.Object(
      { waterConsecutive: Type.Integer(), airConsecutive: Type.Integer(), provenance: Provenance },
      strict,
    ),
    screening: Type.Optional(Screening),
    checks: Type.Optional(QualityChecks),
  },
  strict,
);
export type StationQuality = Static<typeof StationQuality>;

/** What may be said of a value above a limit, by how far it has been confirmed. `{class}` and `{item}` are filled in. */
export const ExceedanceWording = Type.Object(
  {
    kind: Type.Literal('exceedance-wording'),
    id: Id,
    title: Text,
    inForce: InForce,
    rungs: Type.Array(
      Type.Object(
        {
          standing: Type.Union([
            Type.Literal('single-unreviewed'),
            Type.Literal('single-reviewed'),
            Type.Literal('day-unreviewed'),
            Type.Literal('day-reviewed'),
            Type.Literal('cumulative-forecast'),
            Type.Literal('monthly-unreviewed'),
            Type.Literal('monthly-reviewed'),
            Type.Literal('cumulative-unreviewed'),
            Type.Literal('cumulative-reviewed'),
            Type.Literal('period-unreviewed'),
            Type.Literal('period-reviewed'),
          ]),
          /** Whether the word 超标 (exceedance) may be used. */
          exceedance: Type.Boolean(),
          above: Text,
          below: Text,
          outside: Text,
        },
        strict,
      ),
    ),
    provenance: Provenance,
  },
  strict,
);
export type ExceedanceWording = Static<typeof ExceedanceWording>;

/** Every kind of file under `config/standards`, the schema that checks it and the list of the configuration it goes into. */
export const standardKinds = {
  'water-standard': { schema: WaterStandard, into: 'waterStandards' },
  'water-evaluation': { schema: WaterEvaluation, into: 'waterEvaluations' },
  'aqi-standard': { schema: AqiStandard, into: 'aqiStandards' },
  'air-standard': { schema: AirStandard, into: 'airStandards' },
  'air-assessment': { schema: AirAssessment, into: 'airAssessments' },
  'station-quality': { schema: StationQuality, into: 'stationQuality' },
  'water-periods': { schema: WaterPeriods, into: 'waterPeriods' },
  'water-early-warning': { schema: WaterEarlyWarning, into: 'waterEarlyWarnings' },
  'city-water-index': { schema: CityWaterIndex, into: 'cityWaterIndices' },
  'exceedance-method': { schema: ExceedanceMethod, into: 'exceedanceMethods' },
  'exceedance-wording': { schema: ExceedanceWording, into: 'exceedanceWordings' },
  'load-method': { schema: LoadMethod, into: 'loadMethods' },
} as const;
export type StandardKind = keyof typeof standardKinds;

/** All standards of a configuration, each list in the order of the editions. */
export interface Standards {
  waterStandards: WaterStandard[];
  waterEvaluations: WaterEvaluation[];
  aqiStandards: AqiStandard[];
  airStandards: AirStandard[];
  airAssessments: AirAssessment[];
  stationQuality: StationQuality[];
  exceedanceWordings: ExceedanceWording[];
  exceedanceMethods: ExceedanceMethod[];
  waterPeriods: WaterPeriods[];
  waterEarlyWarnings: WaterEarlyWarning[];
  cityWaterIndices: CityWaterIndex[];
  loadMethods: LoadMethod[];
}

/** Every list of standards, empty and new: what a configuration is before its files are read. */
export function noStandards(): Standards {
  return {
    waterStandards: [],
    waterEvaluations: [],
    aqiStandards: [],
    airStandards: [],
    airAssessments: [],
    stationQuality: [],
    exceedanceWordings: [],
    exceedanceMethods: [],
    waterPeriods: [],
    waterEarlyWarnings: [],
    cityWaterIndices: [],
    loadMethods: [],
  };
}
