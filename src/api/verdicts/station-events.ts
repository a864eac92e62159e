import { Type, type Static } from 'typebox';
import { airLimitOn } from '../../analysis/air/index.ts';
import { entersStatistics } from '../../analysis/assessment/index.ts';
import {
  exceedanceEvents,
  exceedanceFrequency,
  type Criterion,
  type Observation,
} from '../../analysis/exceedance/index.ts';
import { targetLimit, waterLimits } from '../../analysis/water/index.ts';
import { editionInForce, type Config } from '../../domain/config/config.ts';
import type { AirStation, FlowStation, Section } from '../../domain/config/region.ts';
import type { EventWindow } from '../../domain/config/standard.ts';
import type { SeriesColumns } from '../../domain/ports.ts';
import { civilDate, intervalOf, type AveragingId } from '../../domain/time.ts';
import type { ApiDeps } from '../deps.ts';
import { isoTimes } from '../http/iso-times.ts';
import { Instant, NullableBoolean, NullableText } from '../http/schemas.ts';
import { seriesUrl } from '../readings/reading-nodes.ts';
import { providersOf } from '../region/stations-view.ts';
import { Rule, ruleFrom } from './rules.ts';

const EventShape = Type.Object({
  start: Instant,
  end: Instant,
  open: Type.Boolean(),
  values: Type.Integer(),
  below: Type.Integer(),
  missing: Type.Integer(),
  durationHours: Type.Number(),
  peak: Type.Object({ value: Type.Number(), time: Instant, multiple: NullableText }),
  mean: Type.String(),
});

export const CriterionEvents = Type.Object({
  criterion: Type.Object({
    id: Type.String(),
    parameter: Type.String(),
    averaging: Type.String(),
    rule: Type.String(),
    limit: Type.String(),
  }),
  provider: Type.String(),
  rules: Type.Array(Rule, { description: 'where the limit stands, and how events are cut' }),
  readings: Type.String({ description: 'the readings of the span, as known at the position' }),
  events: Type.Array(EventShape),
  frequency: Type.Object({
    expected: Type.Integer(),
    valid: Type.Integer(),
    beyond: Type.Integer(),
    share: NullableText,
    within: NullableBoolean,
    sufficient: Type.Boolean(),
  }),
});
export type CriterionEvents = Static<typeof CriterionEvents>;

/** A criterion and where its limit stands. */
type Ruled = Criterion & { source: Rule };

/** Limits of a section's targets on a date; items without a single limit (pH) make no event. */
function waterCriteria(section: Section, config: Config, date: string): Ruled[] {
  const standard = editionInForce(config.waterStandards, date);
  const body = section.bodyType?.value;
  if (standard === null) return [];
  const targets = section.targets.filter(({ from, to }) => (from ?? date) <= date && date <= (to ?? date));
  return targets.flatMap((target) =>
    waterLimits(standard).items.flatMap((entry): Ruled[] => {
      const { parameter, rule, multiple, evaluated, provenance, clause } = entry.item;
      if (!evaluated || (rule !== 'at-most' && rule !== 'at-least')) return [];
      if (body === undefined && !entry.sameForBoth) return [];
      const limit = targetLimit(entry, body ?? 'river', target.class);
      if (limit === null) return [];
      const multipleDecimals = multiple ? standard.multipleDecimals : null;
      const id = `${standard.id} ${target.kind} class ${target.class} ${parameter}`;
      return [
        {
          id,
          parameter,
          averaging: 'instant',
          rule,
          limit: limit.toFixed(),
          multipleDecimals,
          allowed: null,
          source: ruleFrom(standard.id, `limit of class ${target.class}`, provenance, clause),
        },
      ];
    }),
  );
}

