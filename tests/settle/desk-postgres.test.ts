import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { balancesOf } from '../../src/settle/books.ts';
import { postgresAvailable, type PostgresServer, startPostgres } from '../servers/postgres.ts';
import { clean, type OpenDesk, openDesk, section } from './desk-fixture.ts';

describe.skipIf(!postgresAvailable)('settlements on a real PostgreSQL server', () => {
  let server: PostgresServer;
  let open: OpenDesk;
  beforeAll(async () => {
    server = await startPostgres();
    open = await openDesk({}, { kind: 'postgres', url: await server.database() });
  });
  afterAll(async () => {
    await open.close();
    await server.stop();
  });

  it('go from issue to correction, dispute and payment, and refuse what the embedded engine refuses', async () => {
    const { desk, store, state, agreement } = open;
    const { protecting, benefiting } = agreement.parties;
    const june = { agreement: 'pact', period: '2026-06', actor: 'office' };
    const due = async () =>
      balancesOf(await store.ledger('pact'))
        .filter((one) => one.party === protecting)
        .map((one) => `${one.account} ${one.amountFen}`);
    await open.deliver('2026-06', clean);
    const first = await desk.issue(june);
    await open.countersign(first.statement.id);
    await open.deliver('2026-06', { ...clean, tp: 0.16 });
    const { issued } = await desk.correct(june);
    await open.countersign(issued?.statement.id ?? '');
    expect(await due()).toEqual(['due -100000000']);
    const objection = {
      dispute: 'd',
      statement: issued?.statement.id ?? '',
      party: protecting,
      section,
      parameter: 'tp',
      line: null,
      grounds: '复测',
      evidence: [],
    };
    await desk.object(objection, 'bureau');
    expect(await due()).toEqual(['held -100000000']);
    const move = { dispute: 'd', note: '', documentNumber: null, evidence: [], outcome: [] };
    await desk.proceed({ ...move, step: 'withdraw' }, 'bureau');
    expect(await due()).toEqual(['due -100000000']);
    const payment = { agreement: 'pact', from: protecting, to: benefiting, reference: 'T' };
    await desk.pay({ ...payment, amountFen: '100000000' }, 'finance');
    expect(await due()).toEqual(['paid -100000000']);
    for (const statement of ['update statement set period = period', 'truncate ledger_posting'])
      await expect(sql.raw(statement).execute(state.db)).rejects.toThrow('append-only');
    await expect(
      sql`insert into ledger_posting select 'statement pact.2026-06.1', 9, 'a', 'b', 'due', null, 7`.execute(
        state.db,
      ),
    ).rejects.toThrow('does not sum to zero');
  });
});
