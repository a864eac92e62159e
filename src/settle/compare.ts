import type { Agreement } from '../domain/config/region.ts';
import { MonitorError } from '../domain/errors.ts';
import type { ReadingStore } from '../domain/ports.ts';
import type { SettlementFacts } from './facts.ts';
import { civilPeriod, isWeek } from './period.ts';
import { type Preview, type PreviewRequest, previewAgreement } from './preview.ts';

/** One scheme over one period: what it would come to. `netFen` above zero: the protecting side receives. */
export interface ComparedCell {
  scheme: string;
  period: string;
  status: Preview['status'] | 'not-applicable';
  reason: string | null;
  netFen: string | null;
}

export interface CompareRequest {
  agreement: Agreement;
  schemes: readonly string[];
  periods: readonly string[];
  readings: Pick<ReadingStore, 'series'>;
  config: SettlementFacts;
  nowS: number;
}

function netOf(preview: Preview, protecting: string): string | null {
  if (preview.status !== 'assessed' && preview.status !== 'assessed-zero') return null;
  let fen = 0n;
  for (const line of preview.lines) {
    if (line.to.code === protecting) fen += BigInt(line.amountFen);
    if (line.from.code === protecting) fen -= BigInt(line.amountFen);
  }
  return fen.toString();
}

/** One period tried: not by this scheme is `not-applicable`. */
export async function trial(
  of: Omit<PreviewRequest, 'period' | 'asOfSeq'>,
  period: string,
): Promise<ComparedCell> {
  const { scheme, parties } = of.agreement;
  try {
    const preview = await previewAgreement({ ...of, period });
    const { status, reason } = preview;
    return {
      scheme,
      period,
      status,
      reason: reason?.text.zh ?? null,
      netFen: netOf(preview, parties.protecting),
    };
  } catch (cause) {
    if (!(cause instanceof MonitorError) || cause.code !== 'E_BAD_REQUEST') throw cause;
    return { scheme, period, status: 'not-applicable', reason: cause.message, netFen: null };
  }
}

/**
 * Runs schemes over periods of the stored readings side by side: a trial, period by period. A scheme that is not computed by such
 * periods is `not-applicable` with the reason; terms of the agreement and of the schemes do not count, since this asks "what if".
 */
export async function compareSchemes(request: CompareRequest): Promise<ComparedCell[]> {
  const { agreement, config } = request;
  const cells: ComparedCell[] = [];
  for (const scheme of request.schemes) {
    if (!config.schemes.some((one) => one.id === scheme)) {
      const known = config.schemes.map((one) => one.id).join(', ');
      throw new MonitorError('E_NOT_FOUND', `no scheme "${scheme}" (known: ${known})`);
    }
    const varied = { ...agreement, scheme, term: { from: '0001-01-01', to: '9999-12-31' } };
    const { readings, nowS } = request;
    for (const period of request.periods)
      cells.push(await trial({ agreement: varied, config, readings, nowS }, period));
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