/** Hourly limits of a station's zone on a date. */
function airCriteria(station: AirStation, config: Config, date: string): Ruled[] {
  const grade = station.zoneClass.value;
  const places = editionInForce(config.airAssessments, date)?.decimals.multiple ?? 2;
  return config.parameters
    .filter(({ medium, published }) => medium === 'air' && !published)
    .flatMap(({ id: parameter }): Ruled[] => {
      const found = airLimitOn(config.airStandards, { parameter, averaging: '1h', grade, date });
      if (found === null || found.limit === null) return [];
      const id = `${found.standard.id} grade ${grade} ${parameter} 1h`;
      const limit = found.limit.toFixed();
      const provenance = { source: found.standard.id, confidence: found.confidence ?? '' };
      const source = ruleFrom(found.standard.id, `hourly limit of grade ${grade}`, provenance, found.clause);
      const base = { id, parameter, averaging: 'PT1H', rule: 'at-most' as const, limit };
      return [{ ...base, multipleDecimals: places, allowed: null, source }];
    });
}

function observations(columns: SeriesColumns, timeZone: string): Observation[] {
  const averaging = columns.key.averaging;
  return Array.from(columns.timeS, (timeS, row) => {
    const { beginS, endS } = intervalOf(averaging, timeS, timeZone);
    const value = columns.value[row]!;
    return { beginS, endS, value: entersStatistics(value, columns.flags[row]!) ? value : null, seq: 0 };
  });
}

function judged(
  criterion: Ruled,
  columns: SeriesColumns,
  of: {
    window: EventWindow;
    method: Rule;
    span: { fromS: number; toS: number };
    asOfSeq: number;
    throughS: number;
    timeZone: string;
  },
): CriterionEvents {
  const list = observations(columns, of.timeZone);
  const iso = isoTimes(of.timeZone);
  const events = exceedanceEvents(list, criterion, of.window, of.throughS);
  const { expected, valid, beyond, share, within, sufficient } = exceedanceFrequency(
    list,
    criterion,
    of.window,
    of.span,
  );
  const { id, parameter, averaging, rule, limit } = criterion;
  return {
    criterion: { id, parameter, averaging, rule, limit },
    provider: columns.key.provider,
    rules: [criterion.source, of.method],
    readings: seriesUrl(
      columns.key,
      { beginS: of.span.fromS, endS: of.span.toS },
      { iso, asOfSeq: of.asOfSeq },
    ),
    events: events.map(({ startS, endS, durationS, peak, ...event }) => ({
      ...event,
      start: iso(startS),
      end: iso(endS),
      durationHours: durationS / 3600,
      peak: { value: peak.value, time: iso(peak.atS), multiple: peak.multiple },
    })),
    frequency: { expected, valid, beyond, share, within, sufficient },
  };
}

/** Events of a station's values beyond its limits in a span, by the limits and the method of its last day, as known at a position. */
export async function stationEvents(
  deps: { readings: Pick<ApiDeps['readings'], 'series'> },
  of: {
    config: Config;
    station: Section | AirStation | FlowStation;
    fromS: number;
    toS: number;
    throughS: number;
    asOfSeq: number;
    parameter?: string | undefined;
    provider?: string | undefined;
  },
): Promise<CriterionEvents[]> {
  const { config, station, fromS, toS, throughS, asOfSeq } = of;
  const { timeZone } = config.region;
  const date = civilDate(toS - 1, timeZone);
  const air = 'zoneClass' in station;
  const all = air
    ? airCriteria(station, config, date)
    : 'targets' in station
      ? waterCriteria(station, config, date)
      : [];
  const criteria = all.filter(({ parameter }) => (of.parameter ?? parameter) === parameter);
  const averaging: AveragingId = air ? 'PT1H' : 'instant';
  const method = editionInForce(config.exceedanceMethods, date);
  const window = method?.windows.find((one) => one.averaging === averaging);
  const provider = of.provider ?? providersOf(station)[0];
  if (method === null || window === undefined || provider === undefined || criteria.length === 0) return [];
  const columns = await deps.readings.series({
    stations: [station.id],
    parameters: [...new Set(criteria.map(({ parameter }) => parameter))],
    averaging,
    provider,
    fromS,
    toS,
    asOfSeq,
  });
  return criteria.flatMap((criterion) => {
    const series = columns.find(({ key }) => key.parameter === criterion.parameter);
    if (series === undefined) return [];
    const span = { fromS, toS: throughS };
    const rule = ruleFrom(method.id, 'how runs of values are cut into events', method.provenance);
    return [judged(criterion, series, { window, method: rule, span, asOfSeq, throughS, timeZone })];
  });
}
