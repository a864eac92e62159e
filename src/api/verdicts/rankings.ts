import {
  assessAirPeriod,
  cityDays,
  cityIndexChange,
  cityWaterIndex,
  compareSections,
  periodValues,
  rankByComposite,
  rankCities,
  waterFactsOn,
  yearBefore,
  type AirPeriodAssessment,
  type AssessmentPeriod,
  type CityIndex,
  type Comparability,
  type SectionAssessment,
} from '../../analysis/assessment/index.ts';
import { editionInForce, type Config } from '../../domain/config/config.ts';
import type { AirStation } from '../../domain/config/region.ts';
import { MonitorError } from '../../domain/errors.ts';
import { airFactsOf, type JudgedAirStation } from './air-verdicts.ts';
import { regionAirVerdicts } from './region-air.ts';
import { ruleFrom, type Rule } from './rules.ts';
import { verdictsOnSections, type RegionDeps } from './region-verdicts.ts';
import { factsOf } from './section-verdicts.ts';
import { providersOf } from '../region/stations-view.ts';

type CityPoint = Parameters<typeof cityWaterIndex>[0][number];
interface Asked {
  config: Config;
  period: AssessmentPeriod;
  asOfSeq: number;
}

/** The prefecture that a code lies in; the code itself where none is above it. */
function cityOf(config: Config, code: string): string {
  let at = config.jurisdictions.find((one) => one.code === code);
  while (at !== undefined && at.level === 'county' && at.parent !== undefined) {
    const { parent } = at;
    at = config.jurisdictions.find((one) => one.code === parent);
  }
  return at?.code ?? code;
}

interface IndexedCity {
  index: CityIndex;
  verdicts: string[];
  sections: SectionAssessment[];
}

async function cityIndices(deps: RegionDeps, of: Asked): Promise<Map<string, IndexedCity>> {
  const { config, period } = of;
  const facts = waterFactsOn(config, period.to);
  const rule = editionInForce(config.cityWaterIndices, period.to);
  if (facts === null || rule === null) return new Map();
  const cities = new Map<string, { points: CityPoint[] } & Omit<IndexedCity, 'index'>>();
  const sections = config.sections.filter(
    (one) => one.assessed !== null && one.bodyType?.value !== undefined,
  );
  const verdicts = await verdictsOnSections(deps, { ...of, sections });
  for (const [at, section] of sections.entries()) {
    const verdict = verdicts[at]!;
    const bodyType = section.bodyType!.value;
    const means = periodValues(verdict.both.months.decided, period);
    const values = Object.fromEntries(means.map(({ parameter, mean }) => [parameter, mean]));
    const city = cityOf(config, section.assessed!);
    const own = cities.get(city) ?? { points: [], verdicts: [], sections: [] };
    own.points.push({ section: section.id, bodyType, values });
    own.verdicts.push(verdict.id);
    own.sections.push(verdict.both.asDecided);
    cities.set(city, own);
  }
  return new Map(
    [...cities].map(([city, { points, ...rest }]) => [
      city,
      { index: cityWaterIndex(points, { rule, standard: facts.standard }), ...rest },
    ]),
  );
}

export interface WaterRanking {
  rule: string;
  confidence: string;
  rules: Rule[];
  cities: {
    city: string;
    /** Ids of the verdicts on its sections. */
    verdicts: string[];
    index: string | null;
    rank: number | null;
    /** Null where the years cannot be compared; `comparability` says why. */
    changePercent: string | null;
    comparability: Comparability;
    sections: number;
    items: number;
    missing: string[];
  }[];
}

