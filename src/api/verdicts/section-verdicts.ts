import { createHash } from 'node:crypto';
import {
  assessBoth,
  boundsOf,
  guardAgainstLoss,
  measuringWays,
  operatingParty,
  periodBefore,
  periodValues,
  waterFactsOn,
  type AssessmentPeriod,
  type BothAssessments,
  type LossGuard,
  type SectionAssessment,
  type SectionMonths,
  type SectionSource,
  type TalliedSource,
  type WaterFacts,
} from '../../analysis/assessment/index.ts';
import { canonicalJson } from '../../domain/canonical-json.ts';
import type { StoredCircumstance } from '../../domain/circumstance.ts';
import type { Config } from '../../domain/config/config.ts';
import type { Section } from '../../domain/config/region.ts';
import { MonitorError } from '../../domain/errors.ts';
import type { Interval } from '../../domain/time.ts';
import type { ApiDeps } from '../deps.ts';
import { sectionSources } from './section-sources.ts';
import { readingsDigest, StatisticsDigests } from './statistics-digest.ts';

/** Editions of a period, those in force on its last day. Throws E_NOT_FOUND where there is none. */
export function factsOf(config: Config, date: string): WaterFacts {
  const facts = waterFactsOn(config, date);
  if (facts !== null) return facts;
  throw new MonitorError('E_NOT_FOUND', `no complete set of water standards is in force on ${date}`, {
    details: { date },
  });
}

export interface VerdictKey {
  /** Section or air station. */
  section: string;
  period: AssessmentPeriod;
  asOfSeq: number;
  /** First 32 hex digits of the SHA-256 over inputs as of that position, configuration and rules. */
  digest: string;
}

/** `section~period~position~digest`: enough to compute the verdict again anywhere, and to see whether it is still the same. */
export function verdictId(key: {
  section: string;
  period: { id: string };
  asOfSeq: number;
  digest: string;
}): string {
  return [key.section, key.period.id.replace('/', '_'), key.asOfSeq, key.digest].join('~');
}

/** The inverse of {@link verdictId}; the period as its text. Throws E_NOT_FOUND for what is no such id. */
export function parseVerdictId(id: string): {
  station: string;
  period: string;
  asOfSeq: number;
  digest: string;
} {
  const match = /^([a-z0-9][a-z0-9._-]*)~([0-9QT:_-]{4,19})~(\d{1,15})~([0-9a-f]{32})$/.exec(id);
  if (match === null) throw new MonitorError('E_NOT_FOUND', `no such verdict: ${id}`, { details: { id } });
  const [, station = '', period = '', seq = '', digest = ''] = match;
  return { station, period: period.replace('_', '/'), asOfSeq: Number(seq), digest };
}

const knownTexts = new WeakMap<object, string>();

