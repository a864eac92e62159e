import { aqiEditionOfHour, judgeAqi } from '../analysis/air/index.ts';
import { overLimitList, type Standing } from '../analysis/exceedance/index.ts';
import { classifyReading, overTarget, waterLimits } from '../analysis/water/index.ts';
import { editionInForce, type Config } from '../domain/config/config.ts';
import type { AirStation, Section } from '../domain/config/region.ts';
import { civilDate, type AveragingId } from '../domain/time.ts';
import type { JudgedRow, Judges } from './deps.ts';
import type { AirVerdict, OverLimit, WaterVerdict } from './verdict-shapes.ts';

/** A single value is reviewed only when every value of its row is. */
function standingOf(row: JudgedRow): Standing {
  return row.stage > 0 ? 'single-reviewed' : 'single-unreviewed';
}

const noEdition = { status: 'cannot-judge', reason: 'no-edition-in-force', edition: null, overLimits: [] };

/** Class of a row by the edition in force on its civil date, against every target that holds on that date. */
function judgeWater(section: Section, row: JudgedRow, config: Config): WaterVerdict {
  const date = civilDate(row.endS, config.region.timeZone);
  const standing = standingOf(row);
  const standard = editionInForce(config.waterStandards, date);
  const wording = editionInForce(config.exceedanceWordings, date);
  if (standard === null) {
    return {
      kind: 'water',
      class: null,
      className: null,
      decidingItems: [],
      targets: [],
      standing,
      ...noEdition,
    };
  }
  const bodyType = section.bodyType?.value ?? null;
  const values = Object.fromEntries(row.readings.map(({ parameter, value }) => [parameter, value]));
  const verdict = classifyReading({ values, bodyType }, standard);
  const inForce = section.targets.filter(
    (target) => (target.from ?? date) <= date && date <= (target.to ?? date),
  );
  const targets = inForce.map((target) => {
    const { over, undetermined } = overTarget(verdict.items, target.class, bodyType, standard);
    const judged = verdict.items.some((item) => item.evaluated) && undetermined.length === 0;
    return {
      kind: target.kind,
      targetClass: target.class,
      met: over.length > 0 ? false : judged ? true : null,
    };
  });
  const overLimits = inForce.flatMap((target): OverLimit[] => {
    if (wording === null) return [];
    const input = {
      station: section.id,
      atS: row.endS,
      values,
      bodyType,
      targetClass: target.class,
      standing,
    };
    return overLimitList(input, { standard, wording }).map((over) => ({
      parameter: over.parameter,
      value: over.value,
      limit: over.limit,
      against: target.kind,
      grade: target.class,
      multiple: over.multiple,
      standing: over.standing,
      text: over.wording,
    }));
  });
  return {
    kind: 'water',
    class: verdict.class,
    className:
      verdict.class === null ? null : (waterLimits(standard).classOf.get(verdict.class)?.name ?? null),
    decidingItems: verdict.decidingItems,
    items: verdict.items.map(({ parameter, class: grade, reason, evaluated }) => ({
      parameter,
      class: grade,
      reason,
      evaluated,
    })),
    targets,
    status: verdict.status,
    reason: verdict.reason,
    edition: standard.id,
    standing,
    overLimits,
  };
}

/** Column names of the index report for means that are not hourly. */
const columnSuffix: Partial<Record<AveragingId, string>> = {
  PT1H: '',
  'PT8H-sliding': '_8h',
  'PT24H-sliding': '_24h',
};

/** Hourly index of a row by the edition that its hour belongs to. */
function judgeAir(_station: AirStation, row: JudgedRow, config: Config): AirVerdict {
  const standing = standingOf(row);
  const hour = { beginS: row.endS - 3600, endS: row.endS };
  const standard = aqiEditionOfHour(config.aqiStandards, hour, config.region.timeZone);
  if (standard === null) {
    return {
      kind: 'air',
      aqi: null,
      level: null,
      levelName: null,
      primary: [],
      iaqi: {},
      standing,
      ...noEdition,
    };
  }
  const values: Record<string, number | null> = {};
  for (const { parameter, averaging, value } of row.readings) {
    const suffix = columnSuffix[averaging];
    if (suffix !== undefined) values[parameter + suffix] = value;
  }
  const verdict = judgeAqi(standard, values, { report: 'hourly' });
  const { aqi, level, levelName, primary, iaqi, status, reason, edition } = verdict;
  return {
    kind: 'air',
    aqi,
    level,
    levelName,
    primary,
    iaqi,
    status,
    reason,
    edition,
    standing,
    overLimits: [],
  };
}

/** The class and index engines of `analysis`, as the API asks for them. */
export const judges: Judges = { water: judgeWater, air: judgeAir };
