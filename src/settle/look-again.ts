import type { Agreement } from '../domain/config/region.ts';
import type { EntriesQuery, ReadingStore, SeriesColumns } from '../domain/ports.ts';
import type { IssuedStatement, LineDifference, Recomputed } from '../domain/settlement.ts';
import { averagings, type AveragingId } from '../domain/time.ts';
import type { Preview } from '../domain/preview.ts';
import type { Statement } from '../domain/statement.ts';
import type { KnownCircumstance } from './circumstances.ts';
import { differenceOf } from './difference.ts';
import { canonicalText, hashOf } from './document.ts';
import type { SettlementFacts } from './facts.ts';
import type { FrozenInputs } from './freeze.ts';
import { discharge } from './gauged-flow.ts';
import { yearS } from './loads.ts';
import { previewAgreement } from './preview.ts';
import { type Basis, basisOf, parametersOf } from './preview-section.ts';
import { linesOf } from './statement.ts';
import { refuseUnfit } from './unfit.ts';

/** What a statement's computation comes to on what is known now. */
export interface SecondLook {
  difference: LineDifference[];
  /** Sections and parameters whose mean, class or coverage is another than in the statement corrected. */
  changed: { section: string; parameter: string; before: string | null; now: string | null }[];
  recomputed: Recomputed;
}

/** What is known now. */
export interface Now {
  agreement: Agreement;
  facts: SettlementFacts;
  circumstances: readonly KnownCircumstance[];
  readings: Pick<ReadingStore, 'series' | 'entries'>;
  asOfSeq: number;
  nowS: number;
}

/**
 * Computes the sections anew of which a reading, a circumstance or a rule is another than when the statement was frozen; what it says of
 * the others stands. `found`: the sections, where they are known. Throws E_CONFLICT where a section computed anew has no result that can be settled on.
 */
export async function lookAgain(
  issued: Pick<IssuedStatement, 'document' | 'facts' | 'inputs'>,
  decidedLines: readonly string[],
  now: Now,
  found?: ReadonlySet<string>,
): Promise<SecondLook> {
  const before: Statement = JSON.parse(issued.document);
  const { agreement, facts, readings, asOfSeq, nowS } = now;
  const touched = found ?? (await touchedSections(issued, now));
  const whole = touched.size === agreement.sections.length;
  const recomputed = { sections: [...touched], of: agreement.sections.length, readings: 0 };
  if (touched.size === 0) return { difference: [], changed: [], recomputed };
  const seen: SeriesColumns[] = [];
  const preview = await previewAgreement({
    agreement: { ...agreement, sections: agreement.sections.filter(({ section }) => touched.has(section)) },
    period: before.period,
    config: facts,
    readings,
    nowS,
    asOfSeq,
    circumstances: now.circumstances.filter(({ section }) => touched.has(section)),
    seen,
  });
  refuseUnfit(agreement, preview);
  const anew = linesOf(preview.lines);
  const kept = ({ section }: { section: string }): boolean => !touched.has(section);
  const lines = whole ? anew : [...before.lines.filter(kept), ...anew.filter((line) => !kept(line))];
  return {
    difference: differenceOf(before.lines, lines, decidedLines),
    changed: changedInputs(before, preview),
    recomputed: { ...recomputed, readings: seen.reduce((sum, one) => sum + one.timeS.length, 0) },
  };
}

/** Sections of which an input is another than when it was frozen; all of them where the agreement's rules are others: the hash of the whole configuration says nothing of them. */
export async function touchedSections(
  issued: Pick<IssuedStatement, 'document' | 'facts' | 'inputs'>,
  now: Now,
): Promise<Set<string>> {
  const before: Statement = JSON.parse(issued.document);
  const { agreement, facts, circumstances, asOfSeq } = now;
  const rules = (of: SettlementFacts): string => hashOf({ ...of, hash: null });
  const sections = agreement.sections.map(({ section }) => section);
  if (rules(JSON.parse(issued.facts)) !== rules(facts)) return new Set(sections);
  const frozen: FrozenInputs = JSON.parse(issued.inputs);
  const standing = (of: readonly KnownCircumstance[], section: string): string =>
    canonicalText(of.filter((one) => one.section === section));
  const { period } = before;
  const basis = basisOf({ agreement, period, config: facts, readings: now.readings, nowS: now.nowS });
  const touched = new Set<string>();
  for (const section of sections) {
    if (standing(frozen.circumstances ?? [], section) !== standing(circumstances, section))
      touched.add(section);
    for (const query of seriesOf(basis, section)) {
      if (touched.has(section)) break;
      const later = await now.readings.entries({ ...query, asOfSeq, afterSeq: before.asOfSeq });
      if (later.length > 0) touched.add(section);
    }
  }
  return touched;
}

/** Every series that the result of a period may rest on, whether or not it has a reading; all in `[fromS, toS)`. */
export function inputsOf(
  agreement: Agreement,
  period: string,
  { facts, readings, nowS }: Pick<Now, 'facts' | 'readings' | 'nowS'>,
): Omit<EntriesQuery, 'asOfSeq'>[] {
  const basis = basisOf({ agreement, period, config: facts, readings, nowS });
  return agreement.sections.flatMap(({ section }) => seriesOf(basis, section));
}

/** Every series that a section's result may rest on, whether or not it has a reading. */
function seriesOf({ source, flow, ...basis }: Basis, section: string): Omit<EntriesQuery, 'asOfSeq'>[] {
  const { agreement, period, config } = source;
  const { otherwise = [], check } = agreement.dataSource;
  const parameters = parametersOf({ source, flow, ...basis }).map(({ id }) => id);
  const window = { station: section, parameters, fromS: period.beginS, toS: period.endS };
  const queries = [agreement.dataSource, ...otherwise, ...(check === undefined ? [] : [check])].map(
    ({ provider, averaging }) => ({ ...window, provider, averaging: averaging as AveragingId }),
  );
  if (flow === null) return queries;
  const gauge = config.sections.find(({ id }) => id === section)?.flowStation?.id;
  const provider = config.flowStations?.find(({ id }) => id === gauge)?.aliases[0]?.provider;
  if (gauge === undefined || provider === undefined) return queries;
  const fromS = period.beginS - (flow.terms.recordYears ?? 0) * yearS;
  const water = { station: gauge, parameters: [discharge], averaging: averagings.instant.id, provider };
  return [...queries, { ...water, fromS, toS: period.endS }];
}

function changedInputs(before: Statement, now: Pick<Preview, 'sections'>): SecondLook['changed'] {
  return now.sections.flatMap((section) => {
    const earlier = before.sections.find((one) => one.section === section.section);
    const [volume, wasVolume] = [section, earlier].map((one) => one?.flow?.indicativeVolumeM3 ?? null);
    const flow =
      volume === wasVolume
        ? []
        : [{ section: section.section, parameter: discharge, before: wasVolume!, now: volume! }];
    const means = section.means.flatMap((mean) => {
      const was = earlier?.means.find((one) => one.parameter === mean.parameter);
      if (was?.mean === mean.mean && was.valid === mean.valid && was.unrounded === mean.unrounded) return [];
      const text = (one: typeof was): string | null => one?.mean ?? one?.unrounded ?? null;
      return [{ section: section.section, parameter: mean.parameter, before: text(was), now: text(mean) }];
    });
    return [...means, ...flow];
  });
}
