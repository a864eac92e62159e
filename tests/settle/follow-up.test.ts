import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accountStatement } from '../../src/settle/account.ts';
import { arrearsOf } from '../../src/settle/arrears.ts';
import { type LedgerTransaction, owed, type TransactionKind } from '../../src/domain/settlement.ts';
import { beginOfDay, civilDate } from '../../src/domain/time.ts';
import { FollowUp } from '../../src/settle/follow-up.ts';
import { defaultProcedure } from '../../src/settle/procedure.ts';
import { rebuildState } from '../../src/store/state/rebuild.ts';
import { clean, day, type OpenDesk, openDesk } from './desk-fixture.ts';

const provenance = { source: 'made up for tests', confidence: 'assumed' as const };
const name = { zh: '甲', en: 'A' };
let open: OpenDesk;
let followUp: FollowUp;
let plain: FollowUp;
let payer: string;
let receiver: string;

beforeAll(async () => {
  const shares = { atLeast: '0.01', atMost: '0.03', provenance };
  const member = (party: string, share: string) => ({ party, share, revenue: name, provenance });
  open = await openDesk({
    procedure: {
      ...defaultProcedure,
      late: { interestPerDay: '0.0005', deduction: { by: name, afterDays: 20 }, provenance },
    },
    fund: {
      name,
      share: shares,
      members: [member('330300', '0.01'), member('350900', '0.03')],
      uses: [{ id: 'studies', name, provenance }],
    },
  });
  const { store, state, clock, config } = open;
  followUp = new FollowUp({ store, acts: state.acts, clock, config: () => config });
  const without = {
    ...config,
    agreements: [{ ...open.agreement, procedure: defaultProcedure, fund: undefined! }],
  };
  plain = new FollowUp({ store, acts: state.acts, clock, config: () => without });
  [payer, receiver] = [open.agreement.parties.benefiting, open.agreement.parties.protecting];
  await open.deliver('2026-06', clean);
  const { statement } = await open.desk.issue({ agreement: 'pact', period: '2026-06', actor: 'office' });
  await open.countersign(statement.id);
});
afterAll(() => open.close());

const owes = async () => (await followUp.arrears('pact')).find((one) => one.from === payer);
const deduct = (amountFen: string) =>
  followUp.deduct({
    agreement: 'pact',
    from: payer,
    to: receiver,
    amountFen,
    reference: '财预〔2026〕9号',
    actor: 'office',
  });

