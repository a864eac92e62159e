import {
  assessMeasured,
  boundsOf,
  firstRowAt,
  SectionMonths,
  type AssessmentPeriod,
  type SectionSeries,
  type SectionSource,
  type TalliedSource,
} from '../../analysis/assessment/index.ts';
import type { StoredCircumstance } from '../../domain/circumstance.ts';
import type { Config } from '../../domain/config/config.ts';
import type { Section } from '../../domain/config/region.ts';
import type { Interval } from '../../domain/time.ts';
import type { ApiDeps } from '../deps.ts';
import { regionSources, sectionSources } from './section-sources.ts';
import {
  factsOf,
  hasEffect,
  judgeSection,
  readFrom,
  reachInto,
  rulesHash,
  sectionDigests,
  verdictOf,
  type JudgedSection,
  type SharedGrounds,
} from './section-verdicts.ts';

/** A section and what is asked about it: days, months and longer. */
export interface AskedSection {
  section: Section;
  periods: readonly AssessmentPeriod[];
}

export interface RegionDeps {
  readings: Pick<ApiDeps['readings'], 'series' | 'tallies'>;
  state: Pick<ApiDeps['state'], 'circumstances'>;
}

/** Sections whose tallies are held at once. */
const sectionsAtOnce = 200;

/**
 * Verdicts on many sections and periods, those of one by one with their ids. Counts and sums by civil day come from the store in one
 * pass a provider; only what is averaged as hydrogen ions, and sections of which a special circumstance takes effect, are read value
 * by value. In the order of the question. Throws E_NOT_FOUND where no standard is in force.
 */
export async function* regionVerdicts(
  deps: RegionDeps,
  of: { config: Config; asked: readonly AskedSection[]; asOfSeq: number },
): AsyncGenerator<{ section: Section; verdicts: JudgedSection[] }> {
  const { config, asOfSeq } = of;
  const asked = of.asked.filter(({ periods }) => periods.length > 0);
  const circumstances = (await deps.state.circumstances.list({ asOfSeq })).filter(hasEffect);
  const factsOn = sharedFacts(config);
  for (let at = 0; at < asked.length; at += sectionsAtOnce) {
    const slice = asked.slice(at, at + sectionsAtOnce);
    const byReadings = new Set(slice.filter((one) => isReached(one, circumstances, config.region.timeZone)));
    const tallied = slice.filter((one) => !byReadings.has(one));
    const byValue = new Set(
      tallied.flatMap(({ periods }) =>
        periods.flatMap(({ to }) => factsOn(to).facts.method.meanByHydrogenIon.items),
      ),
    );
    const sections = tallied.map(({ section }) => section);
    const sources =
      tallied.length === 0
        ? new Map<string, TalliedSource[]>()
        : await regionSources(deps, { config, sections, byValue, asOfSeq, ...spanOf(config, tallied) });
    for (const one of slice) {
      const { section } = one;
      const verdicts = byReadings.has(one)
        ? await judgedByReadings(deps, one, { config, circumstances, asOfSeq })
        : judgedByTallies(one, sources.get(section.id) ?? [], { config, asOfSeq, factsOn });
      yield { section, verdicts };
    }
  }
}

/** {@link regionVerdicts} of one period, in the order of the sections. */
export async function verdictsOnSections(
  deps: RegionDeps,
  of: { config: Config; sections: readonly Section[]; period: AssessmentPeriod; asOfSeq: number },
): Promise<JudgedSection[]> {
  const asked = of.sections.map((section) => ({ section, periods: [of.period] }));
  const found: JudgedSection[] = [];
  for await (const { verdicts } of regionVerdicts(deps, { ...of, asked })) found.push(...verdicts);
  return found;
}

function isReached(
  { section, periods }: AskedSection,
  circumstances: readonly StoredCircumstance[],
  timeZone: string,
): boolean {
  const own = circumstances.filter((one) => one.section === section.id);
  return (
    own.length > 0 &&
    periods.some((period) => reachInto(own, section.id, boundsOf(period, timeZone)).length > 0)
  );
}

