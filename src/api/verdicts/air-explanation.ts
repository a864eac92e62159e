import { Type, type Static } from 'typebox';
import { airLimitOn, type AirAveraging } from '../../analysis/air/index.ts';
import { editionInForce, type Config } from '../../domain/config/config.ts';
import type { AqiIndicator, AqiStandard } from '../../domain/config/standard.ts';
import { AirVerdictShape, airVerdictShape, printed } from './air-shapes.ts';
import { airBounds, type AirStationVerdict } from './air-verdicts.ts';
import type { ApiDeps } from '../deps.ts';
import { isoTimes } from '../http/iso-times.ts';
import { noReadings, ReadingNodes, readingNodes } from '../readings/reading-nodes.ts';
import { Rule, ruleFrom } from './rules.ts';
import { NullableInteger, NullableText } from '../http/schemas.ts';

const IndexNode = Type.Object({
  column: Type.String(),
  edition: Type.String(),
  averaging: Type.String(),
  iaqi: NullableInteger,
  breakpoints: Type.Array(NullableText),
  index: Type.Array(Type.Integer()),
  source: NullableText,
  confidence: NullableText,
});

const LimitNode = Type.Object({
  averaging: Type.String(),
  limit: NullableText,
  standard: Type.String(),
  phase: Type.String(),
  grade: Type.Integer(),
  clause: NullableText,
  confidence: NullableText,
});

const ItemNode = Type.Object({
  parameter: Type.String(),
  decides: Type.Boolean({ description: 'leads the index, or is above a limit' }),
  value: NullableText,
  of: Type.String(),
  valid: Type.Integer(),
  index: Type.Unsafe<Static<typeof IndexNode> | null>({ anyOf: [IndexNode, { type: 'null' }] }),
  limits: Type.Array(LimitNode),
  rules: Type.Array(Rule),
  days: Type.Array(Type.Object({ date: Type.String(), value: NullableText, valid: Type.Integer() }), {
    description: 'values of the civil days of a longer period',
  }),
  readings: ReadingNodes,
});

/** The tree from a verdict on an air station to its readings and journal entries. */
export const AirExplanation = Type.Object({
  id: Type.String(),
  station: Type.String(),
  configHash: Type.String(),
  verdict: AirVerdictShape,
  rules: Type.Array(Rule),
  items: Type.Array(ItemNode),
});
export type AirExplanation = Static<typeof AirExplanation>;

function indexNode(
  verdict: AirStationVerdict,
  edition: AqiStandard | null,
  parameter: string,
): Static<typeof IndexNode> | null {
  const { hour, day, facts } = verdict;
  const iaqi = hour?.iaqi ?? day?.aqi?.iaqi;
  if (edition === null || iaqi === undefined) return null;
  const eightHour = facts.assessment.annualItems.items.some(
    (item) => item.parameter === parameter && item.of === '8h-max',
  );
  const fits = ({ parameter: of, averaging }: AqiIndicator) =>
    of === parameter && (hour !== null || (averaging === '8h') === eightHour);
  const indicator = edition[hour === null ? 'daily' : 'hourly'].indicators.find(fits);
  if (indicator === undefined) return null;
  const { column, averaging } = indicator;
  const steps = edition.breakpoints.find(
    (one) => one.parameter === parameter && (one.averaging === averaging || one.alsoFor === averaging),
  );
  return {
    column,
    edition: edition.id,
    averaging,
    iaqi: iaqi[column] ?? null,
    breakpoints: [...(steps?.values ?? [])],
    index: [...edition.index],
    source: steps?.provenance.source ?? null,
    confidence: steps?.provenance.confidence ?? null,
  };
}

function limitNodes(
  verdict: AirStationVerdict,
  parameter: string,
  of: string,
  grade: 1 | 2,
): Static<typeof LimitNode>[] {
  const { facts, key, span } = verdict;
  const year = span !== null && key.period.kind === 'year';
  const wanted: AirAveraging[] = year ? ['year', of as AirAveraging] : [of as AirAveraging];
  return wanted.flatMap((averaging) => {
    const found = airLimitOn(facts.airStandards, { parameter, averaging, grade, date: key.period.to });
    if (found === null || found.limit === null) return [];
    const { standard, phase, limit, clause, confidence } = found;
    return [{ averaging, limit: limit.toFixed(), standard: standard.id, phase, grade, clause, confidence }];
  });
}

