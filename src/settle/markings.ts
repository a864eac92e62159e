import { quoted } from '../analysis/liability/phrases.ts';
import type { Text } from '../domain/config/facts.ts';
import type { Agreement } from '../domain/config/region.ts';

/**
 * What has to stand beside every amount of an agreement that is not one to be paid on; empty for a signed one on real data. `quote`:
 * how a source in another language is told; statements of before schemes had words have it as it stands.
 */
export function markingsOf(agreement: Agreement, synthetic: boolean, quote = quoted): Text[] {
  const markings: Text[] = [];
  if (synthetic)
    markings.push({ zh: '模拟数据：并非真实监测结果', en: 'Synthetic data: not real measurements' });
  if (agreement.scenario) {
    markings.push({
      zh: '演示情景：双方未签订该协议，不产生支付义务',
      en: 'Demonstration: no such agreement has been signed; nothing is payable',
    });
  }
  const { assumedReviewed } = agreement.dataSource;
  if (assumedReviewed !== undefined) {
    const { source } = assumedReviewed;
    markings.push({
      zh: `演示用假定：未经审核的数据按已审核处理（${quote(source, 'zh')}）`,
      en: `Assumed for demonstration: unreviewed data are taken as reviewed (${quote(source, 'en')})`,
    });
  }
  return markings;
}