describe('money that is late', () => {
  it('is due after the days agreed, counted oldest first, and only then reminded of, once a day', async () => {
    expect(await owes()).toMatchObject({ openFen: 50_000_000n, lateFen: 0n, daysLate: 0, interestFen: 0n });
    expect(await followUp.remind('pact', 'office')).toEqual([]);
    open.clock.atS += 40 * day;
    expect(await owes()).toMatchObject({
      to: receiver,
      lateFen: 50_000_000n,
      daysLate: 10,
      interestFen: 250_000n,
    });
    await expect(deduct('1')).rejects.toThrow('0 fen that are 20 days late');
    expect(await followUp.remind('pact', 'office')).toMatchObject([
      { from: payer, amountFen: '50000000', daysLate: 10 },
    ]);
    expect(await followUp.remind('pact', 'office')).toEqual([]);
  });

  it('is reminded of anew when a day of the region begins, not one of UTC', async () => {
    const before = open.clock.atS;
    const { timeZone } = open.config.region;
    const tomorrowS = beginOfDay(civilDate(before + day, timeZone), timeZone);
    open.clock.atS = tomorrowS - 1;
    expect(await followUp.remind('pact', 'office')).toEqual([]);
    open.clock.atS = tomorrowS;
    expect(await followUp.remind('pact', 'office')).toHaveLength(1);
    open.clock.atS = before;
  });

  it('bears interest only where the agreement says so, and interest bears none', async () => {
    const pair = { agreement: 'pact', from: payer, to: receiver, actor: 'office' };
    expect((await plain.arrears('pact'))[0]?.interestFen).toBeNull();
    await expect(plain.bookInterest(pair)).rejects.toThrow('asks for no interest');
    expect(await followUp.bookInterest(pair)).toBe(250_000n);
    await expect(followUp.bookInterest(pair)).rejects.toThrow('no interest of');
    open.clock.atS += 10 * day;
    expect(await owes()).toMatchObject({ openFen: 50_250_000n, interestFen: 250_000n });
  });

  it('may be deducted by the superior as agreed, never more than is that late', async () => {
    await expect(deduct('50000001')).rejects.toThrow('less than the 50000001 deducted');
    await expect(
      plain.deduct({
        agreement: 'pact',
        from: payer,
        to: receiver,
        amountFen: '1',
        reference: 'x',
        actor: 'office',
      }),
    ).rejects.toThrow('allows no deduction');
    await deduct('30000000');
    expect(await owes()).toMatchObject({ openFen: 20_250_000n });
    const entry = (await open.store.ledger('pact')).find((one) => one.kind === 'deduction');
    expect(entry).toMatchObject({ reference: '财预〔2026〕9号' });
    expect(entry?.postings.reduce((sum, one) => sum + one.amountFen, 0n)).toBe(0n);
  });

  it('stands in a statement of account whose opening and entries make the closing', async () => {
    const ledger = await open.store.ledger('pact');
    const { atS } = ledger[1]!;
    const account = accountStatement(ledger, { party: receiver, fromS: atS, toS: open.clock.atS + 1 });
    expect(account.entries.map((one) => one.kind)).toEqual(['interest', 'deduction']);
    const [pair] = account.counterparties;
    const added = account.entries.reduce((sum, one) => sum + one.change.due, 0n);
    expect([pair?.opening.due, added, pair?.closing.due]).toEqual([50_000_000n, -29_750_000n, 20_250_000n]);
    expect(pair?.closing.paid).toBe(30_000_000n);
    expect(
      accountStatement(ledger, { party: payer, fromS: atS, toS: open.clock.atS + 1 }).entries.at(-1)?.dueFen,
    ).toBe(-20_250_000n);
  });
});

it('arrears of one side pay those of the other, oldest first', () => {
  const entry = (id: string, from: string, to: string, fen: bigint, atS: number) => ({
    id,
    agreement: 'pact',
    kind: 'statement' as const,
    statement: null,
    concerns: null,
    dispute: null,
    atS,
    reference: null,
    postings: [
      { party: from, counterparty: to, account: 'due' as const, line: null, amountFen: -fen },
      { party: to, counterparty: from, account: 'due' as const, line: null, amountFen: fen },
    ],
  });
  const ledger = [
    entry('one', 'a', 'b', 100n, 0),
    entry('two', 'a', 'b', 50n, 5 * day),
    entry('back', 'b', 'a', 120n, 6 * day),
  ];
  const terms = { dueDays: 10, interestPerDay: null, nowS: 20 * day };
  expect(arrearsOf(ledger, terms)).toMatchObject([
    { from: 'a', to: 'b', openFen: 30n, daysLate: 5, items: [{ entry: 'two', openFen: 30n }] },
  ]);
  expect(arrearsOf([...ledger, entry('more', 'b', 'a', 31n, 7 * day)], terms)).toMatchObject([
    { from: 'b', to: 'a', openFen: 1n, daysLate: 3 },
  ]);
});

