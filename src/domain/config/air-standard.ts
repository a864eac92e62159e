import { Type, type Static } from 'typebox';
import { CivilDate, DecimalText, Id, Provenance, Text, strict } from './facts.ts';
import { InForce } from './in-force.ts';

const AqiAveraging = Type.Union([Type.Literal('1h'), Type.Literal('8h'), Type.Literal('24h')]);

/**
 * Concentrations at the index steps, ascending; null from the step where the standard gives none. `above` is what holds above
 * the last number: a fixed index, or null for "not computed".
 */
export const Breakpoints = Type.Object(
  {
    parameter: Type.String(),
    averaging: AqiAveraging,
    /** Another averaging that the text judges by the same breakpoints. */
    alsoFor: Type.Optional(AqiAveraging),
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
    /**
     * What is assumed of a pollutant that the monitoring plan of a station leaves out, where its history is not known: that it
     * never led light or worse pollution, so that the index may be given without it.
     */
    unplanned: Type.Object({ historyClean: Type.Boolean(), provenance: Provenance }, strict),
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
