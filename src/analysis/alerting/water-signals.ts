import type { AlertRule, RuleBasis } from '../../domain/config/alerting.ts';
import { editionInForce, type Config } from '../../domain/config/config.ts';
import type { Section, Target } from '../../domain/config/region.ts';
import type { WaterStandard } from '../../domain/config/standard.ts';
import { Decimal } from '../../domain/decimal.ts';
import { stageOf } from '../../domain/flags.ts';
import type { EpochS } from '../../domain/time.ts';
import { entersStatistics } from '../assessment/month-values.ts';
import { overLimitList, type OverLimit, type Standing } from '../exceedance/index.ts';
import { bodyCode, classifyColumns, targetLimit, waterLimits, type ItemLimits } from '../water/index.ts';
import { meansOfDays } from './mean-rows.ts';
import { civilDates, type Explanation, type Signal, type StationData } from './signal.ts';

export interface SignalFacts {
  config: Config;
  /** Event time looked at. */
  fromS: EpochS;
  throughS: EpochS;
  /** False: patience with silences is the least that it could be, for when too little history is at hand to learn it from. */
  learned?: boolean;
}

/** One moment of a section, or one mean over a time: values by item, judged with one standing. */
export interface WaterRow {
  beginS: EpochS;
  endS: EpochS;
  values: Readonly<Record<string, number | string | null>>;
  standing: Standing;
}

/** Single readings of a provider, one row a moment, without what may not enter a statistic. */
export function singleRows(data: StationData, facts: SignalFacts): WaterRow[] {
  const byTime = new Map<number, { values: Record<string, number | null>; stage: number }>();
  for (const { key, timeS, value, flags } of data.series) {
    if (key.averaging !== 'instant') continue;
    for (let row = 0; row < timeS.length; row++) {
      const at = timeS[row]!;
      if (at < facts.fromS || at > facts.throughS) continue;
      const moment = byTime.get(at) ?? { values: {}, stage: 7 };
      byTime.set(at, moment);
      if (!entersStatistics(value[row]!, flags[row]!)) continue;
      moment.values[key.parameter] = value[row]!;
      moment.stage = Math.min(moment.stage, stageOf(flags[row]!));
    }
  }
  return [...byTime]
    .toSorted(([a], [b]) => a - b)
    .map(([at, { values, stage }]) => ({
      beginS: at,
      endS: at,
      values,
      standing: stage > 0 ? 'single-reviewed' : 'single-unreviewed',
    }));
}

function rowsOf(data: StationData, basis: RuleBasis, leastDays: number, facts: SignalFacts): WaterRow[] {
  return basis === 'single' ? singleRows(data, facts) : meansOfDays(data, basis, leastDays, facts);
}

/** The strictest target of a section on a date among the kinds that a rule looks at; null for none. */
export function targetOn(section: Section, rule: AlertRule, date: string): Target | null {
  const kinds = rule.scope.targetKinds;
  const held = section.targets.filter(
    ({ kind, from, to }) =>
      (kinds === undefined || kinds.includes(kind)) && (from ?? date) <= date && date <= (to ?? date),
  );
  return held.toSorted((a, b) => a.class - b.class)[0] ?? null;
}

interface Judged {
  row: WaterRow;
  standard: WaterStandard;
  target: Target;
  date: string;
}

/** Rows for whose date there is an edition and a target. */
function judgedRows(section: Section, rule: AlertRule, rows: readonly WaterRow[], config: Config): Judged[] {
  const dateOf = civilDates(config.region.timeZone);
  return rows.flatMap((row): Judged[] => {
    const date = dateOf(Math.max(row.beginS, row.endS - 1));
    const standard = editionInForce(config.waterStandards, date);
    const target = targetOn(section, rule, date);
    return standard === null || target === null ? [] : [{ row, standard, target, date }];
  });
}

function overLimits(section: Section, { row, standard, target, date }: Judged, config: Config): OverLimit[] {
  const wording = editionInForce(config.exceedanceWordings, date);
  if (wording === null) return [];
  const bodyType = section.bodyType?.value ?? null;
  const { values, standing, endS: atS } = row;
  return overLimitList(
    { station: section.id, atS, values, bodyType, targetClass: target.class, standing },
    { standard, wording },
  );
}

const said = (over: readonly OverLimit[], config: Config) => {
  const name = (id: string, language: 'zh' | 'en') =>
    config.parameters.find((one) => one.id === id)?.name[language] ?? id;
  const list = (language: 'zh' | 'en') =>
    over
      .map(({ parameter, value, unit, multiple, wording, limit }) => {
        const times =
          multiple === null ? '' : language === 'zh' ? `，超出${multiple}倍` : `, ${multiple} times beyond`;
        const bound = language === 'zh' ? `（限值${limit}${times}）` : ` (limit ${limit}${times})`;
        return `${name(parameter, language)} ${value}${unit === null ? '' : ` ${unit}`}: ${wording[language]}${bound}`;
      })
      .join(language === 'zh' ? '；' : '; ');
  return { zh: list('zh'), en: list('en') };
};

