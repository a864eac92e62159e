import type { MessageTemplate } from '../domain/config/channels.ts';
import type { Language, NotificationKind, Severity } from '../domain/notifications.ts';

type Words = Record<Language, string>;

export const severityWords: Record<Severity, Words> = {
  info: { zh: '提示', en: 'Information' },
  minor: { zh: '一般', en: 'Minor' },
  major: { zh: '较大', en: 'Major' },
  critical: { zh: '重大', en: 'Critical' },
};

export const kindWords: Record<NotificationKind, Words> = {
  opened: { zh: '新告警', en: 'new' },
  escalated: { zh: '升级', en: 'escalated' },
  amended: { zh: '更正', en: 'amended' },
  withdrawn: { zh: '撤回', en: 'withdrawn' },
  resolved: { zh: '解除', en: 'resolved' },
  digest: { zh: '汇总', en: 'digest' },
  drill: { zh: '演练', en: 'drill' },
  reminder: { zh: '提醒', en: 'reminder' },
};

export const drillMark: Words = { zh: '【演练】', en: '[DRILL] ' };
export const syntheticMark: Words = { zh: '【模拟数据】', en: '[SYNTHETIC DATA] ' };

/** Used where a channel has no template of its own. A line whose fact is absent is left out. */
export const usualTemplate: MessageTemplate = {
  title: { zh: '{mark}{severity}·{kind}：{title}', en: '{mark}{severity}, {kind}: {title}' },
  body: {
    zh: `{summary}
断面或站点：{station}
指标：{parameter}
测值：{value} {unit}
限值：{limit} {unit}
超过限值倍数：{multiple}
依据：{edition}
数据性质：{standing}
开始：{begin}
结束：{end}
{items}
地图：{map}
确认（一次有效）：{acknowledge}
编号：{alert}`,
    en: `{summary}
Station: {station}
Parameter: {parameter}
Value: {value} {unit}
Limit: {limit} {unit}
Multiple above the limit: {multiple}
Edition: {edition}
Standing: {standing}
Begin: {begin}
End: {end}
{items}
Map: {map}
Acknowledge (works once): {acknowledge}
Reference: {alert}`,
  },
};
