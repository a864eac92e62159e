import type { Text } from '../domain/config/facts.ts';
import type { Agreement } from '../domain/config/region.ts';
import type { Scheme } from '../domain/config/scheme.ts';
import type { Period } from '../domain/civil-period.ts';
import { civilDate } from '../domain/time.ts';
import { confidenceNames } from '../analysis/assessment/water-facts.ts';
import { figureText } from './figure-text.ts';

export const marking: Text = {
  zh: '试算·未经审核·不作结算依据',
  en: 'Trial computation on unreviewed data; no basis for settlement',
};

export const reviewedMarking: Text = {
  zh: '试算·不作结算依据',
  en: 'Trial computation; no basis for settlement',
};

/** Figures of the rule that no published page confirms, by how sure they are; what the agreement states in their place is left out. */
function unconfirmedFigures({ agreement, scheme }: { agreement: Agreement; scheme: Scheme }): Text[] {
  const stated = new Set(agreement.given?.map(({ input }) => input));
  const open = scheme.figures.filter(
    ({ figure, provenance }) => provenance.confidence !== 'confirmed' && !stated.has(figure),
  );
  return [...Map.groupBy(open, ({ provenance }) => provenance.confidence)].map(([confidence, figures]) => {
    const listed = figures.map((one) => `${one.figure} = ${figureText(one)}`).join('; ');
    const { zh, en } = confidenceNames[confidence] ?? { zh: confidence, en: confidence };
    return { zh: `办法数值（${zh}）：${listed}`, en: `Figures of the scheme (${en}): ${listed}` };
  });
}

/** A period outside the dates for which this edition of the scheme holds: none for one that lies within. */
function outOfForce({ valid, id }: Scheme, period: Period, timeZone: string): Text[] {
  const [first, last] = [civilDate(period.beginS, timeZone), civilDate(period.endS - 1, timeZone)];
  if ((valid.from === null || valid.from <= first) && (valid.to === null || valid.to >= last)) return [];
  const [from, to] = [valid.from ?? '…', valid.to ?? '…'];
  return [
    {
      zh: `${id} 适用于 ${from} 至 ${to}，${period.id} 不在其适用期内。`,
      en: `${id} is in force from ${from} to ${to}; ${period.id} lies outside.`,
    },
  ];
}

/** What a reader of a trial must know beside its figures. */
export function remarksOf(
  basis: { agreement: Agreement; scheme: Scheme; classItems: readonly string[] },
  { period, over, timeZone }: { period: Period; over: boolean; timeZone: string },
): Text[] {
  const { agreement, scheme } = basis;
  const remarks: Text[] = [
    ...scheme.notes,
    ...unconfirmedFigures(basis),
    ...outOfForce(scheme, period, timeZone),
  ];
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
