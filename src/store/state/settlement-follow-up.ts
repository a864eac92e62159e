import { Type, type Static } from 'typebox';
import { canonicalJson } from '../../domain/canonical-json.ts';
import { MonitorError } from '../../domain/errors.ts';
import type { Notification } from '../../domain/notifications.ts';
import { type FollowUpActKind, fundParty, moved, owed } from '../../domain/settlement.ts';
import type { Page } from '../../domain/paging.ts';
import { noticeKinds, type NoticeKey, type ToldNotice } from '../../domain/settlement-notices.ts';
import { addNotifications, notificationShape } from './notifications.ts';
import { post, sumOf } from './settlement-books.ts';
import type { Act } from '../../domain/acts.ts';
import { actKind, strict, type ActKind } from './act-kind.ts';
import type { StateDatabase, StateTransaction } from './tables.ts';

/* What follows a statement in force. A shape that has shipped is never edited: another one is another version. */

const line = Type.String({ minLength: 1, maxLength: 300, pattern: '^[^\\u0000-\\u001f]+$' });
const fen = Type.String({ pattern: '^[1-9]\\d{0,15}$' });
const pair = { agreement: line, from: line, to: line, amountFen: fen };

const remindV1 = Type.Object({ ...pair, daysLate: Type.Integer({ minimum: 1 }) }, strict);
const interestV1 = Type.Object({ ...pair, throughS: Type.Integer() }, strict);
const deductV1 = Type.Object({ ...pair, reference: line }, strict);
const contributionV1 = Type.Object(
  {
    agreement: line,
    party: line,
    year: Type.String({ pattern: '^\\d{4}$' }),
    revenueFen: fen,
    share: line,
    source: line,
    amountFen: fen,
  },
  strict,
);
const useV1 = Type.Object({ agreement: line, use: line, to: line, amountFen: fen, reference: line }, strict);

const noticeV1 = {
  id: line,
  kind: Type.Enum(['payment-due', 'payment-late', 'payment-reminded', 'objection-closes', 'review-due']),
  agreement: line,
  party: line,
  subject: Type.String({ minLength: 1, maxLength: 1000 }),
  from: Type.Union([line, Type.Null()]),
  to: Type.Union([line, Type.Null()]),
  amountFen: Type.Union([fen, Type.Null()]),
  endsS: Type.Integer(),
};
const notifications = Type.Array(notificationShape, { maxItems: 100_000 });
const many = { minItems: 1, maxItems: 10_000 };
const sendRemindersV1 = Type.Object(
  { notices: Type.Array(Type.Object(noticeV1, strict), many), notifications },
  strict,
);
const noticeV2 = {
  ...noticeV1,
  kind: Type.Enum([...noticeKinds]),
  change: Type.Union([
    Type.Object(
      {
        sections: Type.Array(line),
        inputs: Type.Array(
          Type.Object(
            {
              section: line,
              parameter: line,
              before: Type.Union([line, Type.Null()]),
              now: Type.Union([line, Type.Null()]),
            },
            strict,
          ),
        ),
        effect: Type.Union([
          Type.Array(Type.Object({ from: line, to: line, amountFen: fen }, strict)),
          Type.Null(),
        ]),
        refused: Type.Union([Type.String(), Type.Null()]),
      },
      strict,
    ),
    Type.Null(),
  ]),
};
const sendRemindersV2 = Type.Object(
  { notices: Type.Array(Type.Object(noticeV2, strict), many), notifications },
  strict,
);

const redirectV1 = Type.Object(
  { notifications: Type.Array(notificationShape, { minItems: 1, maxItems: 100_000 }) },
  strict,
);

/** What went out to the desks of parties, so that nothing goes out twice. */
export const noticeStatements = [
  `create table settlement_notice (
     id text primary key, agreement text not null, kind text not null, party text not null, subject text not null,
     ends_s int8 not null, at_s int8 not null)`,
  `create index settlement_notice_by_agreement on settlement_notice (agreement)`,
  `create trigger settlement_notice_is_append_only before update or delete or truncate on settlement_notice
     for each statement execute function refuse_change()`,
];

