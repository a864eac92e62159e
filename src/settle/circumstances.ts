import { applyCircumstances, spanIn } from '../analysis/assessment/circumstances.ts';
import {
  type Circumstance,
  type CircumstanceState,
  type CircumstanceStore,
  circumstanceNames,
} from '../domain/circumstance.ts';
import type { Language } from '../analysis/liability/phrases.ts';
import type { Text } from '../domain/config/facts.ts';
import type { Agreement } from '../domain/config/region.ts';
import type { SeriesColumns } from '../domain/ports.ts';
import { civilDate } from '../domain/time.ts';
import type { Reason, SectionCircumstances } from '../domain/preview.ts';
import { type Span, civilPeriod } from '../domain/civil-period.ts';
import { type StatementPhrases, namedIn, quotedIn } from './statement-phrases.ts';

/** A circumstance as it stood when a settlement was computed, with the journal entries of its acts. */
export type KnownCircumstance = Circumstance & { state: CircumstanceState; acts: number[] };

/**
 * The circumstances that the settlement of one period reads: those of the agreement's sections that reach into it and were not
 * withdrawn, as the acts up to a journal position left them; without a position, as they stand. Throws E_BAD_REQUEST for no period.
 */
export async function circumstancesFor(
  agreement: Pick<Agreement, 'sections'>,
  period: string,
  from: { store: CircumstanceStore; timeZone: string; asOfSeq?: number },
): Promise<KnownCircumstance[]> {
  const { store, timeZone, asOfSeq } = from;
  const { beginS, endS } = civilPeriod(period, timeZone);
  const sections = new Set(agreement.sections.map(({ section }) => section));
  const stored = await store.list({
    window: { fromS: beginS, toS: endS },
    ...(asOfSeq === undefined ? {} : { asOfSeq }),
  });
  return stored
    .filter(({ state, section }) => state !== 'withdrawn' && sections.has(section))
    .map(({ steps, ...one }) => ({ ...one, acts: steps.map(({ seq }) => seq) }));
}

/** What decided circumstances leave of one series. `samples`: values that stand in where nothing was measured. */
export interface DecidedSeries {
  columns: SeriesColumns | undefined;
  /** Neither counted nor expected. */
  exempt: Span[];
  samples: number;
  took: { id: string; readings: number }[];
}

/** The circumstance as it concerns one parameter; null where it does not. */
function onParameter(one: KnownCircumstance, parameter: string): Circumstance | null {
  if (one.items.length > 0 && !one.items.includes(parameter)) return null;
  if (one.effect !== 'replace-by-make-up-sample') return { ...one, items: [parameter] };
  const value = one.makeUp?.values[parameter];
  if (one.makeUp === undefined || value === undefined) return null;
  return { ...one, items: [parameter], makeUp: { ...one.makeUp, values: { [parameter]: value } } };
}

/** One series as decided: without what a decision took out, with the values of make-up samples. The series given is not changed. */
export function decidedSeries(
  columns: SeriesColumns | undefined,
  of: { section: string; parameter: string; provider: string; monthly: boolean; timeZone: string },
  circumstances: readonly KnownCircumstance[],
): DecidedSeries {
  const relevant = circumstances.flatMap((one) => onParameter(one, of.parameter) ?? []);
  const none = { columns, exempt: [], samples: 0, took: [] };
  if (relevant.length === 0) return none;
  const method = of.monthly ? ('manual' as const) : ('automatic' as const);
  const empty = { timeS: new Float64Array(0), value: new Float64Array(0), flags: new Uint16Array(0) };
  const { timeS, value, flags } = columns ?? empty;
  const series = [{ parameter: of.parameter, timeS, value, flags }];
  const source = { provider: of.provider, method, network: null, cadenceS: null, series };
  const { sources, applied } = applyCircumstances(of.section, [source], relevant, of.timeZone);
  const spans = new Map(relevant.map((one) => [one.id, spanIn(one, method, of.timeZone)]));
  const took = applied.filter(({ id }) => spans.get(id) !== null);
  const exempt = took.flatMap(({ id, readings, effect }): Span[] => {
    const { fromS: beginS, toS: endS } = spans.get(id)!;
    return effect === 'replace-by-make-up-sample' && readings > 0 ? [] : [{ beginS, endS }];
  });
  const all = sources.flatMap((one) => one.series);
  const columnsOf = (name: 'timeS' | 'value' | 'flags'): number[] => all.flatMap((one) => [...one[name]]);
  const key = columns?.key ?? {
    station: of.section,
    parameter: of.parameter,
    averaging: of.monthly ? ('P1M' as const) : ('instant' as const),
    provider: of.provider,
  };
  const decided: SeriesColumns = {
    key,
    timeS: Float64Array.from(columnsOf('timeS')),
    value: Float64Array.from(columnsOf('value')),
    flags: Uint16Array.from(columnsOf('flags')),
  };
  return {
    columns: decided,
    exempt,
    samples: sources.length - 1,
    took: took.map(({ id, readings }) => ({ id, readings })),
  };
}