/** Cities by the water index of the sections they are assessed on, with its change against the year before. Throws E_NOT_FOUND. */
export async function rankWater(deps: RegionDeps, of: Asked): Promise<WaterRanking> {
  const { config, period } = of;
  factsOf(config, period.to);
  const rule = editionInForce(config.cityWaterIndices, period.to);
  if (rule === null)
    throw new MonitorError('E_NOT_FOUND', `no city water index is in force on ${period.to}`, {
      details: { date: period.to },
    });
  const now = await cityIndices(deps, of);
  const before = await cityIndices(deps, { ...of, period: yearBefore(period) });
  const { ranked } = rankCities([...now].map(([city, { index }]) => ({ city, index })));
  const cities = [...now].map(([city, { index, verdicts, sections }]) => {
    const old = before.get(city);
    const comparability = compareSections(old?.sections ?? [], sections);
    const parts = [index.rivers, index.lakes].filter((part) => part !== null);
    return {
      city,
      index: index.index,
      rank: ranked.find((one) => one.city === city)?.rank ?? null,
      changePercent:
        old === undefined || !comparability.comparable ? null : cityIndexChange(old.index, index, rule),
      comparability,
      sections: parts.reduce((sum, part) => sum + part.sections, 0),
      items: new Set(parts.flatMap((part) => Object.keys(part.items))).size,
      missing: [...new Set(parts.flatMap((part) => part.missing))],
      verdicts,
    };
  });
  const last = Number.POSITIVE_INFINITY;
  return {
    rule: rule.id,
    confidence: rule.provenance.confidence,
    rules: [ruleFrom(rule.id, `means over limits of class ${rule.limitsOfClass}, summed`, rule.provenance)],
    cities: cities.toSorted((a, b) => (a.rank ?? last) - (b.rank ?? last)),
  };
}

export interface AirRanking {
  assessment: string;
  rules: Rule[];
  cities: {
    city: string;
    /** Ids of the verdicts on its points. */
    verdicts: string[];
    points: number;
    rank: number | null;
    composite: AirPeriodAssessment['composite'];
    items: { parameter: string; validDays: number; mean: string | null; percentile: string | null }[];
    attainment: AirPeriodAssessment['attainment'];
    goodDays: AirPeriodAssessment['goodDays'];
  }[];
}

/** Cities by composite index: values of days from the city's points, then of the period. Throws E_NOT_FOUND. */
export async function rankAir(deps: RegionDeps, of: Asked): Promise<AirRanking> {
  const { config, period } = of;
  const facts = airFactsOf(config, period.to);
  const cities = new Map<string, AirStation[]>();
  for (const station of config.airStations.filter((one) => providersOf(one).length > 0)) {
    const city = cityOf(config, station.locatedIn);
    cities.set(city, [...(cities.get(city) ?? []), station]);
  }
  const asked = [...cities.values()].flat().map((station) => ({ station, periods: [period] }));
  const found = new Map<string, JudgedAirStation>();
  for await (const { station, verdicts } of regionAirVerdicts(deps, { ...of, asked }))
    found.set(station.id, verdicts[0]!);
  const assessed: Omit<AirRanking['cities'][number], 'rank'>[] = [];
  for (const [city, stations] of cities) {
    const verdicts = stations.map(({ id }) => found.get(id)!);
    const points = verdicts.map(({ days }) => days);
    const days = facts.assessment.annualItems.items.map((_, at) =>
      cityDays(
        points.map((point) => point[at]!),
        facts.assessment.cityPoints,
      )!,
    );
    const judged = assessAirPeriod(days, { grade: 2, reviewed: false }, facts);
    assessed.push({
      city,
      points: stations.length,
      composite: judged.composite,
      items: judged.items.map(({ parameter, validDays, mean, percentile }) => ({
        parameter,
        validDays,
        mean,
        percentile,
      })),
      attainment: judged.attainment,
      goodDays: judged.goodDays,
      verdicts: verdicts.map(({ id }) => id),
    });
  }
  const { ranked } = rankByComposite(assessed);
  const last = Number.POSITIVE_INFINITY;
  return {
    assessment: facts.assessment.id,
    rules: [
      ruleFrom(
        facts.assessment.id,
        'values of days from the points of a city',
        facts.assessment.cityPoints.provenance,
      ),
      ruleFrom(facts.assessment.id, 'composite index', facts.assessment.compositeIndex.provenance),
    ],
    cities: assessed
      .map((one) => ({ ...one, rank: ranked.find(({ city }) => city === one.city)?.rank ?? null }))
      .toSorted((a, b) => (a.rank ?? last) - (b.rank ?? last)),
  };
}
