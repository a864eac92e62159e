import { createHash } from 'node:crypto';
import {
  assessSection,
  boundsOf,
  firstRowAt,
  periodOf,
  SectionMonths,
  waterFactsOn,
  type AssessmentPeriod,
  type SectionAssessment,
  type SectionSource,
  type WaterFacts,
} from '../analysis/assessment/index.ts';
import { canonicalJson } from '../domain/canonical-json.ts';
import type { Config } from '../domain/config/config.ts';
import type { Section } from '../domain/config/region.ts';
import { MonitorError } from '../domain/errors.ts';
import type { AveragingId } from '../domain/time.ts';
import type { ApiDeps } from './deps.ts';
import { providersOf } from './stations-view.ts';

/** Series that hold measurements: samples of automatic stations, and monthly values of sampling by hand. */
const measuredAs: readonly { averaging: AveragingId; method: SectionSource['method'] }[] = [
  { averaging: 'instant', method: 'automatic' },
  { averaging: 'P1M', method: 'manual' },
];

/** What every provider measured at a section over a civil span, as known at a journal position. */
export async function sectionSources(
  deps: Pick<ApiDeps, 'readings'>,
  of: { config: Config; section: Section; from: string; to: string; asOfSeq: number },
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
      const series = columns.map(({ key, timeS, value, flags }) => ({
        parameter: key.parameter,
        timeS,
        value,
        flags,
      }));
      const cadenceS = method === 'manual' || cadences.length === 0 ? null : Math.min(...cadences);
      found.push({ provider, method, network: section.network, cadenceS, series });
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
  section: string;
  period: AssessmentPeriod;
  asOfSeq: number;
  /** First 32 hex digits of the SHA-256 over inputs as of that position, configuration and rules. */
  digest: string;
}

/** `section~period~position~digest`: enough to compute the verdict again anywhere, and to see whether it is still the same. */
export function verdictId(key: VerdictKey): string {
  return [key.section, key.period.id.replace('/', '_'), key.asOfSeq, key.digest].join('~');
}

/** The inverse of {@link verdictId}. Throws E_NOT_FOUND for what is no such id. */
export function parseVerdictId(id: string): VerdictKey {
  const match = /^([a-z0-9][a-z0-9._-]*)~([0-9Q_-]{4,15})~(\d{1,15})~([0-9a-f]{32})$/.exec(id);
  if (match === null) throw new MonitorError('E_NOT_FOUND', `no such verdict: ${id}`, { details: { id } });
  const [, section = '', period = '', seq = '', digest = ''] = match;
  return { section, period: periodOf(period.replace('_', '/')), asOfSeq: Number(seq), digest };
}

export interface SectionVerdict {
  id: string;
  key: VerdictKey;
  assessment: SectionAssessment;
  facts: WaterFacts;
  sources: SectionSource[];
  months: SectionMonths;
}

/** The digest that names a verdict: a function of inputs as of a position, the configuration and the rules. */
export function verdictDigest(
  config: Config,
  facts: WaterFacts,
  of: { section: string; period: AssessmentPeriod; sources: readonly SectionSource[] },
): string {
  const inputs = inputDigest(of.sources, boundsOf(of.period, facts.timeZone));
  const rule = { standard: facts.standard.id, method: facts.method.id, periods: facts.periods.id };
  const content = { section: of.section, period: of.period.id, config: config.hash, rule, inputs };
  return createHash('sha256').update(canonicalJson(content)).digest('hex').slice(0, 32);
}

/** Verdict on one section and period, as known at a journal position. */
export async function sectionVerdict(
  deps: Pick<ApiDeps, 'readings'>,
  of: { config: Config; section: Section; period: AssessmentPeriod; asOfSeq: number },
): Promise<SectionVerdict> {
  const { config, section, period, asOfSeq } = of;
  const facts = factsOf(config, period.to);
  const sources = await sectionSources(deps, { config, section, from: period.from, to: period.to, asOfSeq });
  const months = new SectionMonths(sources, facts);
  const digest = verdictDigest(config, facts, { section: section.id, period, sources });
  const key = { section: section.id, period, asOfSeq, digest };
  const assessment = assessSection(section, months, period, facts);
  return { id: verdictId(key), key, assessment, facts, sources, months };
}
