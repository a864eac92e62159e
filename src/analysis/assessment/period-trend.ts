import type { WaterEvaluation } from '../../domain/config/standard.ts';
import type { Text } from '../../domain/config/facts.ts';
import { roundHalfEven } from '../../domain/decimal.ts';
import { rankCorrelation } from '../statistics/rank-correlation.ts';
import type { SectionAssessment } from './section-assessment.ts';

export type TrendReason = 'too-few-periods' | 'source-changed' | 'edition-changed';

/** One item over several periods. `rs` over those that have a value; null where fewer than two have. */
export interface ItemTrend {
  parameter: string;
  /** As printed, one a period; null where there is none. */
  values: (string | null)[];
  rs: string | null;
  critical: string | null;
  /** Of the concentration, not of the quality; null with a reason. */
  direction: 'rising' | 'falling' | 'none' | null;
  reason: TrendReason | null;
  text: Text;
}

const words: Readonly<Record<'rising' | 'falling' | 'none' | TrendReason, Text>> = {
  rising: { zh: '显著上升', en: 'significantly rising' },
  falling: { zh: '显著下降', en: 'significantly falling' },
  none: { zh: '无显著变化', en: 'no significant change' },
  'too-few-periods': { zh: '时段数不足，不作趋势判断', en: 'too few periods with a value for a trend' },
  'source-changed': { zh: '不可比：数据来源不一致', en: 'not comparable: the data source changed' },
  'edition-changed': {
    zh: '不可比：评价标准或方法版本不一致',
    en: 'not comparable: the edition of the standard or method changed',
  },
};

const different = (texts: readonly string[]): boolean => new Set(texts).size > 1;

/**
 * Trend of every evaluated item over periods in order of time, by Spearman's rank correlation. Never over other sources or editions.
 * Source: 环办〔2011〕22号, trends.
 */
export function periodTrends(
  assessments: readonly SectionAssessment[],
  method: Pick<WaterEvaluation, 'trend'>,
): ItemTrend[] {
  const { spearman } = method.trend;
  const names = new Set(
    assessments.flatMap(({ items }) =>
      items.filter(({ evaluated }) => evaluated).map((one) => one.parameter),
    ),
  );
  return [...names].map((parameter): ItemTrend => {
    const found = assessments.map(({ items, edition, method: by, periodRules }) => {
      const item = items.find((one) => one.parameter === parameter);
      const source = `${item?.method ?? ''} ${item?.provider ?? ''}`;
      return { value: item?.value ?? null, source, edition: `${edition} ${by} ${periodRules}` };
    });
    const known = found.flatMap(({ value, ...rest }) => (value === null ? [] : [{ value, ...rest }]));
    const values = found.map(({ value }) => value);
    const { rs, significant, critical } =
      known.length < 2
        ? { rs: null, significant: null, critical: null }
        : rankCorrelation(
            known.map(({ value }) => value),
            spearman,
          );
    const reason: TrendReason | null = different(known.map(({ edition }) => edition))
      ? 'edition-changed'
      : different(known.map(({ source }) => source))
        ? 'source-changed'
        : significant === null
          ? 'too-few-periods'
          : null;
    const direction =
      reason !== null || rs === null ? null : !significant ? 'none' : rs.isNegative() ? 'falling' : 'rising';
    return {
      parameter,
      values,
      rs: rs === null ? null : roundHalfEven(rs, spearman.decimals).toFixed(spearman.decimals),
      critical,
      direction,
      reason,
      text: words[direction ?? reason ?? 'too-few-periods'],
    };
  });
}
