import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { balancesOf, statementState } from '../../src/settle/books.ts';
import { clean, type OpenDesk, openDesk, section } from './desk-fixture.ts';

const provenance = { source: 'made up for tests', confidence: 'assumed' as const };
const superior = { zh: '省级财政', en: 'Provincial treasury' };

describe('objections, and money of a superior government', () => {
  let open: OpenDesk;
  const id = 'pact.2026-06.1';
  const objection = { statement: id, section, parameter: null, line: null, grounds: '异议', evidence: [] };
  const close = (dispute: string) =>
    open.desk.proceed(
      { dispute, step: 'withdraw', note: '', documentNumber: null, evidence: [], outcome: [] },
      'office',
    );
  const stateOf = async (): Promise<string> => {
    const statement = (await open.store.statement(id))!;
    const ledger = await open.store.ledger('pact');
    return statementState(statement, { signatures: 4, ledger, nowS: open.clock.nowS() }).state;
  };
  beforeAll(async () => {
    open = await openDesk({
      unconditional: [
        {
          id: 'guide',
          from: { code: null, name: superior },
          to: 'protecting',
          amountWan: '300',
          periods: ['2026-06'],
          documentNumber: null,
          provenance,
        },
      ],
    });
    await open.deliver('2026-06', clean);
    await open.desk.issue({ agreement: 'pact', period: '2026-06', actor: 'office' });
    await open.countersign(id);
  });
  afterAll(() => open.close());

  it('nets each pair by itself, and is not settled while the superior owes', async () => {
    const [payer, receiver] = [open.agreement.parties.benefiting, open.agreement.parties.protecting];
    const balances = balancesOf(await open.store.ledger('pact')).filter((one) => one.party === receiver);
    expect(balances.map((one) => [one.counterparty, one.amountFen])).toEqual([
      [payer, 50_000_000n],
      [superior.zh, 300_000_000n],
    ]);
    const pay = { agreement: 'pact', from: payer, to: receiver, amountFen: '50000000', reference: 'R1' };
    await open.desk.pay(pay, 'office');
    expect(await stateOf()).toBe('in-force');
  });

  it('holds a line of the superior when it is objected to, and nothing else', async () => {
    const { lines: all } = JSON.parse((await open.store.statement(id))!.document);
    const line = all.find((one: { basis: string }) => one.basis === 'unconditional').id;
    const party = open.agreement.parties.benefiting;
    const held = await open.desk.object({ ...objection, party, dispute: 'guide', section: '*', line }, 'o');
    expect(held.lines).toEqual([line]);
    const onHold = balancesOf(await open.store.ledger('pact')).filter((one) => one.account === 'held');
    expect(onHold.map((one) => one.party).toSorted()).toEqual([
      open.agreement.parties.protecting,
      superior.zh,
    ]);
    await close('guide');
    const from = superior.zh;
    const to = open.agreement.parties.protecting;
    await open.desk.pay({ agreement: 'pact', from, to, amountFen: '300000000', reference: 'R2' }, 'office');
    expect(await stateOf()).toBe('settled');
  });

  it('to the class of a section holds what rests on it; to an attribution where the rule has none is refused', async () => {
    const party = open.agreement.parties.benefiting;
    const about = { ...objection, party, about: 'verdict' as const };
    const { lines } = await open.desk.object({ ...about, dispute: 'class' }, 'office');
    expect(lines).toHaveLength(1);
    const disputes = await open.store.disputes({ statement: id });
    expect(disputes.find((one) => one.id === 'class')).toMatchObject({ about: 'verdict', lines });
    await close('class');
    await expect(
      open.desk.object({ ...objection, party, about: 'attribution', dispute: 'none' }, 'office'),
    ).rejects.toThrow(/no line of pact.2026-06.1 depends on the attribution of jiaoxi/);
  });
});