function itemRules(verdict: AirStationVerdict, of: string): Rule[] {
  const { facts, key } = verdict;
  if (verdict.hour !== null) return [];
  const { mda8, decimals, annualItems, percentile, id } = facts.assessment;
  const standard = editionInForce(facts.airStandards, key.period.to);
  const days = standard === null ? [] : [standard];
  const ozone = `daily maximum of ${mda8.windowHours} h means, at least ${mda8.minWindows} windows of ${mda8.minHoursPerWindow} valid hours`;
  return [
    ...(of === '8h-max'
      ? [ruleFrom(id, ozone, mda8.provenance)]
      : days.map(({ id: edition, validity }) =>
          ruleFrom(
            edition,
            `a day needs ${validity.hoursPerDay} valid hours`,
            validity.provenance,
            validity.clause,
          ),
        )),
    ruleFrom(id, 'rounded once, half to even, to the decimals of attainment', decimals.provenance),
    ...(verdict.span === null
      ? []
      : [
          ...days.map(({ id: edition, validity }) =>
            ruleFrom(
              edition,
              `a month needs ${validity.daysPerMonth} valid days (February ${validity.daysPerFebruary}), a year ${validity.daysPerYear}`,
              validity.provenance,
              validity.clause,
            ),
          ),
          ruleFrom(id, 'annual mean and percentile of daily values', annualItems.provenance),
          ruleFrom(id, 'percentile with linear interpolation', percentile.provenance, percentile.clause),
        ]),
  ];
}

function verdictRules(verdict: AirStationVerdict, edition: AqiStandard | null): Rule[] {
  const { facts, hour, key, span } = verdict;
  const standard = editionInForce(facts.airStandards, key.period.to);
  const index =
    edition === null || span !== null
      ? []
      : [
          ruleFrom(
            edition.id,
            'the largest index of the pollutants',
            edition.inForce.provenance,
            edition.clause,
          ),
          ruleFrom(
            edition.id,
            hour === null ? 'indicators of the daily report' : 'indicators of the hourly report',
            (hour === null ? edition.daily : edition.hourly).provenance,
          ),
          ruleFrom(
            edition.id,
            `an hour belongs to the date of its ${edition.hourBelongsTo.value}`,
            edition.hourBelongsTo.provenance,
          ),
          ruleFrom(edition.id, 'pollutants outside the monitoring plan', edition.unplanned.provenance),
        ];
  const attainment =
    standard === null || hour !== null
      ? []
      : [ruleFrom(standard.id, 'limits in force on the last day', standard.inForce.provenance)];
  const composite =
    span === null
      ? []
      : [ruleFrom(facts.assessment.id, 'composite index', facts.assessment.compositeIndex.provenance)];
  return [...index, ...attainment, ...composite];
}

/** Why: editions, breakpoints and limits with clause and confidence, statistics with their counts, readings and journal entries. */
export async function explainAirVerdict(
  deps: { readings: Pick<ApiDeps['readings'], 'past'> },
  verdict: AirStationVerdict,
  of: { config: Config; limit: number },
): Promise<AirExplanation> {
  const { key, provider, hours, days, facts } = verdict;
  const shape = airVerdictShape(verdict);
  const station = of.config.airStations.find(({ id }) => id === key.section)!;
  const named = verdict.hour?.edition ?? verdict.day?.aqi?.edition ?? null;
  const edition = facts.aqiStandards.find(({ id }) => id === named) ?? null;
  const iso = isoTimes(facts.timeZone);
  const span = { ...airBounds(key.period, facts.timeZone), asOfSeq: key.asOfSeq };
  const over = new Set(verdict.day?.over.map(({ parameter }) => parameter) ?? []);
  for (const item of verdict.span?.items ?? []) if (item.verdict?.meets === false) over.add(item.parameter);
  const items: Static<typeof ItemNode>[] = [];
  for (const { parameter, of: statistic, value, valid } of shape.values) {
    const index = indexNode(verdict, edition, parameter);
    const leads = [...(shape.hour?.primary ?? []), ...(shape.day?.primary ?? [])].includes(
      index?.column ?? '',
    );
    const series = hours.find((one) => one.parameter === parameter);
    const readingKey = { station: key.section, parameter, averaging: 'PT1H' as const, provider };
    const daily = days.find((one) => one.parameter === parameter);
    items.push({
      parameter,
      decides: leads || over.has(parameter),
      value,
      of: statistic,
      valid,
      index,
      limits: limitNodes(verdict, parameter, statistic, station.zoneClass.value),
      rules: itemRules(verdict, statistic),
      days:
        verdict.span === null || daily === undefined
          ? []
          : daily.dates.map((date, at) => ({
              date,
              value: printed(verdict, parameter, daily.values[at] ?? null),
              valid: daily.validHours[at] ?? 0,
            })),
      readings:
        series === undefined
          ? noReadings
          : await readingNodes(
              deps,
              { key: readingKey, series, ...span },
              { limit: of.limit, around: 0, iso },
            ),
    });
  }
  return {
    id: verdict.id,
    station: key.section,
    configHash: of.config.hash,
    verdict: shape,
    rules: verdictRules(verdict, edition),
    items,
  };
}