function explained(over: readonly OverLimit[], judged: Judged, config: Config): Explanation {
  const [worst] = over.toSorted((a, b) => Number(b.multiple ?? 0) - Number(a.multiple ?? 0));
  return {
    parameter: worst?.parameter ?? null,
    value: worst?.value ?? null,
    unit: worst?.unit ?? null,
    limit: worst?.limit ?? null,
    multiple: worst?.multiple ?? null,
    edition: judged.standard.id,
    standing: judged.row.standing,
    summary: said(over, config),
  };
}

const columnOf = (rows: readonly Judged[], item: string): Float64Array =>
  Float64Array.from(rows, ({ row }) => {
    const value = row.values[item] ?? null;
    return value === null ? Number.NaN : Number(value);
  });

function signalOf(
  rows: readonly Judged[],
  score: Float64Array,
  of: Pick<Signal, 'subject' | 'representsS' | 'explain'>,
): Signal {
  return {
    ...of,
    beginS: Float64Array.from(rows, ({ row }) => row.beginS),
    endS: Float64Array.from(rows, ({ row }) => row.endS),
    score,
  };
}

const representsS = (basis: RuleBasis, data: StationData): number =>
  basis === 'single' ? (data.cadenceS ?? 3600) : 86_400;

/** Classes worse than the target; NaN where there is no class. */
function classScores(section: Section, rows: readonly Judged[]): Float64Array {
  const score = new Float64Array(rows.length).fill(Number.NaN);
  const body = section.bodyType?.value;
  for (const standard of new Set(rows.map((one) => one.standard))) {
    const of = rows.flatMap((one, at) => (one.standard === standard ? [at] : []));
    const judged = of.map((at) => rows[at]!);
    const items = waterLimits(standard).items.map(({ item }) => item.parameter);
    const columns = {
      length: judged.length,
      values: Object.fromEntries(items.map((item) => [item, columnOf(judged, item)])),
      bodyType: new Uint8Array(judged.length).fill(body === undefined ? bodyCode.unknown : bodyCode[body]),
    };
    const classes = classifyColumns(columns, standard);
    for (const [nth, at] of of.entries())
      if (classes.class[nth]! > 0) score[at] = classes.class[nth]! - rows[at]!.target.class;
  }
  return score;
}

/** Class against target, one signal a section and provider. */
export function classSignal(
  data: StationData & { station: Section },
  rule: AlertRule,
  on: { basis: RuleBasis; leastDays: number },
  facts: SignalFacts,
): Signal {
  const { config } = facts;
  const rows = judgedRows(data.station, rule, rowsOf(data, on.basis, on.leastDays, facts), config);
  return signalOf(rows, classScores(data.station, rows), {
    subject: { station: data.station.id, parameter: null, provider: data.provider, source: null },
    representsS: representsS(on.basis, data),
    explain: (row) => explained(overLimits(data.station, rows[row]!, config), rows[row]!, config),
  });
}

/** How far a value lies beyond the limit, in limits; for a range, in its unit. Negative inside, NaN where there is no one limit. */
function beyond(value: number, entry: ItemLimits, section: Section, targetClass: number): number {
  if (entry.within !== null)
    return Decimal.max(entry.within.min.minus(value), new Decimal(value).minus(entry.within.max)).toNumber();
  const body = section.bodyType?.value;
  if (!entry.item.evaluated || (body === undefined && !entry.sameForBoth)) return Number.NaN;
  const limit = targetLimit(entry, body ?? 'river', targetClass)?.toNumber() ?? Number.NaN;
  return entry.item.rule === 'at-least' ? (limit - value) / limit : (value - limit) / limit;
}

/** Items beyond the limit of the target, one signal an item. */
export function itemSignals(
  data: StationData & { station: Section },
  rule: AlertRule,
  on: { basis: RuleBasis; leastDays: number; items: readonly string[] | undefined },
  facts: SignalFacts,
): Signal[] {
  const { config } = facts;
  const { station } = data;
  const rows = judgedRows(station, rule, rowsOf(data, on.basis, on.leastDays, facts), config);
  const items = [...new Set(rows.flatMap(({ row }) => Object.keys(row.values)))].filter(
    (item) => on.items === undefined || on.items.includes(item),
  );
  return items.flatMap((item): Signal[] => {
    const column = columnOf(rows, item);
    const score = column.map((value, row) => {
      const entry = waterLimits(rows[row]!.standard).byParameter.get(item);
      return Number.isNaN(value) || entry?.item.evaluated !== true
        ? Number.NaN
        : beyond(value, entry, station, rows[row]!.target.class);
    });
    if (score.every(Number.isNaN)) return [];
    return [
      signalOf(rows, score, {
        subject: { station: station.id, parameter: item, provider: data.provider, source: null },
        representsS: representsS(on.basis, data),
        explain(row) {
          const judged = rows[row]!;
          const alone = { ...judged.row, values: { [item]: judged.row.values[item] ?? null } };
          return explained(overLimits(station, { ...judged, row: alone }, config), judged, config);
        },
      }),
    ];
  });
}
