import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StatementKey } from '../../src/domain/statement-list.ts';
import { settlementService } from '../../src/settle/service.ts';
import { clean, day, type OpenDesk, openDesk, section } from './desk-fixture.ts';

describe('statements as a list shows them', () => {
  let open: OpenDesk;
  let service: ReturnType<typeof settlementService>;
  const month = (period: string) => ({ agreement: 'pact', period, actor: 'office' });
  const rowOf = async (id: string) => (await service.standing(id)).statement;
  beforeAll(async () => {
    open = await openDesk();
    service = settlementService(open.desk, open.clock);
    for (const period of ['2026-05', '2026-06']) {
      await open.deliver(period, clean);
      await open.desk.issue(month(period));
      open.clock.atS += day;
    }
  });
  afterAll(() => open.close());

  it('come newest first and page by page, each once', async () => {
    const seen: string[] = [];
    let after: StatementKey | undefined;
    for (let page = 0; page < 3; page++) {
      const rows = await service.statements('pact', { limit: 1, after });
      seen.push(...rows.map(({ id }) => id));
      after = rows.at(-1) ?? after;
    }
    expect(seen).toEqual(['pact.2026-06.1', 'pact.2026-05.1']);
    expect(await service.agreementOf({ statement: 'pact.2026-05.1' })).toBe('pact');
    expect(await service.agreementOf({ statement: 'none' })).toBeNull();
  });

  it('say who is still to sign until everybody has', async () => {
    const { protecting, benefiting } = open.agreement.parties;
    await open.desk.acceptSignature(await open.signatureOf('pact.2026-05.1', protecting, 'data'), 'p');
    const waiting = await rowOf('pact.2026-05.1');
    expect(waiting.state).toBe('partly-signed');
    expect(waiting.awaited).toEqual([
      { party: protecting, purpose: 'funds' },
      { party: benefiting, purpose: 'data' },
      { party: benefiting, purpose: 'funds' },
    ]);
    for (const [party, purpose] of [
      [protecting, 'funds'],
      [benefiting, 'data'],
      [benefiting, 'funds'],
    ] as const)
      await open.desk.acceptSignature(await open.signatureOf('pact.2026-05.1', party, purpose), 'p');
    await open.countersign('pact.2026-06.1');
    expect(await rowOf('pact.2026-05.1')).toMatchObject({ state: 'in-force', awaited: [], reviewByS: null });
  });

  it('are paid oldest first: a payment settles the earlier one and leaves the later one due', async () => {
    const { protecting: to, benefiting: from } = open.agreement.parties;
    await open.desk.pay({ agreement: 'pact', from, to, amountFen: '60000000', reference: 'T-1' }, 'office');
    const first = await service.standing('pact.2026-05.1');
    expect(first.statement.state).toBe('settled');
    expect(first.open).toEqual([]);
    expect(first.settledBy).toMatchObject([{ kind: 'payment', reference: 'T-1', amountFen: 50_000_000n }]);
    const second = await service.standing('pact.2026-06.1');
    expect(second.statement).toMatchObject({ state: 'in-force', payments: [{ amountFen: '50000000' }] });
    expect(second.settledBy).toMatchObject([{ reference: 'T-1', amountFen: 10_000_000n }]);
    expect(second.open).toMatchObject([{ from, to, openFen: 40_000_000n, daysLate: 0 }]);
    open.clock.atS += 31 * day;
    expect((await rowOf('pact.2026-06.1')).state).toBe('late');
    expect((await rowOf('pact.2026-05.1')).state).toBe('settled');
    open.clock.atS -= 31 * day;
  });

  it('show which lines an open objection holds, and until when it must be answered', async () => {
    const objection = { dispute: 'd1', statement: 'pact.2026-06.1', section, parameter: 'tp', line: null };
    const party = open.agreement.parties.benefiting;
    const { lines } = await open.desk.object({ ...objection, party, grounds: '复测', evidence: [] }, 'b');
    const { statement, disputes, entries } = await service.standing('pact.2026-06.1');
    expect(statement).toMatchObject({ held: lines, openDisputes: 1, state: 'in-force' });
    expect(disputes[0]!.deadlineS).toBe(open.clock.atS + 15 * day);
    const pair = { from: party, to: open.agreement.parties.protecting };
    expect(entries).toMatchObject([
      { kind: 'statement', ...pair, change: { due: 50_000_000n, held: 0n, paid: 0n } },
      { kind: 'hold', ...pair, change: { due: -50_000_000n, held: 50_000_000n } },
    ]);
    const end = { dispute: 'd1', note: '', documentNumber: null, evidence: [], outcome: [] };
    await open.desk.proceed({ ...end, step: 'withdraw' }, 'b');
    expect(await rowOf('pact.2026-06.1')).toMatchObject({ held: [], openDisputes: 0 });
  });

  it('name the correction that stands on them, and what it adds to the books', async () => {
    await open.deliver('2026-06', { ...clean, tp: 0.16 });
    const { issued } = await open.desk.correct(month('2026-06'));
    const correction = await rowOf(issued!.statement.id);
    expect(correction).toMatchObject({ corrects: 'pact.2026-06.1', state: 'issued', correctedBy: null });
    expect(correction.posts).not.toEqual(correction.payments);
    expect((await rowOf('pact.2026-06.1')).correctedBy).toBe(correction.id);
    await open.desk.withdraw({ statement: correction.id, reason: '试', actor: 'office' });
    expect((await rowOf('pact.2026-06.1')).correctedBy).toBeNull();
    expect(await rowOf(correction.id)).toMatchObject({ state: 'withdrawn', awaited: [] });
  });
});