/** What became of a statement's inputs, as it was told. */
export const changedInputStatements = [`alter table settlement_notice add column change text`];

/** Reminders, and entries of the kinds that follow. The first table of entries knew five kinds only. */
export const followUpStatements = [
  `create table reminder (
     id text primary key, agreement text not null, "from" text not null, "to" text not null,
     amount_fen int8 not null check (amount_fen > 0), days_late int8 not null, actor text not null, at_s int8 not null)`,
  `create index reminder_by_agreement on reminder (agreement, at_s)`,
  `create trigger reminder_is_append_only before update or delete or truncate on reminder
     for each statement execute function refuse_change()`,
  `alter table ledger_transaction drop constraint ledger_transaction_kind_check`,
  `alter table ledger_transaction add constraint ledger_transaction_kind_check check (kind in (
     'statement', 'hold', 'release', 'decision', 'payment', 'deduction', 'interest', 'contribution', 'fund-use'))`,
];

export interface FollowUpTables {
  settlement_notice: {
    id: string;
    agreement: string;
    kind: string;
    party: string;
    subject: string;
    ends_s: number;
    at_s: number;
    change: string | null;
  };
  reminder: {
    id: string;
    agreement: string;
    from: string;
    to: string;
    amount_fen: string;
    days_late: number;
    actor: string;
    at_s: number;
  };
}

async function tell(
  trx: StateTransaction,
  act: Act,
  of: { notices: readonly Static<typeof sendRemindersV2>['notices'][number][]; sent: readonly unknown[] },
): Promise<void> {
  const ids = of.notices.map(({ id }) => id);
  const known = await trx.selectFrom('settlement_notice').select('id').where('id', 'in', ids).execute();
  if (known.length > 0) throw new MonitorError('E_CONFLICT', `${known[0]!.id} was told already`);
  for (const { id, agreement, kind, party, subject, endsS, change } of of.notices) {
    const text = change === null ? null : canonicalJson(change);
    const row = { id, agreement, kind, party, subject, ends_s: endsS, at_s: act.atS, change: text };
    await trx.insertInto('settlement_notice').values(row).execute();
  }
  await put(trx, of.sent);
}

const put = (trx: StateTransaction, sent: readonly unknown[]): Promise<void> =>
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the shape holds what the outbox reads
  addNotifications(trx, sent as readonly Notification[]);

