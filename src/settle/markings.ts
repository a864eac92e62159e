import type { Text } from '../domain/config/facts.ts';
import type { Agreement } from '../domain/config/region.ts';

/** What has to stand beside every amount of an agreement that is not one to be paid on; empty for a signed one on real data. */
export function markingsOf(agreement: Agreement, synthetic: boolean): Text[] {
  const markings: Text[] = [];
  if (synthetic)
    markings.push({ zh: '模拟数据：并非真实监测结果', en: 'Synthetic data: not real measurements' });
  if (agreement.scenario) {
    markings.push({
      zh: '演示情景：双方未签订该协议，不产生支付义务',
      en: 'Demonstration: no such agreement has been signed; nothing is payable',
    });
  }
  if (agreement.dataSource.assumedReviewed !== undefined) {
    markings.push({
      zh: `演示用假定：未经审核的数据按已审核处理（${agreement.dataSource.assumedReviewed.source}）`,
      en: `Assumed for demonstration: unreviewed data are taken as reviewed (${agreement.dataSource.assumedReviewed.source})`,
    });
  }
  return markings;
}
