import type { LeftOut } from '../analysis/load/index.ts';
import type { Text } from '../domain/config/facts.ts';
import type { LeftOutBounds } from '../domain/config/load-method.ts';
import { Decimal } from '../domain/decimal.ts';
import type { LoadLeftOut } from '../domain/load-coverage.ts';
import { textOrNull } from './load-text.ts';

export function leftOutShape(
  leftOut: LeftOut,
  { provenance: _provenance, ...bounds }: LeftOutBounds,
  boundsFrom: LoadLeftOut['boundsFrom'],
): LoadLeftOut {
  const { share, flowShare, waterShare, highFlowShare, timesKept, tonnesWith, change, ...counts } = leftOut;
  return {
    ...counts,
    share: share.toFixed(4),
    flowShare: flowShare.toFixed(4),
    waterShare: waterShare.toFixed(4),
    highFlowShare: highFlowShare.toFixed(4),
    timesKept: timesKept?.toFixed(3) ?? null,
    tonnesWith: textOrNull(tonnesWith),
    change: change?.toFixed(4) ?? null,
    bounds,
    boundsFrom,
  };
}

const percentOf = (share: string): string =>
  `${new Decimal(share).times(100).toDecimalPlaces(1).toFixed()} %`;

/** What was left out for review and what the load would be with it, for a reader; null where nothing was. */
export function leftOutText(
  one: LoadLeftOut | null | undefined,
  load: { indicativeTonnes: string | null },
): Text | null {
  if (one === null || one === undefined || one.readings + one.flowReadings === 0) return null;
  const zh = [
    `待复核未计入：水质读数 ${one.readings}/${one.of}（${percentOf(one.share)}），流量读数 ${one.flowReadings}/${one.flowOf}（${percentOf(one.flowShare)}）`,
    `其时段水量占 ${percentOf(one.waterShare)}，涉及高流量日 ${one.highFlowDays} 天（${percentOf(one.highFlowShare)}）`,
  ];
  const en = [
    `left out for review: ${one.readings} of ${one.of} readings (${percentOf(one.share)}), of flow ${one.flowReadings} of ${one.flowOf} (${percentOf(one.flowShare)})`,
    `${percentOf(one.waterShare)} of the water passed in their time, days of high flow touched: ${one.highFlowDays} (${percentOf(one.highFlowShare)})`,
  ];
  const add = (text: Text): void => {
    zh.push(text.zh);
    en.push(text.en);
  };
  if (one.timesKept !== null)
    add({
      zh: `未计入者均值为计入者的 ${one.timesKept} 倍`,
      en: `their mean is ${one.timesKept} times that of those that count`,
    });
  const change =
    one.change === null ? '' : `, ${one.change.startsWith('-') ? '' : '+'}${percentOf(one.change)}`;
  add({
    zh: `通量：未计入 ${load.indicativeTonnes ?? '—'} t，计入 ${one.tonnesWith ?? '—'} t${change}（仅供对照，不作结算依据）`,
    en: `load without them ${load.indicativeTonnes ?? '—'} t, with them ${one.tonnesWith ?? '—'} t${change} (to compare, never paid on)`,
  });
  for (const { text } of one.exceeded) add(text);
  if (one.exceeded.length > 0) add(one.boundsFrom === 'agreement' ? agreed : usual);
  return { zh: `${zh.join('；')}。`, en: `${en.join('; ')}.` };
}

const agreed: Text = { zh: '限度为协议约定', en: 'the bounds are the agreement’s' };
const usual: Text = {
  zh: '协议未约定限度，采用通量规则的默认值（项目默认，无标准规定）',
  en: 'the agreement states no bounds: these are the default of the rules of loads (of this project, no standard fixes them)',
};
