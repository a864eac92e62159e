import { Type, type Static } from 'typebox';
import { targetLimit, waterLimits, type ItemLimits } from '../../analysis/water/index.ts';
import { editionInForce, type Config } from '../../domain/config/config.ts';
import { Confidence } from '../../domain/config/facts.ts';
import type { AirStation, Section } from '../../domain/config/region.ts';
import type { AirStandard, AqiStandard, WaterStandard } from '../../domain/config/standard.ts';
import { averagings, type AveragingId } from '../../domain/time.ts';
import { NullableText, TextPair } from '../http/schemas.ts';

/** One limit that holds for a station. Figures are exact decimals as text; `limit` null where `min` and `max` bound a range. */
export const LimitShape = Type.Object({
  parameter: Type.String(),
  averaging: NullableText,
  rule: Type.String({ description: 'at-most, at-least or within' }),
  against: Type.String({ description: 'the kind of target, or the ambient-air zone' }),
  grade: Type.Integer(),
  gradeName: TextPair,
  limit: NullableText,
  min: NullableText,
  max: NullableText,
  edition: Type.String(),
  clause: Type.String(),
  confidence: Confidence,
});

/** Where each grade of one parameter ends, best first; grades without a figure of their own are left out. */
export const ScaleShape = Type.Object({
  parameter: Type.String(),
  averaging: Type.String(),
  rule: Type.String(),
  edition: Type.String(),
  steps: Type.Array(Type.Object({ grade: Type.Integer(), gradeName: TextPair, limit: Type.String() })),
});

export const StationLimits = Type.Object({
  station: Type.String(),
  date: Type.String({ description: 'civil date whose editions and targets are shown' }),
  limits: Type.Array(LimitShape),
  scales: Type.Array(ScaleShape),
});
export type StationLimits = Static<typeof StationLimits>;

type Limit = Static<typeof LimitShape>;
type Scale = Static<typeof ScaleShape>;

const gradeNameOf = (standard: WaterStandard, grade: number): Static<typeof TextPair> =>
  waterLimits(standard).classOf.get(grade)?.name ?? { zh: String(grade), en: String(grade) };

function targetLimits(section: Section, standard: WaterStandard, date: string): Limit[] {
  const inForce = section.targets.filter(
    (target) => (target.from ?? date) <= date && date <= (target.to ?? date),
  );
  return inForce.flatMap((target) =>
    waterLimits(standard).items.flatMap((entry): Limit[] => {
      const { parameter, rule, clause, provenance, evaluated } = entry.item;
      if (!evaluated || rule === 'none') return [];
      const limit = figureFor(section, entry, target.class);
      if (limit === null && entry.within === null) return [];
      return [
        {
          parameter,
          averaging: averagings.instant.id,
          rule,
          against: target.kind,
          grade: target.class,
          gradeName: gradeNameOf(standard, target.class),
          limit,
          min: entry.within?.min.toFixed() ?? null,
          max: entry.within?.max.toFixed() ?? null,
          edition: standard.id,
          clause,
          confidence: provenance.confidence,
        },
      ];
    }),
  );
}

/** Null where the kind of water body is not known and decides. */
function figureFor(section: Section, entry: ItemLimits, grade: number): string | null {
  const body = section.bodyType?.value;
  if (body === undefined && !entry.sameForBoth) return null;
  return targetLimit(entry, body ?? 'river', grade)?.toFixed() ?? null;
}

function waterScales(section: Section, standard: WaterStandard): Scale[] {
  return waterLimits(standard).items.flatMap((entry): Scale[] => {
    const { parameter, rule } = entry.item;
    const steps = standard.classes.flatMap(({ class: grade, name }) => {
      const limit = figureFor(section, entry, grade);
      return limit === null ? [] : [{ grade, gradeName: name, limit }];
    });
    if (rule === 'none' || steps.length === 0) return [];
    return [{ parameter, averaging: averagings.instant.id, rule, edition: standard.id, steps }];
  });
}

/** Averaging names of the ambient-air standard that are series here; the others are statistics of a longer period. */
const seriesOf: Partial<Record<AirStandard['limits'][number]['averaging'], AveragingId>> = {
  '1h': 'PT1H',
  '24h': 'P1D',
};

function zoneLimits(station: AirStation, standard: AirStandard, date: string): Limit[] {
  const grade = station.zoneClass.value;
  return standard.limits.flatMap(({ parameter, averaging, values, clause, provenance }): Limit[] => {
    const dated = values.findLast(({ from }) => from <= date);
    const limit = grade === 1 ? dated?.grade1 : dated?.grade2;
    const series = seriesOf[averaging];
    if (limit === undefined || limit === null || series === undefined) return [];
    const gradeName = grade === 1 ? { zh: '一级', en: 'Grade 1' } : { zh: '二级', en: 'Grade 2' };
    return [
      {
        parameter,
        averaging: series,
        rule: 'at-most',
        against: 'ambient-air-zone',
        grade,
        gradeName,
        limit,
        min: null,
        max: null,
        edition: standard.id,
        clause,
        confidence: provenance.confidence,
      },
    ];
  });
}

function indexScales(standard: AqiStandard): Scale[] {
  return standard.hourly.indicators.flatMap(({ column, parameter, averaging }): Scale[] => {
    const points = standard.breakpoints.find(
      (candidate) => candidate.parameter === parameter && candidate.averaging === averaging,
    );
    if (points === undefined || column !== parameter) return [];
    const steps = standard.levels.flatMap(({ level, name, upTo }) => {
      const limit = upTo === null ? null : (points.values[standard.index.indexOf(upTo)] ?? null);
      return limit === null ? [] : [{ grade: level, gradeName: name, limit }];
    });
    return [{ parameter, averaging: 'PT1H', rule: 'at-most', edition: standard.id, steps }];
  });
}

/** The limits that hold for a station on a civil date, and the grades of each parameter; empty where no edition is in force. */
export function limitsOf(station: Section | AirStation, config: Config, date: string): StationLimits {
  const found: StationLimits = { station: station.id, date, limits: [], scales: [] };
  if ('zoneClass' in station) {
    const air = editionInForce(config.airStandards, date);
    const aqi = editionInForce(config.aqiStandards, date);
    if (air !== null) found.limits.push(...zoneLimits(station, air, date));
    if (aqi !== null) found.scales.push(...indexScales(aqi));
    return found;
  }
  const standard = editionInForce(config.waterStandards, date);
  if (standard === null) return found;
  return {
    ...found,
    limits: targetLimits(station, standard, date),
    scales: waterScales(station, standard),
  };
}
