import { Type, type Static } from 'typebox';
import { CivilDate, DecimalText, Id, Provenance, Text, strict } from './facts.ts';

const InForce = Type.Object(
  { from: CivilDate, to: Type.Union([CivilDate, Type.Null()]), provenance: Provenance },
  strict,
);
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

const AqiAveraging = Type.Union([Type.Literal('1h'), Type.Literal('8h'), Type.Literal('24h')]);

/**
 * Concentrations at the index steps, ascending; null from the step where the standard gives none. `above` is what holds above
 * the last number: a fixed index, or null for "not computed".
 */
export const Breakpoints = Type.Object(
  {
    parameter: Type.String(),
    averaging: AqiAveraging,
    values: Type.Array(Type.Union([DecimalText, Type.Null()])),
    above: Type.Union([Type.Integer(), Type.Null()]),
    provenance: Provenance,
  },
  strict,
);
export type Breakpoints = Static<typeof Breakpoints>;

/**
 * One line of a report: the `column` of the input, what pollutant it is, and the averaging whose breakpoints apply.
 * `instead`: the column that carries the index where this one is not computed. `otherwise`: the column that is read where the
 * input has no such column at all; the verdict then says so. `aliases`: other headings of the column.
 */
export const AqiIndicator = Type.Object(
  {
    column: Type.String(),
    parameter: Type.String(),
    averaging: AqiAveraging,
    instead: Type.Optional(Type.Object({ column: Type.String(), averaging: AqiAveraging }, strict)),
    otherwise: Type.Optional(Type.String()),
    aliases: Type.Optional(Type.Array(Type.String())),
  },
  strict,
);
export type AqiIndicator = Static<typeof AqiIndicator>;

export const AqiStandard = Type.Object(
  {
    kind: Type.Literal('aqi-standard'),
    id: Id,
    /** How documents write this edition. */
    label: Type.String(),
    title: Text,
    inForce: InForce,
    /** Which civil date decides the edition of an hour: of its begin or of its end. */
    hourBelongsTo: Type.Object(
      { value: Type.Union([Type.Literal('begin'), Type.Literal('end')]), provenance: Provenance },
      strict,
    ),
    parameters: Type.Array(
      Type.Object(
        { parameter: Type.String(), name: Text, unit: Type.String(), aliases: Type.Array(Type.String()) },
        strict,
      ),
    ),
    index: Type.Array(Type.Integer()),
    breakpoints: Type.Array(Breakpoints),
    hourly: Type.Object({ indicators: Type.Array(AqiIndicator), provenance: Provenance }, strict),
    daily: Type.Object({ indicators: Type.Array(AqiIndicator), provenance: Provenance }, strict),
    /** Decimals to which a concentration is rounded before the index; null: the edition does not say. */
    concentrationDecimals: Type.Union([
      Type.Array(Type.Object({ parameter: Type.String(), decimals: Type.Integer() }, strict)),
      Type.Null(),
    ]),
    minimumIndex: Type.Integer(),
    /** A primary pollutant is named only where the index is above this. */
    primaryAbove: Type.Integer(),
    /** Pollutants with an index above this are listed as not attaining; null where the edition has no such list. */
    nonAttainmentAbove: Type.Union([Type.Integer(), Type.Null()]),
    /** When one of the pollutants is missing. */
    missing: Type.Union([Type.Literal('mark-na'), Type.Literal('mark-na-unless-polluted')]),
    pollutedAbove: Type.Integer(),
    levels: Type.Array(
      Type.Object(
        {
          upTo: Type.Union([Type.Integer(), Type.Null()]),
          level: Type.Integer(),
          name: Text,
          colour: Type.String(),
          rgb: Type.String(),
        },
        strict,
      ),
    ),
    clause: Type.String(),
  },
  strict,
);
export type AqiStandard = Static<typeof AqiStandard>;

const AirAveraging = Type.Union([
  Type.Literal('year'),
  Type.Literal('quarter'),
  Type.Literal('month'),
  Type.Literal('24h'),
  Type.Literal('8h-max'),
  Type.Literal('1h'),
]);

