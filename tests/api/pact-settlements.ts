import { MonitorError } from '../../src/domain/errors.ts';
import type { SentNotice } from '../../src/domain/settlement-notices.ts';
import type { SettlementFollowUp } from '../../src/domain/settlement-follow-up.ts';
import type { Dispute } from '../../src/domain/settlement.ts';
import type { SettlementService } from '../../src/domain/settlement-service.ts';
import type { ListedStatement } from '../../src/domain/statement-list.ts';

const party = (code: string) => ({ code, name: { zh: code, en: code } });
/** Beside every amount of a demonstration. */
export const demonstration = {
  zh: '演示情景：双方未签订该协议，不产生支付义务',
  en: 'Demonstration: no such agreement has been signed; nothing is payable',
};
const summary: ListedStatement = {
  id: 'ou-pact.2026-02.1',
  agreement: 'ou-pact',
  period: '2026-02',
  number: 1,
  corrects: null,
  sha256: 'a'.repeat(64),
  issuedS: 1,
  effectiveS: null,
  withdrawnS: null,
  state: 'issued',
  dueS: null,
  signatures: [],
  parties: { protecting: party('331100'), benefiting: party('330300') },
  markings: [],
  outcome: 'assessed',
  payments: [{ from: party('330300'), to: party('331100'), amountFen: '50000000' }],
  posts: [{ from: party('330300'), to: party('331100'), amountFen: '50000000' }],
  held: [],
  openDisputes: 1,
  awaited: [{ party: '331100', purpose: 'data' }],
  reviewByS: null,
  objectUntilS: 3,
  correctedBy: null,
};
const dispute: Dispute & { deadlineS: number | null } = {
  id: 'd1',
  statement: summary.id,
  agreement: 'ou-pact',
  party: '331100',
  about: 'input',
  section: 'up',
  parameter: 'tp',
  fromS: null,
  toS: null,
  lines: ['l'],
  grounds: 'g',
  evidence: [],
  state: 'raised',
  raisedS: 1,
  sinceS: 1,
  history: [],
  deadlineS: 2,
};

/** One statement and one dispute of the fixture's agreement; acts are noted, with their actors. */
export function pactSettlements(acts: { act: string; actor: string | null }[] = []): SettlementService {
  const note = (act: string, actor: string | null): Promise<number> => {
    acts.push({ act, actor });
    return Promise.resolve(acts.length);
  };
  const issued = (seq: number) => ({ id: 'ou-pact.2026-02.2', sha256: 'b'.repeat(64), seq });
  return {
    statements: () => Promise.resolve([summary]),
    agreementOf: (of) => {
      const known = 'statement' in of ? of.statement === summary.id : of.dispute === dispute.id;
      return Promise.resolve(known ? summary.agreement : null);
    },
    standing: () =>
      Promise.resolve({ statement: summary, disputes: [dispute], entries: [], settledBy: [], open: [] }),
    changed: () => Promise.resolve([{ id: summary.id, sections: ['up'], reason: null }]),
    statement: (id) =>
      id === summary.id
        ? Promise.resolve({ summary, document: { id } })
        : Promise.reject(new MonitorError('E_NOT_FOUND', id)),
    bundle: (id) => Promise.resolve(`{"id":"${id}"}`),
    books: () =>
      Promise.resolve({
        markings: [demonstration],
        entries: [],
        balances: [{ party: '331100', counterparty: '330300', account: 'due', amountFen: 50_000_000n }],
      }),
    disputes: () => Promise.resolve([dispute]),
    signingKeys: () => Promise.resolve([]),
    issue: async ({ actor }) => issued(await note('issue', actor)),
    correct: async ({ actor }) => {
      const seq = actor === null ? 0 : await note('correct', actor);
      return {
        corrects: summary.id,
        difference: [],
        changed: [],
        recomputed: { sections: [], of: 1, readings: 0 },
        issued: actor === null ? null : issued(seq),
      };
    },
    withdraw: ({ actor }) => note('withdraw', actor),
    acceptSignature: (_signature, actor) => note('sign', actor),
    object: async (_objection, actor) => ({ seq: await note('object', actor), lines: ['l'] }),
    proceed: ({ step }, actor) => note(step, actor),
    pay: (_payment, actor) => note('pay', actor),
    publishKey: (_key, actor) => note('publish', actor),
    revokeKey: ({ actor }) => note('revoke', actor),
  };
}

/** One notice of each party. */
const pactNotices = (agreement: string, party: string | null): SentNotice[] =>
  ['330300', '331100']
    .filter((one) => party === null || one === party)
    .map((one) => ({
      id: `payment-late~${one}`,
      kind: 'payment-late',
      agreement,
      party: one,
      subject: 'e1',
      endsS: 1,
      atS: 2,
      change: null,
      title: { zh: '补偿资金已逾期', en: 'a payment is late' },
      summary: null,
      messages: [{ contact: 'desk', channel: 'mail', state: 'delivered', deliveredS: 3 }],
    }));

/** One debt, an empty account, an empty fund, and a page. */
export const pactFollowUp: SettlementFollowUp = {
  arrears: () =>
    Promise.resolve([
      {
        from: '330300',
        to: '331100',
        items: [],
        openFen: 1n,
        lateFen: 0n,
        daysLate: 0,
        interestFen: null,
        markings: [demonstration],
      },
    ]),
  account: (_agreement, of) =>
    Promise.resolve({ ...of, counterparties: [], entries: [], markings: [demonstration] }),
  reminders: () => Promise.resolve([{ from: '330300', to: '331100', amountFen: '1', daysLate: 3, atS: 5 }]),
  notices: (agreement, { party }) => Promise.resolve(pactNotices(agreement, party)),
  price: (_agreement, { clauses }) => Promise.resolve(clauses.map((clause) => ({ clause, totalFen: '1' }))),
  remind: (agreement) =>
    Promise.resolve([{ agreement, from: '330300', to: '331100', amountFen: '1', daysLate: 3, atS: 5 }]),
  deduct: () => Promise.resolve(7),
  bookInterest: () => Promise.resolve(250n),
  spend: () => Promise.resolve(8),
  contribute: () => Promise.resolve('100'),
  why: (id) => Promise.resolve({ markings: [demonstration], statement: id, sections: [] }),
  fund: () => Promise.resolve({ markings: [demonstration], balanceFen: 0n, owedFen: {}, usedFen: {} }),
  document: (id) =>
    Promise.resolve({ bytes: new TextEncoder().encode(id), mediaType: 'text/html; charset=utf-8' }),
};
