import type { Text } from '../domain/config/facts.ts';
import type { Agreement } from '../domain/config/region.ts';
import type { Party } from '../domain/settlement.ts';
import { clauseText } from './clause-text.ts';
import { type Terms, schemeOf, varied } from './clauses.ts';
import { type CompareRequest, type ComparedCell, type ComparedFigure, trial } from './compare.ts';

type Side = Pick<ComparedCell, 'status' | 'reason' | 'netFen'>;

/** A result that is no money and comes out another: a grade. */
export interface ChangedFigure extends Omit<ComparedFigure, 'value'> {
  asAgreed: ComparedFigure['value'];
  varied: ComparedFigure['value'];
}

/** One period under the agreement as it is and with one clause varied. `differenceFen` null: one of the two has no result. */
export interface PricedPeriod {
  period: string;
  asAgreed: Side;
  varied: Side;
  /** Above zero: for the protecting side. */
  differenceFen: string | null;
  /** Of a scheme that pays nothing; empty where the scheme is about money. */
  changedFigures: ChangedFigure[];
}

/** What a clause is worth over all periods asked. */
export interface PricedClause {
  clause: string;
  /** What is another, in words. */
  text: Text;
  periods: PricedPeriod[];
  /** Periods that have a result both ways: what the totals are over. */
  comparedPeriods: number;
  /** Null: no period has a result both ways, or the scheme pays nothing; never zero for that. Above zero: for the protecting side. */
  totalFen: string | null;
  asAgreedFen: string | null;
  variedFen: string | null;
  /** Whom the variation favours; null: nobody. */
  favours: Party | null;
  changedPeriods: number;
  changedYears: string[];
  /** Periods that have a result one way and none the other, and those without any. */
  gained: string[];
  lost: string[];
  open: string[];
}

export interface PriceRequest extends Omit<CompareRequest, 'schemes'> {
  clauses: readonly string[];
}

async function cellsOf(request: PriceRequest, terms: Terms): Promise<ComparedCell[]> {
  const { readings, nowS, circumstancesOf } = request;
  const known =
    terms.withoutCircumstances === true || circumstancesOf === undefined ? {} : { circumstancesOf };
  const cells: ComparedCell[] = [];
  for (const period of request.periods)
    cells.push(await trial({ ...terms, readings, nowS, ...known }, period));
  return cells;
}

const short = ({ status, reason, netFen }: ComparedCell): Side => ({ status, reason, netFen });

const sumOf = (periods: readonly PricedPeriod[], of: (one: PricedPeriod) => string | null): string | null =>
  periods.length === 0 ? null : periods.reduce((sum, one) => sum + BigInt(of(one) ?? '0'), 0n).toString();

function changedFigures(before: ComparedCell, after: ComparedCell): ChangedFigure[] {
  const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);
  return after.figures.flatMap(({ section, figure, value }) => {
    const was = before.figures.find((one) => one.figure === figure && same(one.section, section));
    return was === undefined || same(was.value, value)
      ? []
      : [{ section, figure, asAgreed: was.value, varied: value }];
  });
}

function partyOf(code: string, { jurisdictions }: PriceRequest['config']): Party {
  return { code, name: jurisdictions.find((one) => one.code === code)?.name ?? { zh: code, en: code } };
}

function priced(
  told: Pick<PricedClause, 'clause' | 'text'>,
  request: PriceRequest,
  pairs: readonly [ComparedCell, ComparedCell][],
): PricedClause {
  const { agreement, config } = request;
  const method = schemeOf(request).method;
  const periods = pairs.map(([before, after]): PricedPeriod => {
    const both = before.netFen !== null && after.netFen !== null;
    return {
      period: before.period,
      asAgreed: short(before),
      varied: short(after),
      differenceFen: both && !method ? (BigInt(after.netFen!) - BigInt(before.netFen!)).toString() : null,
      changedFigures: method && both ? changedFigures(before, after) : [],
    };
  });
  const compared = periods.filter(
    ({ asAgreed, varied: other }) => asAgreed.netFen !== null && other.netFen !== null,
  );
  const changed = compared.filter((one) =>
    method ? one.changedFigures.length > 0 : one.differenceFen !== '0',
  );
  const paid = method ? [] : compared;
  const totalFen = sumOf(paid, (one) => one.differenceFen);
  const total = BigInt(totalFen ?? '0');
  const { protecting, benefiting } = agreement.parties;
  const idsOf = (is: (before: boolean, after: boolean) => boolean): string[] =>
    periods.flatMap(({ period, asAgreed, varied: other }) =>
      is(asAgreed.netFen !== null, other.netFen !== null) ? [period] : [],
    );
  return {
    ...told,
    periods,
    comparedPeriods: compared.length,
    totalFen,
    asAgreedFen: sumOf(paid, (one) => one.asAgreed.netFen),
    variedFen: sumOf(paid, (one) => one.varied.netFen),
    favours: total === 0n ? null : partyOf(total > 0n ? protecting : benefiting, config),
    changedPeriods: changed.length,
    changedYears: [...new Set(changed.map((one) => one.period.slice(0, 4)))],
    gained: idsOf((before, after) => !before && after),
    lost: idsOf((before, after) => before && !after),
    open: idsOf((before, after) => !before && !after),
  };
}

/**
 * Varies each clause alone over all periods of the stored readings: how much, for whom, in how many periods and years. A trial; the
 * term does not count. Throws E_BAD_REQUEST for a clause that the agreement or its scheme does not have.
 */
export async function priceClauses(request: PriceRequest): Promise<PricedClause[]> {
  const { config, readings, nowS } = request;
  const agreement: Agreement = { ...request.agreement, term: { from: '0001-01-01', to: '9999-12-31' } };
  const terms: Terms = { agreement, config, exempt: [] };
  const variations: { told: Pick<PricedClause, 'clause' | 'text'>; terms: Terms }[] = [];
  for (const clause of request.clauses) {
    const other = await varied(clause, { terms, readings, nowS });
    variations.push({ told: { clause, text: clauseText(clause, terms, other) }, terms: other });
  }
  const before = await cellsOf(request, terms);
  const clauses: PricedClause[] = [];
  for (const { told, terms: other } of variations) {
    const after = await cellsOf(request, other);
    clauses.push(
      priced(
        told,
        request,
        before.map((cell, at) => [cell, after[at]!]),
      ),
    );
  }
  return clauses;
}
