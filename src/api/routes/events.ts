import { Type, type Static } from 'typebox';
import { airLimitOn } from '../../analysis/air/index.ts';
import {
  exceedanceEvents,
  exceedanceFrequency,
  type Criterion,
  type Observation,
} from '../../analysis/exceedance/index.ts';
import { entersStatistics } from '../../analysis/assessment/index.ts';
import { targetLimit, waterLimits } from '../../analysis/water/index.ts';
import { editionInForce, type Config } from '../../domain/config/config.ts';
import type { AirStation, Section } from '../../domain/config/region.ts';
import type { EventWindow } from '../../domain/config/standard.ts';
import { MonitorError } from '../../domain/errors.ts';
import type { SeriesColumns } from '../../domain/ports.ts';
import { civilDate, intervalOf, parseInstant, type AveragingId } from '../../domain/time.ts';
import { requireAssessments, type Viewer } from '../auth/seen-by.ts';
import type { ApiDeps } from '../deps.ts';
import type { Api } from '../fastify-types.ts';
import { rejectIfAny } from '../faults.ts';
import { isoTimes } from '../iso-times.ts';
import { metaOf } from '../negotiation.ts';
import { answers, AsOfInput, IdInput, Instant, InstantInput, Meta, NullableText } from '../schemas.ts';
import { providersOf, registry } from '../stations-view.ts';
import { positionOf } from './verdicts.ts';

const strict = { additionalProperties: false };
const mostDays = 366;
const NullableBoolean = Type.Unsafe<boolean | null>({ type: ['boolean', 'null'] });

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

const CriterionEvents = Type.Object({
  criterion: Type.Object({
    id: Type.String(),
    parameter: Type.String(),
    averaging: Type.String(),
    rule: Type.String(),
    limit: Type.String(),
  }),
  provider: Type.String(),
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
type CriterionEvents = Static<typeof CriterionEvents>;

const EventsAnswer = Type.Object({
  meta: Meta,
  method: Type.String({ description: 'how events are cut; apart from the criterion, which is the limit' }),
  confidence: Type.String(),
  standing: Type.String({ description: 'events of unreviewed values are no exceedances (超标)' }),
  results: Type.Array(CriterionEvents),
});

/** Limits of a section's targets on a date; items without a single limit (pH) make no event. */
function waterCriteria(section: Section, config: Config, date: string): Criterion[] {
  const standard = editionInForce(config.waterStandards, date);
  const body = section.bodyType?.value;
  if (standard === null) return [];
  const targets = section.targets.filter(({ from, to }) => (from ?? date) <= date && date <= (to ?? date));
  return targets.flatMap((target) =>
    waterLimits(standard).items.flatMap((entry): Criterion[] => {
      const { parameter, rule, multiple, evaluated } = entry.item;
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
        },
      ];
    }),
  );
}

/** Hourly limits of a station's zone on a date. */
function airCriteria(station: AirStation, config: Config, date: string): Criterion[] {
  const grade = station.zoneClass.value;
  const places = editionInForce(config.airAssessments, date)?.decimals.multiple ?? 2;
  return config.parameters
    .filter(({ medium, published }) => medium === 'air' && !published)
    .flatMap(({ id: parameter }): Criterion[] => {
      const found = airLimitOn(config.airStandards, { parameter, averaging: '1h', grade, date });
      if (found === null || found.limit === null) return [];
      const id = `${found.standard.id} grade ${grade} ${parameter} 1h`;
      const limit = found.limit.toFixed();
      return [
        { id, parameter, averaging: 'PT1H', rule: 'at-most', limit, multipleDecimals: places, allowed: null },
      ];
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
  criterion: Criterion,
  columns: SeriesColumns,
  of: { window: EventWindow; span: { fromS: number; toS: number }; throughS: number; timeZone: string },
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

const querystring = Type.Object(
  {
    station: IdInput,
    from: InstantInput,
    to: InstantInput,
    parameter: Type.Optional(IdInput),
    provider: Type.Optional(IdInput),
    asOf: Type.Optional(AsOfInput),
  },
  strict,
);

/** Events of values beyond a limit, cut anew from the readings as they are known at a position. */
export function eventRoutes(app: Api, deps: ApiDeps, viewer: Viewer): void {
  const summary = 'runs of values beyond a limit: when, how far, how long, how often';
  const schema = {
    tags: ['verdicts'],
    summary,
    querystring,
    response: answers({ 200: EventsAnswer }, 'forbidden', 'notFound'),
  };
  app.get('/events', { config: { tier: 'public' }, schema }, async (request) => {
    const { query } = request;
    const config = deps.config();
    const { timeZone } = config.region;
    const [fromS, toS] = [parseInstant(query.from, timeZone), parseInstant(query.to, timeZone)];
    const span = { field: 'querystring.to', value: query.to };
    if (fromS >= toS) rejectIfAny([{ ...span, expected: 'a time after `from`' }]);
    if (toS - fromS > mostDays * 86_400) rejectIfAny([{ ...span, expected: `at most ${mostDays} days` }]);
    const found = registry(config).get(query.station);
    if (found === undefined)
      throw new MonitorError('E_NOT_FOUND', `no such station: ${query.station}`, {
        details: { station: query.station },
      });
    const { station } = found;
    requireAssessments(await viewer.seenBy(request), station.id);
    const date = civilDate(toS - 1, timeZone);
    const all =
      'zoneClass' in station
        ? airCriteria(station, config, date)
        : 'targets' in station
          ? waterCriteria(station, config, date)
          : [];
    const criteria = all.filter(({ parameter }) => (query.parameter ?? parameter) === parameter);
    const method = editionInForce(config.exceedanceMethods, date);
    const averaging: AveragingId = 'zoneClass' in station ? 'PT1H' : 'instant';
    const window = method?.windows.find((one) => one.averaging === averaging);
    const provider = query.provider ?? providersOf(station)[0];
    const asOfSeq = await positionOf(deps, query.asOf);
    const columns =
      window === undefined || provider === undefined || criteria.length === 0
        ? []
        : await deps.readings.series({
            stations: [station.id],
            parameters: [...new Set(criteria.map(({ parameter }) => parameter))],
            averaging,
            provider,
            fromS,
            toS,
            asOfSeq,
          });
    const throughS = Math.min(toS, deps.clock.nowS());
    const results = criteria.flatMap((criterion) => {
      const series = columns.find(({ key }) => key.parameter === criterion.parameter);
      if (series === undefined || window === undefined) return [];
      return [judged(criterion, series, { window, span: { fromS, toS: throughS }, throughS, timeZone })];
    });
    return {
      meta: metaOf(deps),
      method: method?.id ?? '',
      confidence: method?.provenance.confidence ?? '',
      standing: 'single-unreviewed',
      results,
    };
  });
}
