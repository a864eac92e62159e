import type { Jurisdiction, Agreement } from '../domain/config/region.ts';
import type { Text } from '../domain/config/facts.ts';
import type { Notice, NoticeKind } from '../domain/settlement-notices.ts';
import { fundParty } from '../domain/settlement.ts';
import { civilDate } from '../domain/time.ts';
import { yuanText } from '../domain/yuan.ts';

const titles: Record<NoticeKind, Text> = {
  'payment-due': { zh: '补偿资金即将到期', en: 'a payment falls due' },
  'payment-late': { zh: '补偿资金已逾期', en: 'a payment is late' },
  'payment-reminded': { zh: '催缴通知', en: 'reminder of the joint office' },
  'objection-closes': { zh: '异议期即将届满', en: 'the time for objections ends' },
  'review-due': { zh: '结算单待审核签署', en: 'a statement waits for review and signature' },
};

function nameOf(party: string, jurisdictions: readonly Jurisdiction[]): Text {
  if (party === fundParty) return { zh: '合作基金', en: 'the cooperation fund' };
  return jurisdictions.find(({ code }) => code === party)?.name ?? { zh: party, en: party };
}

function summaryOf(notice: Notice, jurisdictions: readonly Jurisdiction[], day: string): Text {
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

/** What a desk reads, in both languages. `day` of the region in which the term ends. */
export function wordsOf(
  notice: Notice,
  of: { agreement: Agreement; jurisdictions: readonly Jurisdiction[]; timeZone: string },
): { title: Text; summary: Text } {
  const { zh, en } = titles[notice.kind];
  const { name } = of.agreement;
  return {
    title: { zh: `${name.zh}：${zh}`, en: `${name.en}: ${en}` },
    summary: summaryOf(notice, of.jurisdictions, civilDate(notice.endsS, of.timeZone)),
  };
}