describe('a hold', () => {
  const booked = (kind: TransactionKind, concerns: string | null, fen: bigint, atS: number) => ({
    id: `${kind} ${concerns} ${atS}`,
    agreement: 'pact',
    kind,
    statement: null,
    concerns,
    dispute: null,
    atS,
    reference: null,
    postings: owed({ from: 'a', to: 'b', amountFen: fen, line: null }, 'due'),
  });
  const terms = { dueDays: 10, interestPerDay: null, nowS: 100 * day };
  const summary = (ledger: LedgerTransaction[]) =>
    arrearsOf(ledger, terms).map(({ from, openFen, items }) => [
      from,
      openFen,
      items.map((one) => one.entry),
    ]);

  it('gives back no money that was paid for what it holds; it pays what comes back', () => {
    const held = [
      booked('statement', 'may', 500n, 0),
      booked('payment', null, -200n, day),
      booked('hold', 'may', -500n, 2 * day),
    ];
    expect(summary(held)).toEqual([]);
    const released = [...held, booked('release', 'may', 500n, 3 * day)];
    expect(summary(released)).toEqual([['a', 300n, [`release may ${3 * day}`]]]);
    const decided = (fen: bigint) => [...released, booked('decision', 'may', fen - 500n, 3 * day)];
    expect(summary(decided(300n))).toEqual([['a', 100n, [`release may ${3 * day}`]]]);
    expect(summary(decided(150n))).toEqual([['b', 50n, [`decision may ${3 * day}`]]]);
    const again = [...released, booked('hold', 'may', -500n, 4 * day)];
    expect(summary(again)).toEqual([]);
  });

  it('takes what it holds and leaves older debts as late as they are', () => {
    const ledger = [
      booked('statement', 'april', 500n, 0),
      booked('statement', 'may', 500n, 30 * day),
      booked('hold', 'may', -500n, 31 * day),
    ];
    expect(arrearsOf(ledger, terms)).toMatchObject([
      { from: 'a', openFen: 500n, daysLate: 90, items: [{ entry: 'statement april 0' }] },
    ]);
  });

  it('of what a debt the other way had settled makes that debt due again', () => {
    const ledger = [
      booked('statement', 'april', 500n, 0),
      booked('statement', 'may', -800n, day),
      booked('hold', 'april', -500n, 2 * day),
    ];
    expect(arrearsOf(ledger, terms)).toMatchObject([{ from: 'b', openFen: 800n }]);
  });
});

describe('the cooperation fund', () => {
  it('is paid in by shares of revenue, spent on declared uses, and never below nothing', async () => {
    const yearly = { agreement: 'pact', year: '2026', source: '2026年预算执行报告', actor: 'office' };
    expect(await followUp.contribute({ ...yearly, party: '330300', revenueFen: '1000000050' })).toBe(
      '10000000',
    );
    expect(await followUp.contribute({ ...yearly, party: '350900', revenueFen: '100000000' })).toBe(
      '3000000',
    );
    const again = followUp.contribute({ ...yearly, party: '350900', revenueFen: '200000000' });
    await expect(again).rejects.toMatchObject({ code: 'E_CONFLICT' });
    await expect(followUp.contribute({ ...yearly, party: '331100', revenueFen: '1' })).rejects.toThrow(
      'no member',
    );
    await open.desk.pay(
      { agreement: 'pact', from: '350900', to: 'fund', amountFen: '2000000', reference: 'T1' },
      'office',
    );
    const spend = { agreement: 'pact', use: 'studies', to: '水科院', actor: 'office' };
    await expect(followUp.spend({ ...spend, amountFen: '2000001', reference: 'U1' })).rejects.toThrow(
      'the fund holds 2000000',
    );
    await expect(
      followUp.spend({ ...spend, use: 'feasts', amountFen: '1', reference: 'U2' }),
    ).rejects.toThrow('no use of the fund');
    await followUp.spend({ ...spend, amountFen: '500000', reference: 'U3' });
    expect(await followUp.fund('pact')).toEqual({
      balanceFen: 1_500_000n,
      owedFen: { '330300': 10_000_000n, '350900': 1_000_000n },
      usedFen: { studies: 500_000n },
    });
    for (const { postings } of await open.store.ledger('pact'))
      expect(postings.reduce((sum, one) => sum + one.amountFen, 0n)).toBe(0n);
  });

  it('and what was reminded of come back from the journal alone', async () => {
    expect(await open.store.reminders('pact')).toHaveLength(2);
    const { tables } = await rebuildState(open.state.db, open.journal, open.clock);
    expect(tables.filter(({ equal }) => !equal)).toEqual([]);
    expect(tables.filter(({ name }) => name === 'reminder')).toMatchObject([{ rows: 2 }]);
  });
});
