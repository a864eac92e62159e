import {
  assessBasin,
  assessLake,
  compareBasin,
  compareSections,
  periodValues,
  waterFactsOn,
  yearBefore,
  type AssessmentPeriod,
  type BasinAssessment,
  type LakeAssessment,
  type SectionAssessment,
  type WaterFacts,
} from '../../analysis/assessment/index.ts';
import type { Config } from '../../domain/config/config.ts';
import type { Section } from '../../domain/config/region.ts';
import { MonitorError } from '../../domain/errors.ts';
import { ruleFrom, type Rule } from '../verdicts/rules.ts';
import { verdictsOnSections, type RegionDeps } from '../verdicts/region-verdicts.ts';
import { countedAssessment, factsOf, type JudgedSection } from '../verdicts/section-verdicts.ts';

/** Sections of a river, or of all rivers of a basin by its Chinese or English name. Throws E_NOT_FOUND for neither. */
export function sectionsOfWater(config: Config, id: string): Section[] {
  const rivers = config.rivers.filter(
    (river) => river.id === id || river.basin.zh === id || river.basin.en === id,
  );
  if (rivers.length === 0)
    throw new MonitorError('E_NOT_FOUND', `no such river or basin: ${id}`, { details: { water: id } });
  const reaches = new Set(rivers.flatMap((river) => river.reaches.map((reach) => reach.id)));
  return config.sections.filter(({ reach }) => reach !== undefined && reaches.has(reach.id));
}

interface Grounds {
  rules: Rule[];
  /** Ids of the verdicts on the sections. */
  verdicts: string[];
}

const groundsOf = (verdicts: readonly JudgedSection[], rules: Rule[]): Grounds => ({
  rules,
  verdicts: verdicts.map(({ id }) => id),
});

export interface WaterAssessment extends Grounds {
  now: BasinAssessment;
  lastYear: BasinAssessment | null;
  change: ReturnType<typeof compareBasin> | null;
}

/** A river or basin by its sections, with the figures that count, beside the same period a year before. */
export async function assessWater(
  deps: RegionDeps,
  of: { config: Config; id: string; period: AssessmentPeriod; asOfSeq: number },
): Promise<WaterAssessment> {
  const { config, id, period, asOfSeq } = of;
  const sections = sectionsOfWater(config, id);
  const verdictsIn = (at: AssessmentPeriod) =>
    verdictsOnSections(deps, { config, sections, period: at, asOfSeq });
  const assess = (assessments: readonly SectionAssessment[], facts: WaterFacts) => {
    const judged = assessments.map((assessment, index) => ({
      assessment,
      bodyType: sections[index]!.bodyType?.value ?? null,
    }));
    return assessBasin(id, judged, facts);
  };
  const facts = factsOf(config, period.to);
  const verdicts = await verdictsIn(period);
  const counted = verdicts.map(countedAssessment);
  const now = assess(counted, facts);
  const before = yearBefore(period);
  const factsThen = waterFactsOn(config, before.to);
  const then = factsThen === null ? [] : (await verdictsIn(before)).map(countedAssessment);
  const lastYear = factsThen === null ? null : assess(then, factsThen);
  const change =
    lastYear === null ? null : compareBasin(lastYear, now, compareSections(then, counted), facts);
  const { id: method, basin } = facts.method;
  const rule = ruleFrom(method, 'shares of the classes of its sections', basin.provenance);
  return { now, lastYear, change, ...groundsOf(verdicts, [rule]) };
}

export interface LakeResult extends Grounds {
  lake: string;
  name: { zh: string; en: string };
  whole: LakeAssessment;
  /** Where the configuration divides it. */
  zones: { zone: string; assessed: LakeAssessment }[];
}

/** A lake from its points, and each of its zones. Throws E_NOT_FOUND where no section is a point of it. */
export async function assessLakeOf(
  deps: RegionDeps,
  of: { config: Config; id: string; period: AssessmentPeriod; asOfSeq: number },
): Promise<LakeResult> {
  const { config, id, period, asOfSeq } = of;
  const sections = config.sections.filter(({ lake }) => lake?.id === id);
  const [first] = sections;
  if (first?.lake === undefined)
    throw new MonitorError('E_NOT_FOUND', `no section is a point of a lake ${id}`, { details: { lake: id } });
  const facts = factsOf(config, period.to);
  const verdicts = await verdictsOnSections(deps, { config, sections, period, asOfSeq });
  const points = verdicts.map((verdict) => ({
    section: verdict.key.section,
    means: periodValues(verdict.both.months.decided, period),
  }));
  const lake = { id, name: first.lake.name, targets: [] };
  const zones = new Map<string, typeof points>();
  for (const [at, section] of sections.entries()) {
    const zone = section.lake?.zone;
    if (zone !== undefined) zones.set(zone, [...(zones.get(zone) ?? []), points[at]!]);
  }
  const { method, standard } = facts;
  const rules = [
    ruleFrom(standard.id, 'means over its points, by limits of lakes', standard.inForce.provenance),
    ruleFrom(method.id, 'trophic state from weighted indices', method.trophic.provenance),
  ];
  return {
    ...groundsOf(verdicts, rules),
    lake: id,
    name: lake.name,
    whole: assessLake(lake, points, period, facts),
    zones: [...zones].map(([zone, own]) => ({ zone, assessed: assessLake(lake, own, period, facts) })),
  };
}
