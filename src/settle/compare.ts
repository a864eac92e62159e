import type { Text } from '../domain/config/facts.ts';
import type { Agreement } from '../domain/config/region.ts';
import { MonitorError } from '../domain/errors.ts';
import type { ReadingStore } from '../domain/ports.ts';
import type { Plain, Preview } from '../domain/preview.ts';
import { noSection } from '../domain/settlement.ts';
import type { KnownCircumstance } from './circumstances.ts';
import type { SettlementFacts } from './facts.ts';
import { civilPeriod, isWeek } from '../domain/civil-period.ts';
import { type PreviewRequest, previewAgreement } from './preview.ts';

/** A result of a rule at one section that is no money: a grade, an index. */
export type ComparedFigure = { section: Text; figure: string; value: Plain };

/** One scheme over one period: what it would come to. `netFen` above zero: the protecting side receives. */
export interface ComparedCell {
  scheme: string;
  schemeName: Text;
  period: string;
  status: Preview['status'] | 'not-applicable';
  /** Why there is no result; null where there is one. */
  reason: Text | null;
  netFen: string | null;
  /** What the rule comes to by section; empty without a result. */
  figures: ComparedFigure[];
  /** Agreement or scenario whose stated figures it takes, where they are another's. */
  statedBy: string | null;
}

/** Where trials find the circumstances of a period as they stand; absent: none are looked at. */
export type CircumstancesOf = (period: string) => Promise<readonly KnownCircumstance[]>;

export interface CompareRequest {
  agreement: Agreement;
  schemes: readonly string[];
  periods: readonly string[];
  readings: Pick<ReadingStore, 'series'>;
  config: SettlementFacts;
  nowS: number;
  circumstancesOf?: CircumstancesOf;
}

const hasResult = ({ status }: Preview): boolean => status === 'assessed' || status === 'assessed-zero';

/** Lines of the rule of which none concerns a party of the agreement: an amount, but not between these two. */
function strangersReason({ lines }: Preview, { parties }: Agreement): Text | null {
  const own = new Set<string | null>([parties.protecting, parties.benefiting]);
  const ruled = lines.filter(({ section }) => section !== noSection);
  const [first] = ruled;
  if (first === undefined || ruled.some(({ from, to }) => own.has(from.code) || own.has(to.code)))
    return null;
  return {
    zh: `该办法的款项由${first.from.name.zh}付给${first.to.name.zh}，均非协议双方`,
    en: `the money of this scheme goes from ${first.from.name.en} to ${first.to.name.en}, neither of them a party`,
  };
}

function netOf({ lines }: Preview, protecting: string): string {
  let fen = 0n;
  for (const line of lines) {
    if (line.to.code === protecting) fen += BigInt(line.amountFen);
    if (line.from.code === protecting) fen -= BigInt(line.amountFen);
  }
  return fen.toString();
}

/** One period tried: not by this scheme is `not-applicable`, and so is money between others. */
export async function trial(
  of: Omit<PreviewRequest, 'period' | 'asOfSeq' | 'circumstances'> & Pick<CompareRequest, 'circumstancesOf'>,
  period: string,
): Promise<ComparedCell> {
  const { agreement, config, circumstancesOf } = of;
  const { scheme, parties } = agreement;
  const schemeName = config.schemes.find((one) => one.id === scheme)?.name ?? { zh: scheme, en: scheme };
  const head = { scheme, schemeName, period, statedBy: null };
  const none = (reason: Text): ComparedCell => ({
    ...head,
    status: 'not-applicable',
    reason,
    netFen: null,
    figures: [],
  });
  try {
    const circumstances = await circumstancesOf?.(period);
    const known = circumstances === undefined ? {} : { circumstances };
    const preview = await previewAgreement({ ...of, ...known, period });
    const { status, reason } = preview;
    if (!hasResult(preview))
      return { ...head, status, reason: reason?.text ?? null, netFen: null, figures: [] };
    const strangers = strangersReason(preview, agreement);
    if (strangers !== null) return none(strangers);
    const figures = preview.sections.flatMap(({ name, figures: own }) =>
      Object.entries(own).map(([figure, value]) => ({ section: name, figure, value })),
    );
    return { ...head, status, reason: null, netFen: netOf(preview, parties.protecting), figures };
  } catch (cause) {
    if (!(cause instanceof MonitorError) || cause.code !== 'E_BAD_REQUEST') throw cause;
    return none(wrongPeriod(config, scheme, cause.message));
  }
}

const kinds: Readonly<Record<string, string>> = { week: '周', month: '月', quarter: '季', year: '年' };

