import type { Text } from '../domain/config/facts.ts';
import type { Agreement } from '../domain/config/region.ts';
import type { Scheme } from '../domain/config/scheme.ts';
import type { Period } from '../domain/civil-period.ts';

export const marking: Text = {
  zh: '试算·未经审核·不作结算依据',
  en: 'Trial computation on unreviewed data; no basis for settlement',
};

export const reviewedMarking: Text = {
  zh: '试算·不作结算依据',
  en: 'Trial computation; no basis for settlement',
};

/** What a reader of a trial must know beside its figures. */
export function remarksOf(
  basis: { agreement: Agreement; scheme: Scheme; classItems: readonly string[] },
  period: Period,
  over: boolean,
): Text[] {
  const { agreement } = basis;
  const remarks: Text[] = [...basis.scheme.notes];
  if (agreement.scenario) {
    remarks.push({
      zh: '情景试算：双方未签订该协议。',
      en: 'A scenario: no such agreement has been signed.',
    });
  }
  for (const { input, section, value, unit, period: only, provenance } of agreement.given ?? []) {
    if (only !== undefined && only !== period.id) continue;
    const figure = `${section === undefined ? '' : `${section} `}${input} = ${JSON.stringify(value)}${unit === null ? '' : ` ${unit}`}`;
    const assumed = provenance.confidence === 'assumed';
    remarks.push({
      zh: `${assumed ? '演示用假定' : '协议约定'}：${figure}（${provenance.source}）`,
      en: `${assumed ? 'Assumed for demonstration' : 'Stated in the agreement'}: ${figure} (${provenance.source})`,
    });
  }
  if (!over) {
    remarks.push({
      zh: `${period.id} 尚未结束：按截至目前应有的数据计算覆盖率。`,
      en: `${period.id} is not over: coverage counts the readings due so far.`,
    });
  }
  const items = basis.classItems.join(', ');
  remarks.push({
    zh: `水质类别仅依据自动监测项目：${items}。`,
    en: `The class rests on the automatically measured items alone: ${items}.`,
  });
  return remarks;
}
