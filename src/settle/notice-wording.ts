import type { Text } from '../domain/config/facts.ts';
import type { Config } from '../domain/config/config.ts';
import type { Agreement, Jurisdiction } from '../domain/config/region.ts';
import type { InputChange, Notice, NoticeKind } from '../domain/settlement-notices.ts';
import { fundParty } from '../domain/settlement.ts';
import { civilDate } from '../domain/time.ts';
import { yuanText } from '../domain/yuan.ts';
import { markingsOf } from './markings.ts';

const titles: Record<NoticeKind, Text> = {
  'payment-due': { zh: '补偿资金即将到期', en: 'a payment falls due' },
  'payment-late': { zh: '补偿资金已逾期', en: 'a payment is late' },
  'payment-reminded': { zh: '付款提醒', en: 'reminder of the joint office' },
  'objection-closes': { zh: '异议期即将届满', en: 'the time for objections ends' },
  'review-due': { zh: '结算单待审核签署', en: 'a statement waits for review and signature' },
  'input-changed': { zh: '结算单的输入数据已变', en: 'inputs of a statement have changed' },
};

function nameOf(party: string, jurisdictions: readonly Jurisdiction[]): Text {
  if (party === fundParty) return { zh: '合作基金', en: 'the cooperation fund' };
  return jurisdictions.find(({ code }) => code === party)?.name ?? { zh: party, en: party };
}

type Names = Pick<Config, 'jurisdictions' | 'sections' | 'parameters' | 'region'>;

/** Means that a message names; how many more there are, it says. */
const mostNamed = 3;
const named = (known: readonly { id: string; name: Text }[], id: string): Text =>
  known.find((one) => one.id === id)?.name ?? { zh: id, en: id };

function inputsText({ sections, inputs }: InputChange, names: Names): Text {
  const shown = inputs.slice(0, mostNamed).map(({ section, parameter, before, now }) => {
    const [where, what] = [named(names.sections, section), named(names.parameters, parameter)];
    return {
      zh: `${where.zh}${what.zh} ${before ?? '无'}→${now ?? '无'}`,
      en: `${where.en} ${what.en} ${before ?? 'none'} → ${now ?? 'none'}`,
    };
  });
  const more = inputs.length - shown.length;
  const places = sections.map((id) => named(names.sections, id));
  if (shown.length === 0)
    return { zh: places.map(({ zh }) => zh).join('、'), en: places.map(({ en }) => en).join(', ') };
  return {
    zh: `${shown.map(({ zh }) => zh).join('、')}${more > 0 ? `，另有${more}项` : ''}`,
    en: `${shown.map(({ en }) => en).join(', ')}${more > 0 ? `, ${more} more` : ''}`,
  };
}

function effectText({ effect, refused }: InputChange, { jurisdictions }: Names): Text {
  if (effect === null)
    return { zh: `按现有数据无法得出结果：${refused}`, en: `what is known now gives no result: ${refused}` };
  if (effect.length === 0) return { zh: '金额不变', en: 'no amount changes' };
  const moves = effect.map(({ from, to, amountFen }) => {
    const [payer, receiver] = [nameOf(from, jurisdictions), nameOf(to, jurisdictions)];
    const money = yuanText(amountFen);
    return {
      zh: `${payer.zh}另应向${receiver.zh}支付${money}元`,
      en: `${payer.en} would pay ${receiver.en} ${money} yuan more`,
    };
  });
  return { zh: moves.map(({ zh }) => zh).join('，'), en: moves.map(({ en }) => en).join(', ') };
}

function changeText(statement: string, change: InputChange, names: Names): Text {
  if (change.sections.length === 0)
    return {
      zh: `结算单${statement}的输入数据恢复为签发时的状态，无需更正。`,
      en: `The inputs of statement ${statement} are again as when it was issued; there is nothing to correct.`,
    };
  const [inputs, effect] = [inputsText(change, names), effectText(change, names)];
  return {
    zh: `结算单${statement}签发后输入数据有变：${inputs.zh}。重新计算的影响：${effect.zh}。更正前以原结算单为准。`,
    en: `Inputs of statement ${statement} changed after its issue: ${inputs.en}. Computed effect: ${effect.en}. The statement stands until it is corrected.`,
  };
}

function summaryOf(notice: Notice, names: Names): Text {
  const { jurisdictions, region } = names;
  const day = civilDate(notice.endsS, region.timeZone);
  if (notice.change !== null) return changeText(notice.subject, notice.change, names);
  const own = nameOf(notice.party, jurisdictions);
  const from = nameOf(notice.from ?? '', jurisdictions);
  const to = nameOf(notice.to ?? '', jurisdictions);
  const money = yuanText(notice.amountFen ?? '0');
  switch (notice.kind) {
    case 'payment-due':
      return {
        zh: `${from.zh}应于${day}前向${to.zh}支付${money}元。`,
        en: `${from.en} is to pay ${to.en} ${money} yuan by ${day}.`,
      };
    case 'payment-late':
      return {
        zh: `${from.zh}应于${day}前向${to.zh}支付${money}元，至今未登记到账。`,
        en: `${money} yuan from ${from.en} to ${to.en} were due by ${day} and are not booked as paid.`,
      };
    case 'payment-reminded':
      return {
        zh: `联合办公室于${day}提醒${from.zh}：应付${to.zh}的${money}元已逾期。`,
        en: `On ${day} the joint office reminded ${from.en}: ${money} yuan to ${to.en} are late.`,
      };
    case 'objection-closes':
      return {
        zh: `对结算单${notice.subject}的异议须在${day}前提出。`,
        en: `Objections to statement ${notice.subject} are taken until ${day}.`,
      };
    default:
      return {
        zh: `结算单${notice.subject}尚缺${own.zh}的签署，审核签署期限为${day}。`,
        en: `Statement ${notice.subject} lacks the signature of ${own.en}; the day agreed for it is ${day}.`,
      };
  }
}

/** What a desk reads, in both languages; of a scenario that nothing is payable. */
export function wordsOf(
  notice: Notice,
  { agreement, ...names }: Names & { agreement: Agreement },
): { title: Text; summary: Text } {
  const { zh, en } = titles[notice.kind];
  const { name } = agreement;
  const summary = summaryOf(notice, names);
  const marks = markingsOf(agreement, false);
  return {
    title: { zh: `${name.zh}：${zh}`, en: `${name.en}: ${en}` },
    summary: {
      zh: [summary.zh, ...marks.map((mark) => `${mark.zh}。`)].join(''),
      en: [summary.en, ...marks.map((mark) => `${mark.en}.`)].join(' '),
    },
  };
}
