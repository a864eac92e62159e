import { aqiEditionOfHour, historyOf, judgeAqi, pollutantsNotInPlan } from '../../analysis/air/index.ts';
import { airOverLimitList, overLimitList, type Standing } from '../../analysis/exceedance/index.ts';
import {
  classifyReading,
  overTarget,
  waterLimits,
  type WaterVerdict as Classified,
} from '../../analysis/water/index.ts';
import { editionInForce, type Config } from '../../domain/config/config.ts';
import type { AirStation, Section, Target } from '../../domain/config/region.ts';
import type { AqiStandard, WaterStandard } from '../../domain/config/standard.ts';
import { civilDate, type AveragingId } from '../../domain/time.ts';
import type { JudgedRow, Judges } from '../deps.ts';
import type { AirVerdict, Assumption, OverLimit, TargetVerdict, WaterVerdict } from './verdict-shapes.ts';

/** A single value is reviewed only when every value of its row is. */
function standingOf(row: JudgedRow): Standing {
  return row.stage > 0 ? 'single-reviewed' : 'single-unreviewed';
}

const noEdition = { status: 'cannot-judge', reason: 'no-edition-in-force', edition: null, overLimits: [] };
const noClass = { class: null, className: null, decidingItems: [], targets: [] };
const noIndex = { aqi: null, level: null, levelName: null, primary: [], iaqi: {} };

/** Class of a row by the edition in force on its civil date, against every target that holds on that date. */
function judgeWater(section: Section, row: JudgedRow, config: Config): WaterVerdict {
  const date = civilDate(row.endS, config.region.timeZone);
  const standing = standingOf(row);
  const standard = editionInForce(config.waterStandards, date);
  if (standard === null) return { kind: 'water', ...noClass, standing, ...noEdition };
  const bodyType = section.bodyType?.value ?? null;
  const values = Object.fromEntries(row.readings.map(({ parameter, value }) => [parameter, value]));
  const verdict = classifyReading({ values, bodyType }, standard);
  const targets = section.targets.filter(
    (target) => (target.from ?? date) <= date && date <= (target.to ?? date),
  );
  const name = verdict.class === null ? undefined : waterLimits(standard).classOf.get(verdict.class)?.name;
  return {
    kind: 'water',
    class: verdict.class,
    className: name ?? null,
    decidingItems: verdict.decidingItems,
    items: verdict.items.map(({ parameter, class: grade, reason, evaluated }) => ({
      parameter,
      class: grade,
      reason,
      evaluated,
    })),
    targets: targets.map((target) => targetVerdict(section, verdict, target, standard)),
    status: verdict.status,
    reason: verdict.reason,
    edition: standard.id,
    standing,
    overLimits: waterOverLimits({ section, row, values, targets, standing }, standard, config),
  };
}

function targetVerdict(
  section: Section,
  verdict: Classified,
  target: Target,
  standard: WaterStandard,
): TargetVerdict {
  const { over, undetermined } = overTarget(
    verdict.items,
    target.class,
    section.bodyType?.value ?? null,
    standard,
  );
  const judged = verdict.items.some((item) => item.evaluated) && undetermined.length === 0;
  return {
    kind: target.kind,
    targetClass: target.class,
    met: over.length > 0 ? false : judged ? true : null,
  };
}

function waterOverLimits(
  of: {
    section: Section;
    row: JudgedRow;
    values: Record<string, number | null>;
    targets: readonly Target[];
    standing: Standing;
  },
  standard: WaterStandard,
  config: Config,
): OverLimit[] {
  const { section, row, values, standing } = of;
  const wording = editionInForce(config.exceedanceWordings, civilDate(row.endS, config.region.timeZone));
  if (wording === null) return [];
  const bodyType = section.bodyType?.value ?? null;
  return of.targets.flatMap((target) =>
    overLimitList(
      { station: section.id, atS: row.endS, values, bodyType, targetClass: target.class, standing },
      { standard, wording },
    ).map(({ parameter, value, limit, multiple, wording: text }) => ({
      parameter,
      value,
      limit,
      against: target.kind,
      grade: target.class,
      multiple,
      standing,
      text,
    })),
  );
}

/** Column names of the index report for means that are not hourly. */
const columnSuffix: Partial<Record<AveragingId, string>> = {
  PT1H: '',
  'PT8H-sliding': '_8h',
  'PT24H-sliding': '_24h',
};

/**
 * Hourly index of a row by the edition that its hour belongs to. A pollutant without a reading in the row is outside the station's
 * plan, one whose reading is null is missing.
 */
function judgeAir(station: AirStation, row: JudgedRow, config: Config): AirVerdict {
  const standing = standingOf(row);
  const hour = { beginS: row.endS - 3600, endS: row.endS };
  const standard = aqiEditionOfHour(config.aqiStandards, hour, config.region.timeZone);
  if (standard === null) return { kind: 'air', ...noIndex, standing, ...noEdition };
  const values: Record<string, number | null> = {};
  for (const { parameter, averaging, value } of row.readings) {
    const suffix = columnSuffix[averaging];
    if (suffix !== undefined) values[parameter + suffix] = value;
  }
  const notInPlan = pollutantsNotInPlan(standard, 'hourly', values);
  const options = { report: 'hourly', notInPlan, historyClean: historyOf(standard) } as const;
  const { aqi, level, levelName, primary, iaqi, status, reason, edition } = judgeAqi(
    standard,
    values,
    options,
  );
  const assumed = aqi === null ? [] : assumptionsOf(standard, notInPlan);
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
    ...(assumed.length === 0 ? {} : { assumptions: assumed }),
    overLimits: airOverLimits(station, row, config),
  };
}

function assumptionsOf(standard: AqiStandard, notInPlan: readonly string[]): Assumption[] {
  if (notInPlan.length === 0 || !standard.unplanned.historyClean) return [];
  const { source, confidence, note } = standard.unplanned.provenance;
  return [{ name: 'history-clean', concerns: [...notInPlan], source, confidence, note: note ?? null }];
}

/** Hourly values above the hourly limits of the station's zone, on the civil date of the hour's last moment. */
function airOverLimits(station: AirStation, row: JudgedRow, config: Config): OverLimit[] {
  const date = civilDate(row.endS - 1, config.region.timeZone);
  const wording = editionInForce(config.exceedanceWordings, date);
  const assessment = editionInForce(config.airAssessments, date);
  if (wording === null || assessment === null) return [];
  const hourly = row.readings.filter(({ averaging }) => averaging === 'PT1H');
  const list = airOverLimitList(
    {
      values: Object.fromEntries(hourly.map(({ parameter, value }) => [parameter, value])),
      averaging: '1h',
      grade: station.zoneClass.value,
      date,
      standing: standingOf(row),
    },
    { airStandards: config.airStandards, assessment, wording },
  );
  return list.map(({ parameter, value, limit, grade, multiple, standing, wording: text }) => ({
    parameter,
    value,
    limit,
    against: 'ambient-air-zone',
    grade,
    multiple,
    standing,
    text,
  }));
}

/** The class and index engines of `analysis`, as the API asks for them. */
export const judges: Judges = { water: judgeWater, air: judgeAir };
