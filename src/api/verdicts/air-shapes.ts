import { Type, type Static } from 'typebox';
import { roundHalfEven, type Decimal } from '../../domain/decimal.ts';
import { PeriodShape } from './assessment-shapes.ts';
import type { AirStationVerdict } from './air-verdicts.ts';
import {
  NullableBoolean,
  NullableInteger,
  NullableText,
  NullableTextPair,
  TextPair,
} from '../http/schemas.ts';
import { AirVerdict } from './verdict-shapes.ts';

const nullable = <T extends object>(shape: T & object, description: string) =>
  ({ anyOf: [shape, { type: 'null' }], description }) as const;

const OverShape = Type.Object({
  parameter: Type.String(),
  averaging: Type.String(),
  value: Type.String(),
  limit: Type.String(),
  grade: Type.Integer(),
  multiple: NullableText,
  standing: Type.String(),
  text: TextPair,
  standard: Type.String(),
  phase: Type.String(),
  clause: NullableText,
  confidence: NullableText,
});

/** Index and attainment of a day are two verdicts: an index of at most 100 is not attainment. */
const DayShape = Type.Object({
  aqi: NullableInteger,
  level: NullableInteger,
  levelName: NullableTextPair,
  primary: Type.Array(Type.String()),
  iaqi: Type.Record(Type.String(), NullableInteger),
  edition: NullableText,
  status: Type.String(),
  reason: NullableText,
  attains: NullableBoolean,
  over: Type.Array(OverShape),
});

const LineShape = Type.Object({ evaluated: Type.String(), limit: Type.String(), meets: Type.Boolean() });
const Line = Type.Unsafe<Static<typeof LineShape> | null>({ anyOf: [LineShape, { type: 'null' }] });
const AnnualShape = Type.Object({ mean: Line, percentile: Line, meets: Type.Boolean() });
const CompositeShape = Type.Object({
  indices: Type.Record(Type.String(), Type.String()),
  composite: Type.String(),
  leading: Type.Array(Type.String()),
});
const ShareShape = { validDays: Type.Integer(), percent: NullableText };

export const SpanShape = Type.Object({
  edition: NullableText,
  phase: NullableText,
  editions: Type.Array(Type.String(), {
    description: 'in force on days of the period; of several, `edition` judges all of it',
  }),
  items: Type.Array(
    Type.Object({
      parameter: Type.String(),
      validDays: Type.Integer(),
      valid: Type.Boolean(),
      mean: NullableText,
      percentile: NullableText,
      verdict: Type.Unsafe<Static<typeof AnnualShape> | null>({ anyOf: [AnnualShape, { type: 'null' }] }),
    }),
  ),
  attains: NullableBoolean,
  composite: Type.Unsafe<Static<typeof CompositeShape> | null>({ anyOf: [CompositeShape, { type: 'null' }] }),
  attainment: Type.Object({ ...ShareShape, attainingDays: Type.Integer() }),
  goodDays: Type.Object(
    { ...ShareShape, goodDays: Type.Integer() },
    { description: 'AQI of at most 100 (优良)' },
  ),
});

/** An air station over an hour, a day or a longer period; exactly one of `hour`, `day` and `span` is there. */
export const AirVerdictShape = Type.Object({
  id: Type.String({ description: 'ask /verdicts/{id}/why' }),
  station: Type.String(),
  provider: Type.String(),
  period: PeriodShape,
  asOfSeq: Type.Integer(),
  hour: Type.Unsafe<AirVerdict | null>(nullable(AirVerdict, 'index of the hour')),
  day: Type.Unsafe<Static<typeof DayShape> | null>(nullable(DayShape, 'index and attainment of the day')),
  span: Type.Unsafe<Static<typeof SpanShape> | null>(
    nullable(SpanShape, 'month, months 1 to N, quarter or year'),
  ),
  values: Type.Array(
    Type.Object({
      parameter: Type.String(),
      of: Type.String({ description: '1h, 24h or 8h-max' }),
      value: NullableText,
      valid: Type.Integer({
        description: 'valid hours; of ozone days valid 8 h windows; of a span valid days',
      }),
    }),
  ),
});
export type AirVerdictShape = Static<typeof AirVerdictShape>;

/** At the decimals of attainment, as printed and judged. */
export function printed(verdict: AirStationVerdict, parameter: string, value: Decimal | null): string | null {
  const places = verdict.facts.assessment.decimals.items.find(
    (one) => one.parameter === parameter,
  )?.attainment;
  if (value === null) return null;
  return places === undefined ? value.toFixed() : roundHalfEven(value, places).toFixed(places);
}

function values(verdict: AirStationVerdict): AirVerdictShape['values'] {
  const { hour, day, hours, days, facts, span } = verdict;
  if (hour !== null)
    return hours.map(({ parameter, value }) => {
      const present = value.length > 0 && !Number.isNaN(value[0]!);
      return { parameter, of: '1h', value: present ? String(value[0]!) : null, valid: present ? 1 : 0 };
    });
  const statistic = (parameter: string) =>
    facts.assessment.annualItems.items.find((one) => one.parameter === parameter)?.of ?? '24h';
  return days.map((series) => ({
    parameter: series.parameter,
    of: statistic(series.parameter),
    value: day === null ? null : printed(verdict, series.parameter, series.values[0] ?? null),
    valid:
      day === null
        ? (span?.items.find((one) => one.parameter === series.parameter)?.validDays ?? 0)
        : (series.validHours[0] ?? 0),
  }));
}

function dayShape(verdict: AirStationVerdict): Static<typeof DayShape> | null {
  const { day } = verdict;
  if (day === null) return null;
  const { aqi, attains, over } = day;
  return {
    aqi: aqi?.aqi ?? null,
    level: aqi?.level ?? null,
    levelName: aqi?.levelName ?? null,
    primary: aqi?.primary ?? [],
    iaqi: aqi?.iaqi ?? {},
    edition: aqi?.edition ?? null,
    status: aqi?.status ?? 'cannot-judge',
    reason: aqi === null ? 'no-edition-in-force' : aqi.reason,
    attains,
    over: over.map(({ wording, unit: _unit, exceedance: _exceedance, ...one }) => ({
      ...one,
      text: wording,
    })),
  };
}

export function airVerdictShape(verdict: AirStationVerdict): AirVerdictShape {
  const { id, key, provider, hour, span } = verdict;
  const { kind, id: period, from, to } = key.period;
  return {
    id,
    station: key.section,
    provider,
    period: { kind, id: period, from, to },
    asOfSeq: key.asOfSeq,
    hour,
    day: dayShape(verdict),
    span: span === null ? null : spanShape(span),
    values: values(verdict),
  };
}

function spanShape({ from: _from, to: _to, ...span }: NonNullable<AirStationVerdict['span']>) {
  return span;
}