/** {@link canonicalJson} of both together; the texts of `shared`, editions that many sections have in common, are made once. */
function joinedJson(own: object, shared: Readonly<Record<string, object>>): string {
  const members = Object.entries(own).map(([name, value]) => [name, canonicalJson(value)] as const);
  for (const [name, value] of Object.entries(shared)) {
    const text = knownTexts.get(value) ?? canonicalJson(value);
    knownTexts.set(value, text);
    members.push([name, text]);
  }
  const sorted = members.toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${sorted.map(([name, text]) => `${JSON.stringify(name)}:${text}`).join(',')}}`;
}

/** What of the configuration a verdict on a section rests on, as one hash: another region's files do not change it. */
export function rulesHash(config: Config, section: Section, facts: WaterFacts): string {
  const { id, bodyType, hydraulics, targets, network, operator, assessed, border } = section;
  const ways = measuringWays(config, section);
  const providers = [...new Set(ways.map(({ provider }) => provider))];
  const content = {
    timeZone: facts.timeZone,
    section: { id, bodyType, hydraulics, targets, network, providers },
    party: operatingParty(config, { operator, assessed, ...(border === undefined ? {} : { border }) }),
    parameters: config.parameters
      .filter(({ medium, published }) => medium === 'water' && !published)
      .map(({ id: parameter, decimals }) => ({ parameter, decimals })),
    cadences: config.sources
      .filter(({ provider }) => providers.includes(provider))
      .map(({ provider, medium, cadenceSeconds }) => [provider, medium ?? 'water', cadenceSeconds]),
  };
  const { standard, method, periods, wording } = facts;
  return createHash('sha256')
    .update(joinedJson(content, { standard, method, periods, wording }))
    .digest('hex');
}

/** Which of the figures of a verdict counts: as measured, as decided, or the one that a loss of data cannot improve. */
export type CountedFigure = 'measured' | 'decided' | 'guarded';

export interface JudgedSection {
  id: string;
  key: VerdictKey;
  rules: string;
  /** As measured; always printed. */
  assessment: SectionAssessment;
  both: BothAssessments;
  /** Circumstances that reach into the period, as they stood at the position. */
  circumstances: StoredCircumstance[];
  /** Null where no party whose result this is operates the station. */
  guard: (LossGuard & { party: string }) | null;
  counts: CountedFigure;
  facts: WaterFacts;
  months: SectionMonths;
}

/** A verdict with the readings that it can be explained by. */
export interface SectionVerdict extends JudgedSection {
  sources: readonly SectionSource[];
  /** The id that the same verdict had while its digest was one of the readings one by one; still answered. */
  formerId: string;
}

/** Whose result a period is and who operates its station; null for nobody, and for a single reading, which is no result. */
function partyOf(config: Config, section: Section, period: AssessmentPeriod): string | null {
  return period.kind === 'single' ? null : operatingParty(config, section);
}

/** The first day of readings that a verdict rests on: of the period before where a loss of data may call it in. */
export function readFrom(config: Config, section: Section, period: AssessmentPeriod): string {
  return partyOf(config, section, period) === null ? period.from : periodBefore(period).from;
}

/** What a verdict is computed from. `sources` cover the period from {@link readFrom} on; circumstances as they stood then. */
export interface VerdictInputs {
  config: Config;
  section: Section;
  period: AssessmentPeriod;
  asOfSeq: number;
  sources: readonly SectionSource[];
  circumstances: readonly StoredCircumstance[];
}

function lossGuard(
  of: Pick<VerdictInputs, 'config' | 'section' | 'period'>,
  both: BothAssessments,
  facts: WaterFacts,
): JudgedSection['guard'] {
  const { config, section, period } = of;
  const party = partyOf(config, section, period);
  if (party === null) return null;
  const { decided, measured } = both.months;
  const found = guardAgainstLoss(
    section,
    period,
    {
      means: periodValues(decided, period),
      before: periodValues(measured, periodBefore(period)),
      operatedByParty: true,
      excused: both.applied.flatMap(({ items }) => items),
    },
    facts,
  );
  return { ...found, party };
}

/** Circumstances that reach into a period of a section. */
export function reachInto(
  circumstances: readonly StoredCircumstance[],
  section: string,
  bounds: Interval,
): StoredCircumstance[] {
  return circumstances.filter(
    ({ section: at, fromS, toS }) => at === section && fromS < bounds.endS && bounds.beginS < toS,
  );
}

export const hasEffect = ({ state }: StoredCircumstance): boolean => state !== 'withdrawn';

/** What the digest of a verdict is one of, besides its inputs. */
function digestOf(
  of: Pick<VerdictInputs, 'section' | 'period'>,
  rules: string,
  inputs: object,
  effective: readonly StoredCircumstance[],
): string {
  const content = {
    section: of.section.id,
    period: of.period.id,
    rules,
    ...inputs,
    ...(effective.length === 0 ? {} : { circumstances: effective.map(({ steps: _steps, ...one }) => one) }),
  };
  return createHash('sha256').update(canonicalJson(content)).digest('hex').slice(0, 32);
}

/** Series of sources as a digest names them. */
function namedSeries<Source extends TalliedSource>(
  sources: readonly Source[],
): { name: string; series: Source['series'][number] }[] {
  return sources.flatMap(({ provider, method, series }) =>
    series.map((one) => ({ name: `${provider}\n${method}\n${one.parameter}`, series: one })),
  );
}

/** Digests of the statistics of a section's sources. */
export function sectionDigests(sources: readonly TalliedSource[], facts: WaterFacts): StatisticsDigests {
  const named = namedSeries(sources).map(({ name, series }) => ({
    name,
    series,
    decimals: facts.parameters.find(({ id }) => id === series.parameter)?.decimals ?? 0,
    rest: facts.method.meanByHydrogenIon.items.includes(series.parameter)
      ? ('values' as const)
      : ('sums' as const),
  }));
  return new StatisticsDigests(named, facts.timeZone);
}

/** What several verdicts on one section share. */
export interface SharedGrounds {
  facts: WaterFacts;
  rules: string;
  digests: StatisticsDigests;
}

/** Verdict from both assessments and the digests of what they rest on. */
export function verdictOf(
  of: Omit<VerdictInputs, 'sources'>,
  both: BothAssessments,
  { facts, rules, digests }: SharedGrounds,
  inputs?: object,
): JudgedSection {
  const { section, period, asOfSeq } = of;
  const circumstances = reachInto(of.circumstances, section.id, boundsOf(period, facts.timeZone));
  const effective = circumstances.filter(hasEffect);
  const guard = lossGuard(of, both, facts);
  const statistics = inputs ?? {
    statistics: digests.of(period),
    ...(guard === null ? {} : { before: digests.of(periodBefore(period)) }),
    ...(both.applied.length === 0 ? {} : { decided: sectionDigests(both.sources, facts).of(period) }),
  };
  const digest = digestOf(of, rules, statistics, effective);
  const key = { section: section.id, period, asOfSeq, digest };
  return {
    id: verdictId(key),
    key,
    rules,
    assessment: both.asMeasured,
    both,
    circumstances,
    guard,
    counts:
      guard !== null && guard.lost.length > 0 ? 'guarded' : both.applied.length > 0 ? 'decided' : 'measured',
    facts,
    months: both.months.measured,
  };
}

/** Verdict on one section and period from its readings: as measured, as decided, and guarded against a loss of data. Pure. */
export function judgeSection(of: VerdictInputs): SectionVerdict {
  const { config, section, period, sources } = of;
  const facts = factsOf(config, period.to);
  const bounds = boundsOf(period, facts.timeZone);
  const effective = reachInto(of.circumstances, section.id, bounds).filter(hasEffect);
  const both = assessBoth(section, sources, effective, { period, facts });
  const grounds = {
    facts,
    rules: rulesHash(config, section, facts),
    digests: sectionDigests(sources, facts),
  };
  const named = namedSeries(sources);
  const guarded = partyOf(config, section, period) !== null;
  const inputs = {
    inputs: readingsDigest(named, bounds),
    ...(guarded ? { before: readingsDigest(named, boundsOf(periodBefore(period), facts.timeZone)) } : {}),
  };
  const verdict = verdictOf(of, both, grounds, period.kind === 'single' ? inputs : undefined);
  const formerId = verdictId({ ...verdict.key, digest: digestOf(of, grounds.rules, inputs, effective) });
  return { ...verdict, sources, formerId };
}

/** The figures of a verdict that count. */
export function countedAssessment(verdict: JudgedSection): SectionAssessment {
  if (verdict.counts === 'guarded' && verdict.guard !== null) return verdict.guard.guarded;
  return verdict.counts === 'decided' ? verdict.both.asDecided : verdict.assessment;
}

/** Verdict on one section and period, as known at a journal position. Throws E_NOT_FOUND where no standard is in force. */
export async function sectionVerdict(
  deps: { readings: Pick<ApiDeps['readings'], 'series'>; state: Pick<ApiDeps['state'], 'circumstances'> },
  of: { config: Config; section: Section; period: AssessmentPeriod; asOfSeq: number },
): Promise<SectionVerdict> {
  const { config, section, period, asOfSeq } = of;
  factsOf(config, period.to);
  const from = readFrom(config, section, period);
  const sources = await sectionSources(deps, { config, section, ...period, from, asOfSeq });
  const circumstances = await deps.state.circumstances.list({ section: section.id, asOfSeq });
  return judgeSection({ config, section, period, asOfSeq, sources, circumstances });
}
