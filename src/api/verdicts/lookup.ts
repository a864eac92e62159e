import { sectionPeriodOf } from '../../analysis/assessment/index.ts';
import type { Config } from '../../domain/config/config.ts';
import type { AirStation, Section } from '../../domain/config/region.ts';
import { MonitorError } from '../../domain/errors.ts';
import type { ApiDeps } from '../deps.ts';
import { asOfPosition } from '../http/instants.ts';
import { isoTimes } from '../http/iso-times.ts';
import { type AirExplanation, explainAirVerdict } from './air-explanation.ts';
import { airPeriodOf, airVerdict, type AirStationVerdict } from './air-verdicts.ts';
import { parseVerdictId, sectionVerdict, type SectionVerdict } from './section-verdicts.ts';
import {
  comparedAir,
  comparedSection,
  verdictDifference,
  type ComparedVerdict,
  type DifferenceShape,
} from './verdict-difference.ts';
import { type Explanation, explainVerdict } from './verdict-explanation.ts';

/** What verdicts are looked up in. */
export type VerdictPlaces = Pick<
  ApiDeps,
  'config' | 'configAt' | 'readings' | 'state' | 'journal' | 'progress'
>;

/** A section by id. Throws E_NOT_FOUND. */
export function sectionOf(config: Config, id: string): Section {
  const section = config.sections.find((candidate) => candidate.id === id);
  if (section === undefined)
    throw new MonitorError('E_NOT_FOUND', `no such section: ${id}`, { details: { section: id } });
  return section;
}

/** An air station by id. Throws E_NOT_FOUND. */
export function airStationOf(config: Config, id: string): AirStation {
  const station = config.airStations.find((candidate) => candidate.id === id);
  if (station === undefined)
    throw new MonitorError('E_NOT_FOUND', `no such air station: ${id}`, { details: { station: id } });
  return station;
}

/** The configuration as it stood at a position: an earlier day is judged by what was in force then. */
export function configAt(deps: Pick<ApiDeps, 'config' | 'configAt'>, seq: number): Promise<Config> {
  return deps.configAt === undefined ? Promise.resolve(deps.config()) : deps.configAt(seq);
}

/** The journal position of a query, or the one up to which readings are projected. */
export async function positionOf(
  deps: Pick<ApiDeps, 'config' | 'journal' | 'progress'>,
  asOf: string | undefined,
): Promise<number> {
  if (asOf === undefined) return deps.progress().appliedSeq;
  return asOfPosition(deps.journal, asOf, deps.config().region.timeZone);
}

/** What a query asks to be judged by: a position and the configuration that stood there. */
export async function knownAt(
  deps: Pick<ApiDeps, 'config' | 'configAt' | 'journal' | 'progress'>,
  asOf: string | undefined,
): Promise<{ asOfSeq: number; config: Config }> {
  const asOfSeq = await positionOf(deps, asOf);
  return { asOfSeq, config: asOf === undefined ? deps.config() : await configAt(deps, asOfSeq) };
}

export type AnyVerdict =
  { medium: 'water'; verdict: SectionVerdict } | { medium: 'air'; verdict: AirStationVerdict };

/** Verdict on a section or an air station over a period. `id` of the period as in queries. Throws E_NOT_FOUND, E_BAD_REQUEST. */
export async function verdictOn(
  deps: Pick<VerdictPlaces, 'readings' | 'state'>,
  of: { config: Config; station: string; period: string; asOfSeq: number },
): Promise<AnyVerdict> {
  const { config, asOfSeq } = of;
  const period = of.period.replace('_', '/');
  const station = config.airStations.find(({ id }) => id === of.station);
  if (station !== undefined) {
    const at = { config, station, period: airPeriodOf(period), asOfSeq };
    return { medium: 'air', verdict: await airVerdict(deps, at) };
  }
  const section = sectionOf(config, of.station);
  const at = { config, section, period: sectionPeriodOf(period), asOfSeq };
  return { medium: 'water', verdict: await sectionVerdict(deps, at) };
}

/** An id is answered in its former form, too. */
function requireSame(asked: string, { verdict }: AnyVerdict, config: Config): void {
  const { id: now } = verdict;
  if (asked === now || asked === verdict.formerId) return;
  throw new MonitorError(
    'E_CONFLICT',
    'the same question has another answer now: configuration or rules are no longer those of this verdict',
    { details: { asked, now, configHash: config.hash } },
  );
}

/** The readings that whoever asks may be shown. */
type Shown = { readings: Pick<ApiDeps['readings'], 'past'> };

/**
 * Why a verdict is what it is, down to `limit` readings of each deciding item and their journal entries. Throws E_NOT_FOUND; E_CONFLICT
 * where the same question has another answer now.
 */
export async function whyOf(
  deps: VerdictPlaces,
  of: { id: string; limit: number },
  shown: Shown,
): Promise<Explanation | AirExplanation> {
  const { id, limit } = of;
  const { station, period, asOfSeq } = parseVerdictId(id);
  const unknown = new MonitorError('E_NOT_FOUND', `no such verdict: ${id}`, { details: { id } });
  if (asOfSeq > deps.journal.head().seq) throw unknown;
  const config = await configAt(deps, asOfSeq);
  const known = [...config.sections, ...config.airStations].some((one) => one.id === station);
  if (!known) throw unknown;
  const found = await verdictOn(deps, { config, station, period, asOfSeq });
  requireSame(id, found, config);
  if (found.medium === 'air') return explainAirVerdict(shown, found.verdict, { config, limit });
  return explainVerdict(shown, found.verdict, { config, limit });
}

async function comparedAt(
  deps: VerdictPlaces,
  of: { station: string; period: string; asOf: string | undefined },
): Promise<ComparedVerdict> {
  const { asOfSeq, config } = await knownAt(deps, of.asOf);
  const found = await verdictOn(deps, { config, station: of.station, period: of.period, asOfSeq });
  if (found.medium === 'air') return comparedAir(found.verdict, config);
  return comparedSection(found.verdict, config);
}

/** What was known of a station and period at one position, what at a later one, and why the verdict differs. */
export async function differenceOf(
  deps: VerdictPlaces,
  of: { station: string; period: string; before: string; after: string | undefined; readings: number },
  shown: Shown,
): Promise<DifferenceShape> {
  const { station, period, readings } = of;
  const old = await comparedAt(deps, { station, period, asOf: of.before });
  const now = await comparedAt(deps, { station, period, asOf: of.after });
  const iso = isoTimes(deps.config().region.timeZone);
  return verdictDifference(shown, old, now, { limit: readings, iso });
}