/** A period that the scheme is not computed by, in words; anything else as it was refused. */
function wrongPeriod({ schemes }: SettlementFacts, id: string, message: string): Text {
  const kind = schemes.find((one) => one.id === id)?.period ?? 'any';
  return kind === 'any'
    ? { zh: message, en: message }
    : { zh: `该办法按${kinds[kind] ?? kind}核算`, en: message };
}

/** Whether two agreements are between the same sides and over the same sections. */
function sameSubject(one: Agreement, other: Agreement): boolean {
  const of = ({ parties, sections }: Agreement): string =>
    JSON.stringify([
      parties.protecting,
      parties.benefiting,
      sections.map(({ section }) => section).toSorted(),
    ]);
  return of(one) === of(other);
}

/**
 * Runs schemes over periods of the stored readings side by side: a trial, period by period. A scheme that is not computed by such
 * periods is `not-applicable` with the reason; terms of the agreement and of the schemes do not count, since this asks "what if".
 * What a scheme needs beside readings is what the agreement states, or another of the same sides and sections that names this scheme.
 */
export async function compareSchemes(request: CompareRequest): Promise<ComparedCell[]> {
  const { agreement, periods, schemes, ...from } = request;
  const cells: ComparedCell[] = [];
  for (const scheme of schemes) {
    if (!from.config.schemes.some((one) => one.id === scheme)) {
      const known = from.config.schemes.map((one) => one.id).join(', ');
      throw new MonitorError('E_NOT_FOUND', `no scheme "${scheme}" (known: ${known})`);
    }
    const stating =
      agreement.scheme === scheme
        ? undefined
        : from.config.agreements.find((one) => one.scheme === scheme && sameSubject(one, agreement));
    const { given, flow } = stating ?? agreement;
    const { given: _given, flow: _flow, ...terms } = agreement;
    const varied: Agreement = {
      ...terms,
      scheme,
      term: { from: '0001-01-01', to: '9999-12-31' },
      ...(given === undefined ? {} : { given }),
      ...(flow === undefined ? {} : { flow }),
    };
    for (const period of periods)
      cells.push({ ...(await trial({ agreement: varied, ...from }, period)), statedBy: stating?.id ?? null });
  }
  return cells;
}

/** Weeks, months, quarters or years from one period to another, both included. Throws E_BAD_REQUEST for two kinds or a reversed range. */
export function periodsBetween(from: string, to: string): string[] {
  if (from.includes('W') && to.includes('W')) return weeksBetween(from, to);
  const read = (text: string): { kind: string; at: number; steps: number } => {
    const [, year = '', month, quarter] = /^(\d{4})(?:-(\d{2})|-Q([1-4]))?$/.exec(text) ?? [];
    if (year === '') throw new MonitorError('E_BAD_REQUEST', `not a period: "${text}"`);
    if (month !== undefined) return { kind: 'month', at: Number(year) * 12 + Number(month) - 1, steps: 12 };
    if (quarter !== undefined)
      return { kind: 'quarter', at: Number(year) * 4 + Number(quarter) - 1, steps: 4 };
    return { kind: 'year', at: Number(year), steps: 1 };
  };
  const [first, last] = [read(from), read(to)];
  if (first.kind !== last.kind || last.at < first.at || last.at - first.at > 1200)
    throw new MonitorError('E_BAD_REQUEST', `not a range of periods: ${from} to ${to}`);
  return Array.from({ length: last.at - first.at + 1 }, (_, index) => {
    const at = first.at + index;
    const year = String(Math.floor(at / first.steps)).padStart(4, '0');
    if (first.kind === 'year') return year;
    const part = (at % first.steps) + 1;
    return first.kind === 'month' ? `${year}-${String(part).padStart(2, '0')}` : `${year}-Q${part}`;
  });
}

/** Every week that exists from one to another. */
function weeksBetween(from: string, to: string): string[] {
  const [first, last] = [civilPeriod(from, 'UTC'), civilPeriod(to, 'UTC')];
  const weeks: string[] = [];
  for (let year = Number(from.slice(0, 4)); year <= Number(to.slice(0, 4)); year++)
    for (let week = 1; week <= 53; week++) {
      const id = `${String(year).padStart(4, '0')}-W${String(week).padStart(2, '0')}`;
      if (id >= first.id && id <= last.id && isWeek(id)) weeks.push(id);
    }
  if (weeks.length === 0) throw new MonitorError('E_BAD_REQUEST', `not a range of periods: ${from} to ${to}`);
  return weeks;
}
