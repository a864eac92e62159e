import type { Agreement } from '../domain/config/region.ts';
import type { ReadingStore } from '../domain/ports.ts';
import { type Terms, varied } from './clauses.ts';
import { type ComparedCell, trial } from './compare.ts';
import type { SettlementFacts } from './facts.ts';

/** One period under the agreement as it is and with one clause varied. `differenceFen` null: one of the two has no result. */
export interface PricedPeriod {
  period: string;
  asAgreed: Pick<ComparedCell, 'status' | 'reason' | 'netFen'>;
  varied: Pick<ComparedCell, 'status' | 'reason' | 'netFen'>;
  /** Above zero: for the protecting side. */
  differenceFen: string | null;
}

/** What a clause is worth over all periods asked. */
export interface PricedClause {
  clause: string;
  periods: PricedPeriod[];
  /** Sum over the periods that have a result both ways; above zero: for the protecting side. */
  totalFen: string;
  /** Jurisdiction whom the variation favours; null: nobody. */
  favours: string | null;
  changedPeriods: number;
  changedYears: string[];
  /** Periods that have a result one way and none the other. */
  gained: string[];
  lost: string[];
}

export interface PriceRequest {
  agreement: Agreement;
  clauses: readonly string[];
  periods: readonly string[];
  readings: Pick<ReadingStore, 'series'>;
  config: SettlementFacts;
  nowS: number;
}

async function cellsOf(request: PriceRequest, terms: Terms): Promise<ComparedCell[]> {
  const { readings, nowS } = request;
  const cells: ComparedCell[] = [];
  for (const period of request.periods) cells.push(await trial({ ...terms, readings, nowS }, period));
  return cells;
}

function priced(
  clause: string,
  agreement: Agreement,
  pairs: readonly [ComparedCell, ComparedCell][],
): PricedClause {
  const periods = pairs.map(([before, after]): PricedPeriod => {
    const both = before.netFen !== null && after.netFen !== null;
    const short = ({ status, reason, netFen }: ComparedCell) => ({ status, reason, netFen });
    return {
      period: before.period,
      asAgreed: short(before),
      varied: short(after),
      differenceFen: both ? (BigInt(after.netFen!) - BigInt(before.netFen!)).toString() : null,
    };
  });
  const changed = periods.filter((one) => one.differenceFen !== null && one.differenceFen !== '0');
  const total = changed.reduce((sum, one) => sum + BigInt(one.differenceFen!), 0n);
  const { protecting, benefiting } = agreement.parties;
  return {
    clause,
    periods,
    totalFen: total.toString(),
    favours: total === 0n ? null : total > 0n ? protecting : benefiting,
    changedPeriods: changed.length,
    changedYears: [...new Set(changed.map((one) => one.period.slice(0, 4)))],
    gained: periods
      .filter((one) => one.asAgreed.netFen === null && one.varied.netFen !== null)
      .map((one) => one.period),
    lost: periods
      .filter((one) => one.asAgreed.netFen !== null && one.varied.netFen === null)
      .map((one) => one.period),
  };
}

/**
 * Varies each clause alone over all periods of the stored readings: how much, for whom, in how many periods and years. A trial; the
 * term does not count. Throws E_BAD_REQUEST for a clause that the agreement or its scheme does not have.
 */
export async function priceClauses(request: PriceRequest): Promise<PricedClause[]> {
  const { config, readings, nowS } = request;
  const agreement = { ...request.agreement, term: { from: '0001-01-01', to: '9999-12-31' } };
  const terms: Terms = { agreement, config, exempt: [] };
  const variations: { clause: string; terms: Terms }[] = [];
  for (const clause of request.clauses)
    variations.push({ clause, terms: await varied(clause, { terms, readings, nowS }) });
  const before = await cellsOf(request, terms);
  const clauses: PricedClause[] = [];
  for (const { clause, terms: other } of variations) {
    const after = await cellsOf(request, other);
    clauses.push(
      priced(
        clause,
        agreement,
        before.map((cell, at) => [cell, after[at]!]),
      ),
    );
  }
  return clauses;
}
