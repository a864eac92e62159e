import type { SettlementReminders } from '../domain/config/alerting.ts';
import { partyKey, type Reminder } from '../domain/settlement.ts';
import type { StatementTerms } from '../domain/statement-list.ts';
import type { Notice, NoticeKind } from '../domain/settlement-notices.ts';
import type { EpochS } from '../domain/time.ts';
import type { Arrears } from '../domain/settlement-follow-up.ts';
import { sha256Of } from './document.ts';

const dayS = 86_400;
/** What the office reminded of longer ago is no news: a system that is switched on later does not repeat it. */
const freshS = 7 * dayS;

/** What is known of one agreement at `nowS`. */
export interface TermFacts {
  agreement: string;
  arrears: readonly Arrears[];
  reminders: readonly Reminder[];
  statements: readonly StatementTerms[];
  days: SettlementReminders;
  nowS: EpochS;
}

/** One id for what a party is told about, whenever and by whichever process it is told. */
export function noticeId(of: { kind: NoticeKind; agreement: string; party: string; about: string }): string {
  const { kind, agreement, party, about } = of;
  return `${kind}~${agreement}~${sha256Of(`${kind}\n${agreement}\n${about}\n${party}`).slice(0, 24)}`;
}

function notice(
  facts: TermFacts,
  kind: NoticeKind,
  of: Omit<Notice, 'id' | 'kind' | 'agreement' | 'change'>,
): Notice {
  const { agreement } = facts;
  const id = noticeId({ kind, agreement, party: of.party, about: of.subject });
  return { id, kind, agreement, ...of, change: null };
}

const isSoon = (endsS: EpochS, days: number | undefined, nowS: EpochS): boolean =>
  days !== undefined && nowS >= endsS - days * dayS && nowS < endsS;

function ofPayments(facts: TermFacts): Notice[] {
  const { days, nowS } = facts;
  return facts.arrears.flatMap(({ from, to, items }) =>
    items.flatMap(({ entry, dueS, daysLate, openFen }) => {
      const payment = {
        subject: `${entry} ${from} ${to}`,
        from,
        to,
        amountFen: openFen.toString(),
        endsS: dueS,
      };
      const told = (kind: NoticeKind, party: string): Notice => notice(facts, kind, { party, ...payment });
      if (daysLate > 0) return [told('payment-late', from), told('payment-late', to)];
      return isSoon(dueS, days.paymentDays, nowS) ? [told('payment-due', from)] : [];
    }),
  );
}

function ofReminders(facts: TermFacts): Notice[] {
  return facts.reminders
    .filter(({ atS }) => facts.nowS - atS < freshS)
    .map(({ from, to, amountFen, atS }) =>
      notice(facts, 'payment-reminded', {
        party: from,
        subject: `${from} ${to} ${atS}`,
        from,
        to,
        amountFen,
        endsS: atS,
      }),
    );
}

function ofStatements(facts: TermFacts): Notice[] {
  const { days, nowS } = facts;
  return facts.statements.flatMap(({ id, issuedS, effectiveS, procedure, parties, signed }) => {
    const told = (kind: NoticeKind, party: string, endsS: EpochS): Notice =>
      notice(facts, kind, { party, subject: id, from: null, to: null, amountFen: null, endsS });
    const codes = [partyKey(parties.protecting), partyKey(parties.benefiting)];
    const closesS = issuedS + procedure.objectionDays * dayS;
    const closing = isSoon(closesS, days.objectionDays, nowS)
      ? codes.map((code) => told('objection-closes', code, closesS))
      : [];
    if (procedure.reviewDays === undefined || days.reviewDays === undefined || effectiveS !== null)
      return closing;
    const reviewS = issuedS + procedure.reviewDays * dayS;
    if (nowS < reviewS - days.reviewDays * dayS) return closing;
    const unsigned = codes.filter((code) =>
      procedure.signatures.some(
        (purpose) => !signed.some((one) => one.party === code && one.purpose === purpose),
      ),
    );
    return [...closing, ...unsigned.map((code) => told('review-due', code, reviewS))];
  });
}

/**
 * What the desks of the parties have to hear at `nowS`: a payment that falls due or is late, a reminder of the office, an objection window
 * that closes, a statement that waits for a party's signature. Each has one id for as long as it stands, so it is told once.
 */
export function noticesOf(facts: TermFacts): Notice[] {
  return [...ofPayments(facts), ...ofReminders(facts), ...ofStatements(facts)];
}
