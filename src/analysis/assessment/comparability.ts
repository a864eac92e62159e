import type { Text } from '../../domain/config/facts.ts';
import type { SectionAssessment } from './section-assessment.ts';

export type IncomparableReason =
  'not-judged' | 'items-changed' | 'source-changed' | 'edition-changed' | 'sections-changed';

/** Whether two periods may be compared; `reasons` empty where they may. `text` says 不可比 with the reasons. */
export interface Comparability {
  comparable: boolean;
  reasons: { reason: IncomparableReason; concerns: string[] }[];
  text: Text | null;
}

const words: Readonly<Record<IncomparableReason, Text>> = {
  'not-judged': { zh: '有一期无法评价', en: 'one of the periods cannot be judged' },
  'items-changed': { zh: '评价指标不一致', en: 'the items differ' },
  'source-changed': { zh: '数据来源不一致', en: 'the data source changed' },
  'edition-changed': { zh: '评价标准或方法版本不一致', en: 'the edition of the standard or method changed' },
  'sections-changed': { zh: '断面清单不一致', en: 'the list of sections differs' },
};

/** The verdict on comparing, from its reasons. */
export function comparability(reasons: Comparability['reasons']): Comparability {
  if (reasons.length === 0) return { comparable: true, reasons, text: null };
  const zh = reasons.map(({ reason }) => words[reason].zh).join('；');
  const en = reasons.map(({ reason }) => words[reason].en).join('; ');
  return { comparable: false, reasons, text: { zh: `不可比：${zh}`, en: `Not comparable: ${en}` } };
}

function presentItems(assessment: SectionAssessment): Map<string, string> {
  return new Map(
    assessment.items
      .filter((item) => item.evaluated && item.value !== null)
      .map((item) => [item.parameter, `${item.method ?? 'mixed'} ${item.provider ?? 'mixed'}`]),
  );
}

/** Two periods of one section: comparable only on the same items, from the same sources, under the same editions. Source: 环办〔2011〕22号, trends. */
export function compareSection(before: SectionAssessment, after: SectionAssessment): Comparability {
  if (before.class === null || after.class === null)
    return comparability([{ reason: 'not-judged', concerns: [] }]);
  const [old, now] = [presentItems(before), presentItems(after)];
  const changed = [...new Set([...old.keys(), ...now.keys()])].filter(
    (item) => old.has(item) !== now.has(item),
  );
  const moved = [...now].filter(([item, source]) => old.has(item) && old.get(item) !== source);
  const editions = (one: SectionAssessment) => [one.edition, one.method, one.periodRules];
  const otherEditions = editions(after).filter((id, at) => id !== editions(before)[at]);
  const reasons: Comparability['reasons'] = [];
  if (changed.length > 0) reasons.push({ reason: 'items-changed', concerns: changed });
  if (moved.length > 0) reasons.push({ reason: 'source-changed', concerns: moved.map(([item]) => item) });
  if (otherEditions.length > 0) reasons.push({ reason: 'edition-changed', concerns: otherEditions });
  return comparability(reasons);
}

/**
 * Two periods of a river, basin or city: comparable only over the same judged sections, each on the same items, from the same sources,
 * under the same editions. Concerned are sections, `section item` or editions. Source: 环办〔2011〕22号, trends.
 */
export function compareSections(
  before: readonly SectionAssessment[],
  after: readonly SectionAssessment[],
): Comparability {
  const judged = (list: readonly SectionAssessment[]) =>
    new Map(list.filter((one) => one.class !== null).map((one) => [one.section, one]));
  const [old, now] = [judged(before), judged(after)];
  if (old.size === 0 || now.size === 0) return comparability([{ reason: 'not-judged', concerns: [] }]);
  const found = new Map<IncomparableReason, Set<string>>();
  const note = (reason: IncomparableReason, concerned: readonly string[]): void =>
    void found.set(reason, new Set([...(found.get(reason) ?? []), ...concerned]));
  const changed = [...new Set([...old.keys(), ...now.keys()])].filter((id) => old.has(id) !== now.has(id));
  if (changed.length > 0) note('sections-changed', changed);
  for (const [id, then] of old) {
    const later = now.get(id);
    if (later === undefined) continue;
    for (const { reason, concerns } of compareSection(then, later).reasons)
      note(reason, reason === 'edition-changed' ? concerns : concerns.map((item) => `${id} ${item}`));
  }
  return comparability([...found].map(([reason, concerned]) => ({ reason, concerns: [...concerned] })));
}