/** Acts of what follows a statement. What the agreement allows is checked before; what the books hold, here. */
export const followUpKinds: Record<`${FollowUpActKind}@1` | 'send-reminders@2', ActKind> = {
  'remind-payment@1': actKind(remindV1, async (trx, payload, act) => {
    const { agreement, from, to, amountFen, daysLate } = payload;
    const row = { id: act.id, agreement, from, to, amount_fen: amountFen, days_late: daysLate };
    await trx
      .insertInto('reminder')
      .values({ ...row, actor: act.actor, at_s: act.atS })
      .execute();
  }),
  'send-reminders@1': actKind(sendRemindersV1, (trx, { notices, notifications: sent }, act) => {
    const told = notices.map((notice) => ({ ...notice, change: null }));
    return tell(trx, act, { notices: told, sent });
  }),
  'send-reminders@2': actKind(sendRemindersV2, (trx, { notices, notifications: sent }, act) =>
    tell(trx, act, { notices, sent }),
  ),
  'redirect-reminders@1': actKind(redirectV1, (trx, { notifications: sent }) => put(trx, sent)),
  'book-interest@1': actKind(interestV1, async (trx, { agreement, from, to, amountFen }, act) => {
    const postings = owed({ from, to, amountFen: BigInt(amountFen), line: null }, 'due');
    await post(trx, act, { id: act.id, agreement, kind: 'interest' }, postings);
  }),
  'record-deduction@1': actKind(deductV1, async (trx, { agreement, from, to, amountFen, reference }, act) => {
    const due = await sumOf(trx, { agreement, account: 'due', party: to, counterparty: from });
    if (BigInt(amountFen) > due)
      throw new MonitorError(
        'E_CONFLICT',
        `${from} owes ${to} ${due} fen net under ${agreement}, less than the ${amountFen} deducted`,
      );
    const postings = moved({ from, to, amountFen: BigInt(amountFen), line: null }, 'due', 'paid');
    await post(trx, act, { id: act.id, agreement, kind: 'deduction', reference }, postings);
  }),
  'book-contribution@1': actKind(contributionV1, async (trx, payload, act) => {
    const { agreement, party, year, amountFen } = payload;
    const movement = { from: party, to: fundParty, amountFen: BigInt(amountFen), line: `fund:${year}` };
    const entry = { id: act.id, agreement, kind: 'contribution' as const, reference: payload.source };
    await post(trx, act, entry, owed(movement, 'due'));
  }),
  'use-fund@1': actKind(useV1, async (trx, { agreement, use, to, amountFen, reference }, act) => {
    const balance = await sumOf(trx, { agreement, account: 'paid', party: fundParty });
    if (BigInt(amountFen) > balance)
      throw new MonitorError('E_CONFLICT', `the fund holds ${balance} fen, less than the ${amountFen} asked`);
    const movement = { from: fundParty, to, amountFen: BigInt(amountFen), line: `fund:${use}` };
    await post(trx, act, { id: act.id, agreement, kind: 'fund-use', reference }, owed(movement, 'paid'));
  }),
};

interface NoticeQuery {
  agreement: string;
  party?: string;
  subject?: string;
}

function noticeQuery(db: StateDatabase, { agreement, party, subject }: NoticeQuery) {
  let rows = db.selectFrom('settlement_notice').selectAll().where('agreement', '=', agreement);
  if (party !== undefined) rows = rows.where('party', '=', party);
  return subject === undefined ? rows : rows.where('subject', '=', subject);
}

const noticeOf = ({
  ends_s: endsS,
  at_s: atS,
  kind,
  change,
  ...rest
}: FollowUpTables['settlement_notice']): ToldNotice => ({
  ...rest,
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the act's schema knows no other
  kind: kind as ToldNotice['kind'],
  endsS,
  atS,
  change: change === null ? null : JSON.parse(change),
});

/** Notices that went out, oldest first. */
export async function toldNotices(db: StateDatabase, query: NoticeQuery): Promise<ToldNotice[]> {
  return (await noticeQuery(db, query).orderBy('at_s').orderBy('id').execute()).map(noticeOf);
}

/** Ids in one question; more are asked for in parts. */
const mostAsked = 1000;

/** Those of these notices that went out. */
export async function toldAmong(db: StateDatabase, ids: readonly string[]): Promise<Set<string>> {
  const told = new Set<string>();
  for (let at = 0; at < ids.length; at += mostAsked) {
    const rows = db.selectFrom('settlement_notice').select('id');
    for (const { id } of await rows.where('id', 'in', ids.slice(at, at + mostAsked)).execute()) told.add(id);
  }
  return told;
}

/** Notices that went out, newest first. */
export async function newestNotices(
  db: StateDatabase,
  query: NoticeQuery,
  { limit, after }: Page<NoticeKey>,
): Promise<ToldNotice[]> {
  let rows = noticeQuery(db, query).orderBy('at_s', 'desc').orderBy('id', 'desc').limit(limit);
  if (after !== undefined)
    rows = rows.where(({ eb, refTuple, tuple }) =>
      eb(refTuple('at_s', 'id'), '<', tuple(after.atS, after.id)),
    );
  return (await rows.execute()).map(noticeOf);
}