/** The same times, each once and in order. */
export function merged(spans: readonly Span[]): Span[] {
  const found: Span[] = [];
  for (const span of spans.toSorted((a, b) => a.beginS - b.beginS)) {
    const last = found.at(-1);
    if (last === undefined || span.beginS > last.endS) found.push({ ...span });
    else last.endS = Math.max(last.endS, span.endS);
  }
  return found;
}

/** Whether spans leave nothing of a period. */
export const coverWhole = (spans: readonly Span[], period: Span): boolean =>
  merged(spans).some((one) => one.beginS <= period.beginS && period.endS <= one.endS);

/** `dry` where a decision says that there was no water through the whole period; null: nothing is said. */
export function stateOf(circumstances: readonly KnownCircumstance[], period: Span): 'dry' | null {
  const dry = circumstances.filter(
    ({ kind, effect, items, decidedBy, documentNumber }) =>
      kind === 'dry-channel' &&
      effect === 'exclude-interval' &&
      items.length === 0 &&
      decidedBy !== null &&
      documentNumber !== null,
  );
  return coverWhole(
    dry.map(({ fromS, toS }) => ({ beginS: fromS, endS: toS })),
    period,
  )
    ? 'dry'
    : null;
}

export const effectTexts: Readonly<Record<Circumstance['effect'], Text>> = {
  none: { zh: '不产生影响', en: 'has no effect' },
  'exclude-interval': { zh: '剔除该时段', en: 'leaves the interval out' },
  'exclude-item': { zh: '剔除该项目', en: 'leaves the items out' },
  'replace-by-make-up-sample': { zh: '以补测样品替代', en: 'is replaced by a make-up sample' },
  hold: { zh: '暂缓', en: 'waits' },
};

/** In what zone and by what names circumstances are told. */
export interface Telling {
  timeZone: string;
  phrases: StatementPhrases;
}

function textOf(
  one: KnownCircumstance,
  readings: Record<string, number>,
  { timeZone, phrases }: Telling,
): Text {
  const [from, to] = [civilDate(one.fromS, timeZone), civilDate(one.toS - 1, timeZone)];
  const name = circumstanceNames[one.kind];
  const effect = effectTexts[one.effect];
  const counts = (language: Language): string[] =>
    Object.entries(readings).map(([parameter, count]) => `${namedIn(phrases, parameter, language)} ${count}`);
  const taken: Text =
    Object.keys(readings).length === 0
      ? {
          zh: '对所采用的数据无影响（月值不可拆分）',
          en: 'no effect on the data used: a monthly value cannot be split',
        }
      : { zh: `涉及读数：${counts('zh').join('、')}`, en: `readings: ${counts('en').join(', ')}` };
  return {
    zh: `特殊情形认定（${name.zh}，${from}至${to}，${one.decidedBy ?? ''}${one.documentNumber ?? ''}）：${effect.zh}；${taken.zh}。`,
    en: `Special circumstance (${name.en}, ${from} to ${to}, ${quotedIn(phrases, one.decidedBy ?? '', 'en')} ${quotedIn(phrases, one.documentNumber ?? '', 'en')}) ${effect.en}; ${taken.en}.`,
  };
}

/** What is said of a section's circumstances. `tookBy`: by parameter, what each of them took. */
export function circumstancesOf(
  section: string,
  circumstances: readonly KnownCircumstance[],
  tookBy: ReadonlyMap<string, readonly { id: string; readings: number }[]>,
  telling: Telling,
): SectionCircumstances {
  const { applied, ignored, held } = applyCircumstances(section, [], circumstances, telling.timeZone);
  return {
    applied: applied.map(({ id }) => {
      const one = circumstances.find((known) => known.id === id)!;
      const { kind, effect, decidedBy, documentNumber, acts } = one;
      const readings = Object.fromEntries(
        [...tookBy].flatMap(([parameter, took]) =>
          took.filter((entry) => entry.id === id).map((entry) => [parameter, entry.readings]),
        ),
      );
      return {
        id,
        kind,
        effect,
        decidedBy,
        documentNumber,
        acts,
        readings,
        text: textOf(one, readings, telling),
      };
    }),
    ignored,
    held: held.map(({ id }) => id),
  };
}

/** Why a section has no result while a circumstance waits for its decision. */
export function heldReason(ids: readonly string[]): Reason {
  const list = ids.join(', ');
  return {
    code: 'circumstance-on-hold',
    text: { zh: `特殊情形认定暂缓：${list}`, en: `a special circumstance is on hold: ${list}` },
  };
}
