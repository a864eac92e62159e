import { Type, type Static } from 'typebox';
import { DecimalText, Id, Provenance, Text, strict } from './facts.ts';
import { InForce } from './in-force.ts';

/** How a value came to be: an automatic station, or a sample taken by hand. */
export const MeasuringMethod = Type.Union([Type.Literal('automatic'), Type.Literal('manual')]);
export type MeasuringMethod = Static<typeof MeasuringMethod>;

const Order = Type.Array(MeasuringMethod, { minItems: 1, maxItems: 2 });

/** From readings to values of days, months, months 1 to N, quarters and years: whose data count, and how many there must be. */
export const WaterPeriods = Type.Object(
  {
    kind: Type.Literal('water-periods'),
    id: Id,
    title: Text,
    inForce: InForce,
    /** The first rule that names the network (or none) and the item decides; `others` for the rest. One source a month, never mixed. */
    precedence: Type.Object(
      {
        rules: Type.Array(
          Type.Object(
            {
              networks: Type.Optional(Type.Array(Type.String())),
              items: Type.Array(Type.String()),
              order: Order,
            },
            strict,
          ),
        ),
        others: Order,
        provenance: Provenance,
      },
      strict,
    ),
    /** Least number of valid automatic readings of a day, as a share of those due. */
    day: Type.Object(
      { minValid: Type.Integer(), ofExpected: Type.Integer(), provenance: Provenance },
      strict,
    ),
    /** Automatic: what is averaged, and the least share of valid days. Manual: the least number of samples. */
    month: Type.Object(
      {
        meanOf: Type.Union([Type.Literal('readings'), Type.Literal('day-means')]),
        minDayShare: DecimalText,
        minSamples: Type.Integer(),
        provenance: Provenance,
      },
      strict,
    ),
    /** Longer periods are means of month values. */
    quarter: Type.Object({ minMonths: Type.Integer(), provenance: Provenance }, strict),
    cumulative: Type.Object({ everyMonth: Type.Boolean(), provenance: Provenance }, strict),
    year: Type.Object(
      { minMonths: Type.Integer(), minMonthsWithIce: Type.Integer(), provenance: Provenance },
      strict,
    ),
  },
  strict,
);
export type WaterPeriods = Static<typeof WaterPeriods>;

/** A section warns when month and cumulative class both fell against last year, below a class, and the cumulative target is missed. */
export const WaterEarlyWarning = Type.Object(
  {
    kind: Type.Literal('water-early-warning'),
    id: Id,
    title: Text,
    inForce: InForce,
    /** Where the method applies: basins by their Chinese name. */
    basins: Type.Array(Type.String()),
    /** Only classes worse than this count. */
    worseThanClass: Type.Integer(),
    /** Most severe first. */
    levels: Type.Array(
      Type.Object({ level: Type.Integer(), name: Text, classesDown: Type.Integer() }, strict),
      { minItems: 1 },
    ),
    /** Kind of target that the cumulative class is held against. */
    target: Type.String(),
    provenance: Provenance,
  },
  strict,
);
export type WaterEarlyWarning = Static<typeof WaterEarlyWarning>;

/** City water index (CWQI) of rankings: each item against the limit of one class, summed. */
export const CityWaterIndex = Type.Object(
  {
    kind: Type.Literal('city-water-index'),
    id: Id,
    title: Text,
    inForce: InForce,
    limitsOfClass: Type.Integer(),
    /** Item that is judged by its distance from neutral. */
    neutral: Type.Object({ parameter: Type.String(), value: DecimalText }, strict),
    decimals: Type.Integer(),
    changeDecimals: Type.Integer(),
    provenance: Provenance,
  },
  strict,
);
export type CityWaterIndex = Static<typeof CityWaterIndex>;
