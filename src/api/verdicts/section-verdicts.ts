import { createHash } from 'node:crypto';
import {
  assessBoth,
  boundsOf,
  firstRowAt,
  guardAgainstLoss,
  measuredAs,
  measuredSource,
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
  type WaterFacts,
} from '../../analysis/assessment/index.ts';
import { canonicalJson } from '../../domain/canonical-json.ts';
import type { StoredCircumstance } from '../../domain/circumstance.ts';
import type { Config } from '../../domain/config/config.ts';
import type { Section } from '../../domain/config/region.ts';
import { MonitorError } from '../../domain/errors.ts';
import type { ApiDeps } from '../deps.ts';
import { providersOf } from '../region/stations-view.ts';

/** What every provider measured at a section over a civil span, as known at a journal position. */
export async function sectionSources(
  deps: { readings: Pick<ApiDeps['readings'], 'series'> },
  of: { config: Config; section: Section; asOfSeq: number } & Parameters<typeof boundsOf>[0],
): Promise<SectionSource[]> {
  const { config, section } = of;
  const { beginS: fromS, endS: toS } = boundsOf(of, config.region.timeZone);
  const parameters = config.parameters
    .filter(({ medium, published, type }) => medium === 'water' && !published && type === 'quantity')
    .map(({ id }) => id);
  const found: SectionSource[] = [];
  for (const provider of providersOf(section)) {
    const cadences = config.sources
      .filter((source) => source.provider === provider && (source.medium ?? 'water') === 'water')
      .map((source) => source.cadenceSeconds);
    for (const { averaging, method } of measuredAs) {
      const columns = await deps.readings.series({
        stations: [section.id],
        parameters,
        averaging,
        provider,
        fromS,
        toS,
        asOfSeq: of.asOfSeq,
      });
      if (columns.length === 0) continue;
      const cadenceS = cadences.length === 0 ? null : Math.min(...cadences);
      found.push(measuredSource(columns, { provider, method, network: section.network, cadenceS }));
    }
  }
  return found;
}

/** Editions of a period, those in force on its last day. Throws E_NOT_FOUND where there is none. */
export function factsOf(config: Config, date: string): WaterFacts {
  const facts = waterFactsOn(config, date);
  if (facts !== null) return facts;
  throw new MonitorError('E_NOT_FOUND', `no complete set of water standards is in force on ${date}`, {
    details: { date },
  });
}

/** SHA-256 of the readings of a period: time, value and flags of every series that has any, in a fixed order. */
function inputDigest(sources: readonly SectionSource[], bounds: { beginS: number; endS: number }): string {
  const hash = createHash('sha256');
  const named = sources.flatMap((source) =>
    source.series.map((series) => ({
      name: `${source.provider}\n${source.method}\n${series.parameter}`,
      series,
    })),
  );
  for (const { name, series } of named.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const [first, end] = [firstRowAt(series.timeS, bounds.beginS), firstRowAt(series.timeS, bounds.endS)];
    if (first === end) continue;
    hash.update(`${name}\n${end - first}\n`);
    for (const column of [series.timeS, series.value, series.flags]) {
      const part = column.slice(first, end);
      hash.update(new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
    }
  }
  return hash.digest('hex');
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

/** What of the configuration a verdict on a section rests on, as one hash: another region's files do not change it. */
export function rulesHash(config: Config, section: Section, facts: WaterFacts): string {
  const { id, bodyType, hydraulics, targets, network, operator, assessed, border } = section;
  const providers = providersOf(section);
  const content = {
    standard: facts.standard,
    method: facts.method,
    periods: facts.periods,
    wording: facts.wording,
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
  return createHash('sha256').update(canonicalJson(content)).digest('hex');
}

/** Which of the figures of a verdict counts: as measured, as decided, or the one that a loss of data cannot improve. */
export type CountedFigure = 'measured' | 'decided' | 'guarded';

export interface SectionVerdict {
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
  sources: readonly SectionSource[];
  months: SectionMonths;
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

function lossGuard(of: VerdictInputs, both: BothAssessments, facts: WaterFacts): SectionVerdict['guard'] {
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

/** Verdict on one section and period from its readings: as measured, as decided, and guarded against a loss of data. Pure. */
export function judgeSection(of: VerdictInputs): SectionVerdict {
  const { config, section, period, asOfSeq, sources } = of;
  const facts = factsOf(config, period.to);
  const bounds = boundsOf(period, facts.timeZone);
  const circumstances = of.circumstances.filter(
    ({ section: at, fromS, toS }) => at === section.id && fromS < bounds.endS && bounds.beginS < toS,
  );
  const effective = circumstances.filter(({ state }) => state !== 'withdrawn');
  const both = assessBoth(section, sources, effective, { period, facts });
  const guard = lossGuard(of, both, facts);
  const rules = rulesHash(config, section, facts);
  const before = guard === null ? null : inputDigest(sources, boundsOf(periodBefore(period), facts.timeZone));
  const content = {
    section: section.id,
    period: period.id,
    rules,
    inputs: inputDigest(sources, bounds),
    ...(before === null ? {} : { before }),
    ...(effective.length === 0 ? {} : { circumstances: effective.map(({ steps: _steps, ...one }) => one) }),
  };
  const digest = createHash('sha256').update(canonicalJson(content)).digest('hex').slice(0, 32);
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
    sources,
    months: both.months.measured,
  };
}

/** The figures of a verdict that count. */
export function countedAssessment(verdict: SectionVerdict): SectionAssessment {
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
