import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Agreement } from '../../src/domain/config/region.ts';
import type { Config } from '../../src/domain/config/config.ts';
import { balancesOf, statementState } from '../../src/settle/books.ts';
import { civilPeriod } from '../../src/domain/civil-period.ts';
import { clean, day, type OpenDesk, openDesk, provider, section } from './desk-fixture.ts';

const provenance = { source: 'made up for tests', confidence: 'assumed' as const };
const { beginS } = civilPeriod('2026-06', 'Asia/Shanghai');

/** Beside the pact one more, whose rule first says whom the gain is owed to: half of it. */
function withAttribution(config: Config): Config {
  const [pact] = config.agreements as [Config['agreements'][number]];
  const scheme = config.schemes.find((one) => one.id === pact.scheme)!;
  const half = { zh: '一半', en: 'Half' };
  const owned = { step: 'owned', primitive: 'attribute' as const, rule: half, value: 'classesGained / 2' };
  const steps = scheme.steps.flatMap((step) => {
    if (step.step === 'classesGained') return [step, { ...owned, when: 'given(measuredClass)' }];
    return [step.step === 'gain' ? { ...step, value: 'owned * reward' } : step];
  });
  return {
    ...config,
    schemes: [...config.schemes, { ...scheme, id: 'attributing', steps }],
    agreements: [pact, { ...pact, id: 'shared', scheme: 'attributing' }],
  };
}
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
    const change: Partial<Agreement> = {
      dataSource: { provider, averaging: 'P1M', check: { provider: 'cnemc', averaging: 'instant' } },
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
    };
    open = await openDesk(change, undefined, withAttribution);
    await open.deliver('2026-06', clean);
    await open.bring('cnemc', (builder) => {
      const series = builder.seriesOf(section, 'tp', 'instant');
      for (let at = 0; at < 180; at++) builder.add({ series, timeS: beginS + at * 14_400, value: 0.02 });
    });
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

  it('to single readings holds the lines that rest on one of them, and no line where none counted', async () => {
    const party = open.agreement.parties.benefiting;
    const about = { ...objection, party, parameter: 'tp' };
    const at = (fromS: number, toS: number, dispute: string) =>
      open.desk.object({ ...about, dispute, readings: { fromS, toS } }, 'office');
    const { lines } = await at(beginS, beginS + 1, 'delivered');
    expect(lines).toHaveLength(1);
    const disputes = await open.store.disputes({ statement: id });
    const found = disputes.find((one) => one.id === 'delivered');
    expect(found).toMatchObject({ about: 'input', parameter: 'tp', fromS: beginS, toS: beginS + 1, lines });
    await close('delivered');
    await expect(at(beginS - day, beginS, 'before')).rejects.toThrow(
      /no line of pact.2026-06.1 depends on the/,
    );
    // A check value stands beside the delivered one and is never paid on.
    await expect(at(beginS + 1, beginS + 10 * day, 'check')).rejects.toThrow(/depends on the readings/);
    await expect(at(beginS, beginS, 'empty')).rejects.toMatchObject({ code: 'E_BAD_REQUEST' });
    const all = { ...about, parameter: null, readings: { fromS: beginS, toS: beginS + day } };
    await expect(open.desk.object({ ...all, dispute: 'any' }, 'o')).rejects.toThrow(/by one parameter/);
  });

  it('to an attribution holds what rests on it, and not the money of the superior', async () => {
    const { statement } = await open.desk.issue({ agreement: 'shared', period: '2026-06', actor: 'office' });
    await open.countersign(statement.id);
    const [own, guide] = statement.lines;
    expect([own?.amountFen, statement.lines.length]).toEqual(['25000000', 2]);
    const about = { ...objection, statement: statement.id, party: open.agreement.parties.benefiting };
    const raised = await open.desk.object({ ...about, about: 'attribution', dispute: 'whose' }, 'office');
    expect(raised.lines).toEqual([own?.id]);
    expect(guide?.basis).toBe('unconditional');
    const held = balancesOf(await open.store.ledger('shared')).filter((one) => one.account === 'held');
    expect(new Set(held.map((one) => one.amountFen))).toEqual(new Set([-25_000_000n, 25_000_000n]));
  });
});
