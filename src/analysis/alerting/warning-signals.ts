import { Temporal } from 'temporal-polyfill';
import type { Config } from '../../domain/config/config.ts';
import type { Section } from '../../domain/config/region.ts';
import type { WaterEarlyWarning } from '../../domain/config/water-periods.ts';
import { civilDate } from '../../domain/time.ts';
import {
  assessSection,
  boundsOf,
  cumulativePeriod,
  earlyWarning,
  measuredSource,
  measuringWays,
  monthPeriod,
  SectionMonths,
  waterFactsOn,
  warningMethodOf,
  yearBefore,
  type AssessmentPeriod,
  type EarlyWarning,
  type SectionSource,
  type WarningInput,
  type WaterFacts,
} from '../assessment/index.ts';
import type { Explanation, Signal, StationData } from './signal.ts';
import type { SignalFacts } from './water-signals.ts';

const shortestMonthS = 28 * 86_400;
/** A month, months 1 to N of its year, and those of the year before. */
export const warningReachS = (2 * 366 + 31) * 86_400;

/** Months that end in `(fromS, throughS]`. */
function monthsOf({ config, fromS, throughS }: SignalFacts): AssessmentPeriod[] {
  const zone = config.region.timeZone;
  const months: AssessmentPeriod[] = [];
  let at = Temporal.PlainYearMonth.from(civilDate(fromS, zone).slice(0, 7)).subtract({ months: 1 });
  for (;;) {
    const month = monthPeriod(at.year, at.month);
    const { endS } = boundsOf(month, zone);
    if (endS > throughS) return months;
    if (endS > fromS) months.push(month);
    at = at.add({ months: 1 });
  }
}

/** What all providers measured: a warning rests on the section, not on one of them. */
function sourcesOf(data: readonly StationData[], section: Section, config: Config): SectionSource[] {
  const quantities = new Set(config.parameters.filter(({ type }) => type === 'quantity').map(({ id }) => id));
  return measuringWays(config, section).flatMap((way) => {
    const found = data.find((one) => one.provider === way.provider);
    const columns = (found?.series ?? []).filter(
      ({ key }) => key.averaging === way.averaging && quantities.has(key.parameter),
    );
    const of = { network: section.network, cadenceS: found?.cadenceS ?? null };
    return columns.length === 0 ? [] : [measuredSource(columns, way, of)];
  });
}

interface WarnedMonth {
  month: AssessmentPeriod;
  warning: EarlyWarning;
  periods: WarningInput;
  method: WaterEarlyWarning;
}

/** Values of months under the editions of a date, shared by all warnings under the same ones. */
function monthsUnder(sources: readonly SectionSource[]): (facts: WaterFacts) => SectionMonths {
  const known = new Map<string, SectionMonths>();
  return (facts) => {
    const key = `${facts.method.id} ${facts.periods.id}`;
    const months = known.get(key) ?? new SectionMonths(sources, facts);
    known.set(key, months);
    return months;
  };
}

function warnedMonth(
  section: Section,
  monthsOn: ReturnType<typeof monthsUnder>,
  month: AssessmentPeriod,
  config: Config,
): WarnedMonth[] {
  const method = warningMethodOf(config, section, month.to);
  const facts = waterFactsOn(config, month.to);
  if (method === null || facts === null) return [];
  const months = monthsOn(facts);
  const [year = 0, last = 0] = month.id.split('-').map(Number);
  const cumulative = cumulativePeriod(year, last);
  const assess = (period: AssessmentPeriod) =>
    assessSection(section, months, period, waterFactsOn(config, period.to) ?? facts);
  const periods = {
    month: assess(month),
    monthLastYear: assess(yearBefore(month)),
    cumulative: assess(cumulative),
    cumulativeLastYear: assess(yearBefore(cumulative)),
  };
  return [{ month, warning: earlyWarning(periods, method), periods, method }];
}

/** Levels of severity: 0 for none, 1 for the least severe; NaN where the month cannot be judged or compared. */
function scoreOf({ warning, method }: WarnedMonth): number {
  if (warning.reason !== null) return Number.NaN;
  const at = method.levels.findIndex(({ level }) => level === warning.level);
  return at === -1 ? 0 : method.levels.length - at;
}

function explained({ warning, periods, method }: WarnedMonth): Explanation {
  const { month, cumulative } = periods;
  const target = cumulative.targets.find(({ kind }) => kind === method.target);
  const [monthDown, cumulativeDown] = [warning.monthDown ?? 0, warning.cumulativeDown ?? 0];
  const zh = [
    `${warning.name?.zh ?? ''}（${method.title.zh}）`,
    `${month.period.id}水质${month.className?.zh ?? ''}，较上年同期下降${monthDown}个类别`,
    `${cumulative.period.id}累计${cumulative.className?.zh ?? ''}，下降${cumulativeDown}个类别`,
    `累计未达到${target?.targetClass ?? ''}类目标`,
  ];
  const en = [
    `${warning.name?.en ?? ''} (${method.title.en})`,
    `${month.period.id} is ${month.className?.en ?? ''}, ${monthDown} worse than a year before`,
    `${cumulative.period.id} is ${cumulative.className?.en ?? ''}, ${cumulativeDown} worse`,
    `short of the target, class ${target?.targetClass ?? ''}`,
  ];
  const nothing = { parameter: null, value: null, unit: null, limit: null, multiple: null };
  return {
    ...nothing,
    edition: method.id,
    standing: month.standing,
    summary: { zh: `${zh.join('；')}。`, en: `${en.join('; ')}.` },
  };
}

/** Early warnings of a section, one value a whole month; empty where no method applies to its basin. */
export function warningSignals(section: Section, data: readonly StationData[], facts: SignalFacts): Signal[] {
  const { config } = facts;
  const monthsOn = monthsUnder(sourcesOf(data, section, config));
  const rows = monthsOf(facts).flatMap((month) => warnedMonth(section, monthsOn, month, config));
  if (rows.length === 0) return [];
  const bounds = rows.map(({ month }) => boundsOf(month, config.region.timeZone));
  return [
    {
      subject: { station: section.id, parameter: null, provider: null, source: null },
      beginS: Float64Array.from(bounds, ({ beginS }) => beginS),
      endS: Float64Array.from(bounds, ({ endS }) => endS),
      score: Float64Array.from(rows, scoreOf),
      representsS: shortestMonthS,
      explain: (row) => explained(rows[row]!),
    },
  ];
}
