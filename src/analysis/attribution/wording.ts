import type { Text } from '../../domain/config/facts.ts';
import type { Balance, Part } from './balance.ts';

/** A recorded decision of governments: only it turns a contribution into a responsibility. */
export interface Decision {
  document: string;
  /** Civil date. */
  date: string;
}

const contributions: Record<Part['kind'], Text> = {
  entering: { zh: '来水贡献', en: 'contribution of entering water' },
  local: { zh: '本地新增贡献', en: 'locally added contribution' },
  unexplained: { zh: '未解释部分', en: 'unexplained' },
};

/** What a part is called: a contribution of technical analysis, a responsibility only after a recorded decision. */
export function partName(kind: Part['kind'], decision: Decision | null): Text {
  const { zh, en } = contributions[kind];
  if (decision === null || kind === 'unexplained') return { zh, en };
  return {
    zh: `责任（${zh}，依据${decision.document}）`,
    en: `responsibility (${en}, by ${decision.document})`,
  };
}

/** The sentence above a balance; a difference within the uncertainty is called that and nothing else. */
export function balanceText(balance: Balance): Text {
  const note = { zh: '技术分析，不构成责任认定', en: 'technical analysis, no finding of responsibility' };
  if (balance.negativeRemainder)
    return {
      zh: `来水到达量大于出境量，衰减系数、流程时间或通量需核查；不作抵扣。${note.zh}`,
      en: `More arrives than leaves: check the decay rate, the travel time and the loads; no credit. ${note.en}`,
    };
  const found: Record<Balance['greater'], Text> = {
    entering: { zh: '来水贡献大于本地新增贡献', en: 'Entering water contributes more than is locally added' },
    local: { zh: '本地新增贡献大于来水贡献', en: 'More is locally added than entering water contributes' },
    unexplained: {
      zh: '未解释部分大于来水贡献',
      en: 'What nobody explains is more than entering water contributes',
    },
    indistinguishable: { zh: '无法区分', en: 'indistinguishable' },
  };
  const { zh, en } = found[balance.greater];
  return { zh: `${zh}。${note.zh}`, en: `${en}. ${note.en}` };
}
