import { type Language, type Phrases, measured } from '../analysis/liability/phrases.ts';
import type { Text } from '../domain/config/facts.ts';
import type { Agreement } from '../domain/config/region.ts';
import type { Scheme } from '../domain/config/scheme.ts';
import type { Period } from '../domain/civil-period.ts';
import { civilDate } from '../domain/time.ts';
import { confidenceNames } from '../analysis/assessment/water-facts.ts';

export const marking: Text = {
  zh: '试算·未经审核·不作结算依据',
  en: 'Trial computation on unreviewed data; no basis for settlement',
};

export const reviewedMarking: Text = {
  zh: '试算·不作结算依据',
  en: 'Trial computation; no basis for settlement',
};

/** Figures of the rule that no published page confirms, by how sure they are; what the agreement states in their place is left out. */
function unconfirmedFigures(
  { agreement, scheme }: { agreement: Agreement; scheme: Scheme },
  phrases: Record<Language, Phrases>,
): Text[] {
  const stated = new Set(agreement.given?.map(({ input }) => input));
  const open = scheme.figures.filter(
    ({ figure, provenance }) => provenance.confidence !== 'confirmed' && !stated.has(figure),
  );
  return [...Map.groupBy(open, ({ provenance }) => provenance.confidence)].map(([confidence, figures]) => {
    const listed = (language: Language): string => {
      const { name, unit, value } = phrases[language];
      const told = figures.map(
        ({ figure, value: figureValue }) =>
          `${measured(name(figure), unit(figure), language)} = ${value(figureValue)}`,
      );
      return told.join(language === 'zh' ? '；' : '; ');
    };
    const { zh, en } = confidenceNames[confidence] ?? { zh: confidence, en: confidence };
    return { zh: `办法数值（${zh}）：${listed('zh')}`, en: `Figures of the scheme (${en}): ${listed('en')}` };
  });
}

/** A period outside the dates for which this edition of the scheme holds: none for one that lies within. */
function outOfForce({ valid, name }: Scheme, period: Period, timeZone: string): Text[] {
  const [first, last] = [civilDate(period.beginS, timeZone), civilDate(period.endS - 1, timeZone)];
  if ((valid.from === null || valid.from <= first) && (valid.to === null || valid.to >= last)) return [];
  const [from, to] = [valid.from ?? '…', valid.to ?? '…'];
  return [
    {
      zh: `${name.zh}适用于 ${from} 至 ${to}，${period.id} 不在其适用期内。`,
      en: `${name.en} is in force from ${from} to ${to}; ${period.id} lies outside.`,
    },
  ];
}

type Given = NonNullable<Agreement['given']>[number];

/** What an agreement states itself, with how sure it is. */
function givenText(given: Given, phrases: Record<Language, Phrases> | null): Text {
  const { input, section, value, unit, provenance } = given;
  const said = (language: Language): string => {
    const known = phrases?.[language];
    if (known === undefined) {
      const place = section === undefined ? '' : `${section} `;
      return `${place}${input} = ${JSON.stringify(value)}${unit === null ? '' : ` ${unit}`}`;
    }
    const place = section === undefined ? '' : `${known.name(section)} `;
    const shown = known.unit(input) || known.quote(unit ?? '');
    return `${place}${known.name(input)} = ${known.value(value)}${shown === '' ? '' : ` ${shown}`}`;
  };
  const source = (language: Language): string =>
    phrases?.[language].quote(provenance.source) ?? provenance.source;
  const assumed = provenance.confidence === 'assumed';
  return {
    zh: `${assumed ? '演示用假定' : '协议约定'}：${said('zh')}（${source('zh')}）`,
    en: `${assumed ? 'Assumed for demonstration' : 'Stated in the agreement'}: ${said('en')} (${source('en')})`,
  };
}

/** What a reader of a trial must know beside its figures. */
export function remarksOf(
  basis: {
    agreement: Agreement;
    scheme: Scheme;
    classItems: readonly string[];
    phrases: Record<Language, Phrases> | null;
  },
  { period, over, timeZone }: { period: Period; over: boolean; timeZone: string },
): Text[] {
  const { agreement, scheme, phrases } = basis;
  const remarks: Text[] = [
    ...scheme.notes,
    ...(phrases === null
      ? []
      : [...unconfirmedFigures(basis, phrases), ...outOfForce(scheme, period, timeZone)]),
  ];
  if (agreement.scenario) {
    remarks.push({
      zh: '情景试算：双方未签订该协议。',
      en: 'A scenario: no such agreement has been signed.',
    });
  }
  for (const one of agreement.given ?? []) {
    if (one.period !== undefined && one.period !== period.id) continue;
    remarks.push(givenText(one, basis.phrases));
  }
  if (!over) {
    remarks.push({
      zh: `${period.id} 尚未结束：按截至目前应有的数据计算覆盖率。`,
      en: `${period.id} is not over: coverage counts the readings due so far.`,
    });
  }
  const items = (language: Language): string =>
    basis.classItems
      .map((id) => basis.phrases?.[language].name(id) ?? id)
      .join(basis.phrases !== null && language === 'zh' ? '、' : ', ');
  remarks.push({
    zh: `水质类别仅依据自动监测项目：${items('zh')}。`,
    en: `The class rests on the automatically measured items alone: ${items('en')}.`,
  });
  return remarks;
}
