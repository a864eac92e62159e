import type { Agreement } from '../domain/config/region.ts';
import { decimalOf } from '../domain/decimal.ts';
import { noSection } from '../domain/settlement.ts';
import type { PreviewLine } from '../domain/preview.ts';
import type { SettlementFacts } from './facts.ts';

/** Lines of a period that no reading changes: what a superior government adds. They count in no net between the parties. */
export function unconditionalLines(
  agreement: Agreement,
  period: string,
  facts: Pick<SettlementFacts, 'jurisdictions'>,
): PreviewLine[] {
  const lines = agreement.unconditional ?? [];
  return lines
    .filter((one) => one.periods.includes(period))
    .map(({ id, from, to, amountWan }) => {
      const code = agreement.parties[to];
      const name = facts.jurisdictions.find((one) => one.code === code)?.name ?? { zh: code, en: code };
      return {
        section: noSection,
        from,
        to: { code, name },
        amountWan,
        amountFen: decimalOf(amountWan).times(1_000_000).toFixed(0),
        basis: 'unconditional',
        step: 'unconditional',
        place: `unconditional:${id}`,
        dependsOn: [],
      };
    });
}