/** Ambient air limits (attainment, apart from the index): grade 1 and 2, dated inside the file where the standard steps. */
export const AirStandard = Type.Object(
  {
    kind: Type.Literal('air-standard'),
    id: Id,
    title: Text,
    inForce: InForce,
    /** Names of the phases of the standard, ascending by date; how documents write them. */
    phases: Type.Array(Type.Object({ from: CivilDate, label: Type.String() }, strict), { minItems: 1 }),
    limits: Type.Array(
      Type.Object(
        {
          parameter: Type.String(),
          averaging: AirAveraging,
          unit: Type.String(),
          values: Type.Array(
            Type.Object(
              {
                from: CivilDate,
                grade1: Type.Union([DecimalText, Type.Null()]),
                grade2: Type.Union([DecimalText, Type.Null()]),
              },
              strict,
            ),
            { minItems: 1 },
          ),
          clause: Type.String(),
          provenance: Provenance,
        },
        strict,
      ),
    ),
    /** Least number of valid parts for a period value. */
    validity: Type.Object(
      {
        hoursPerDay: Type.Integer(),
        hoursPer8: Type.Integer(),
        minutesPerHour: Type.Integer(),
        daysPerMonth: Type.Integer(),
        daysPerFebruary: Type.Integer(),
        daysPerYear: Type.Integer(),
        clause: Type.String(),
        provenance: Provenance,
      },
      strict,
    ),
    stateConditions: Type.Array(
      Type.Object(
        {
          from: CivilDate,
          gasKelvin: DecimalText,
          gasHpa: DecimalText,
          particles: Type.Union([Type.Literal('standard-state'), Type.Literal('as-monitored')]),
          provenance: Provenance,
        },
        strict,
      ),
    ),
  },
  strict,
);
export type AirStandard = Static<typeof AirStandard>;

/** How ambient air is assessed over days and years, and the composite index of rankings. */
export const AirAssessment = Type.Object(
  {
    kind: Type.Literal('air-assessment'),
    id: Id,
    title: Text,
    inForce: InForce,
    annualItems: Type.Object(
      {
        items: Type.Array(
          Type.Object(
            {
              parameter: Type.String(),
              mean: Type.Boolean(),
              percentile: Type.Integer(),
              of: Type.Union([Type.Literal('24h'), Type.Literal('8h-max')]),
            },
            strict,
          ),
        ),
        provenance: Provenance,
      },
      strict,
    ),
    decimals: Type.Object(
      {
        items: Type.Array(
          Type.Object(
            {
              parameter: Type.String(),
              raw: Type.Integer(),
              statistics: Type.Integer(),
              attainment: Type.Integer(),
            },
            strict,
          ),
        ),
        multiple: Type.Integer(),
        compliancePercent: Type.Integer(),
        provenance: Provenance,
      },
      strict,
    ),
    mda8: Type.Object(
      {
        firstEndHour: Type.Integer(),
        lastEndHour: Type.Integer(),
        windowHours: Type.Integer(),
        minHoursPerWindow: Type.Integer(),
        minWindows: Type.Integer(),
        decimals: Type.Integer(),
        provenance: Provenance,
      },
      strict,
    ),
    cityPoints: Type.Object(
      {
        minShare: DecimalText,
        fewPoints: Type.Integer(),
        minShareOfFew: DecimalText,
        provenance: Provenance,
      },
      strict,
    ),
    compositeIndex: Type.Object(
      {
        items: Type.Array(Type.Object({ parameter: Type.String(), limitOf: AirAveraging }, strict)),
        grade: Type.Union([Type.Literal(1), Type.Literal(2)]),
        decimals: Type.Integer(),
        provenance: Provenance,
      },
      strict,
    ),
    percentile: Type.Object({ clause: Type.String(), provenance: Provenance }, strict),
  },
  strict,
);
export type AirAssessment = Static<typeof AirAssessment>;

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
            Type.Literal('cumulative-forecast'),
            Type.Literal('monthly-reviewed'),
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
  'exceedance-wording': { schema: ExceedanceWording, into: 'exceedanceWordings' },
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
}