/** First and last day of what verdicts rest on. */
function spanOf(config: Config, asked: readonly AskedSection[]): { from: string; to: string } {
  let [from, to] = ['9999', '0000'];
  for (const { section, periods } of asked) {
    for (const period of periods) {
      const first = readFrom(config, section, period);
      if (first < from) from = first;
      if (period.to > to) to = period.to;
    }
  }
  return { from, to };
}

/** Editions of a date: the same object for all dates that they hold on. */
function sharedFacts(config: Config): (date: string) => { key: string; facts: SharedGrounds['facts'] } {
  const byKey = new Map<string, { key: string; facts: SharedGrounds['facts'] }>();
  const byDate = new Map<string, { key: string; facts: SharedGrounds['facts'] }>();
  return (date) => {
    const known = byDate.get(date);
    if (known !== undefined) return known;
    const facts = factsOf(config, date);
    const key = [facts.standard.id, facts.method.id, facts.periods.id, facts.wording.id].join(' ');
    const one = byKey.get(key) ?? { key, facts };
    byKey.set(key, one);
    byDate.set(date, one);
    return one;
  };
}

async function judgedByReadings(
  deps: RegionDeps,
  { section, periods }: AskedSection,
  of: { config: Config; circumstances: readonly StoredCircumstance[]; asOfSeq: number },
): Promise<JudgedSection[]> {
  const span = spanOf(of.config, [{ section, periods }]);
  const sources = await sectionSources(deps, { ...of, section, ...span });
  const { timeZone } = of.config.region;
  return periods.map((period) => {
    const from = readFrom(of.config, section, period);
    const own = cutTo(sources, boundsOf({ from, to: period.to }, timeZone));
    return judgeSection({ ...of, section, period, sources: own });
  });
}

function judgedByTallies(
  { section, periods }: AskedSection,
  sources: readonly TalliedSource[],
  of: { config: Config; asOfSeq: number; factsOn: ReturnType<typeof sharedFacts> },
): JudgedSection[] {
  const { config } = of;
  const grounds = new Map<string, SharedGrounds>();
  const months = new Map<string, SectionMonths>();
  return periods.map((period) => {
    const { key, facts } = of.factsOn(period.to);
    const shared = grounds.get(key) ?? {
      facts,
      rules: rulesHash(config, section, facts),
      digests: sectionDigests(sources, facts),
    };
    grounds.set(key, shared);
    const from = readFrom(config, section, period);
    const own = presentIn(sources, boundsOf({ from, to: period.to }, facts.timeZone));
    const shape = `${key}\n${own.map((one) => `${one.provider} ${one.method} ${one.series.map(({ parameter }) => parameter).join(' ')}`).join('\n')}`;
    const values = months.get(shape) ?? new SectionMonths(own, facts);
    months.set(shape, values);
    const both = assessMeasured(section, own, values, { period, facts });
    return verdictOf({ ...of, section, period, circumstances: [] }, both, shared);
  });
}

/** Rows of a series in a span; null for none. */
function rowsIn(series: SectionSeries, { beginS, endS }: Interval): { first: number; end: number } | null {
  const times = 'dayS' in series ? series.dayS : series.timeS;
  const [first, end] = [firstRowAt(times, beginS), firstRowAt(times, endS)];
  return first === end ? null : { first, end };
}

/** Sources and series that have a reading in a span, whole: a verdict sees those that it would see by itself. */
function presentIn(sources: readonly TalliedSource[], span: Interval): TalliedSource[] {
  return sources.flatMap((source) => {
    const series = source.series.filter((one) => rowsIn(one, span) !== null);
    return series.length === 0 ? [] : [{ ...source, series }];
  });
}

/** What sources hold of a span, as if no more had been asked for. */
function cutTo(sources: readonly SectionSource[], span: Interval): SectionSource[] {
  return sources.flatMap((source) => {
    const series = source.series.flatMap((one) => {
      const rows = rowsIn(one, span);
      if (rows === null) return [];
      const { first, end } = rows;
      const [timeS, value] = [one.timeS.subarray(first, end), one.value.subarray(first, end)];
      return [{ parameter: one.parameter, timeS, value, flags: one.flags.subarray(first, end) }];
    });
    return series.length === 0 ? [] : [{ ...source, series }];
  });
}
