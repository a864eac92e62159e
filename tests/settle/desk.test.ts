import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sql } from 'kysely';
import type { StatementHead } from '../../src/domain/settlement.ts';
import { balancesOf, statementState } from '../../src/settle/books.ts';
import { bundleText } from '../../src/settle/bundle.ts';
import { verifyBundle } from '../../src/settle/verify.ts';
import { rebuildState } from '../../src/store/state/rebuild.ts';
import { clean, day, type OpenDesk, openDesk, section } from './desk-fixture.ts';

let open: OpenDesk;
beforeAll(async () => {
  open = await openDesk();
});
afterAll(() => open.close());

const bytesOf = async (id: string): Promise<Buffer> => Buffer.from(bundleText(await open.desk.bundle(id)));
const pact = (period: string) => ({ agreement: 'pact', period, actor: 'office' });
/** What the protecting side has to receive (above zero) or to pay, by account, in whole fen. */
const books = async (): Promise<Record<string, string>> => {
  const party = open.agreement.parties.protecting;
  const own = balancesOf(await open.store.ledger('pact')).filter((one) => one.party === party);
  return Object.fromEntries(own.map((one) => [one.account, one.amountFen.toString()]));
};

describe('a statement', () => {
  it('is refused while its data are unreviewed, its period runs, or a result is missing', async () => {
    await open.deliver('2026-05', clean, 0);
    await expect(open.desk.issue(pact('2026-05'))).rejects.toThrow('unreviewed data reach a trial');
    await open.deliver('2026-07', clean);
    await expect(open.desk.issue(pact('2026-07'))).rejects.toThrow('2026-07 is not over');
    await expect(open.desk.issue(pact('2026-04'))).rejects.toMatchObject({ code: 'E_CONFLICT' });
    await expect(open.desk.issue({ ...pact('2026-05'), agreement: 'none' })).rejects.toMatchObject({
      code: 'E_NOT_FOUND',
    });
    expect(await open.store.statements({})).toEqual([]);
  });

  it('carries what it rests on, and is verified offline to the byte', async () => {
    await open.deliver('2026-06', clean);
    const { statement, sha256 } = await open.desk.issue(pact('2026-06'));
    expect(statement).toMatchObject({ id: 'pact.2026-06.1', number: 1, status: 'assessed', corrects: null });
    expect(statement.markings[0]?.zh).toContain('演示情景');
    expect(statement.lines.map((line) => [line.from.code, line.to.code, line.amountFen])).toEqual([
      [open.agreement.parties.benefiting, open.agreement.parties.protecting, '50000000'],
    ]);
    expect(statement.difference[0]?.amountFen).toBe('50000000');
    const bundle = await open.desk.bundle(statement.id);
    const seqs = new Set(bundle.inputs.series.flatMap((one) => one.seq));
    expect(bundle.inputs.entries.map((entry) => entry.seq)).toEqual([...seqs]);
    const entry = await open.journal.get([...seqs][0] ?? 0);
    expect(bundle.inputs.entries[0]).toMatchObject({ sha256: entry.sha256, hash: entry.hash });
    const verified = await verifyBundle(await bytesOf(statement.id), null);
    expect(verified).toMatchObject({ statement: statement.id, sha256, findings: [], signatures: [] });
    expect(verified.unsigned).toHaveLength(4);
  });

  it('cannot be issued twice, nor changed by anyone who reaches the database', async () => {
    await expect(open.desk.issue(pact('2026-06'))).rejects.toThrow('still waits for signatures');
    for (const statement of [
      `update statement set document = '{}'`,
      'delete from statement',
      'truncate statement cascade',
      `insert into statement (id, agreement, period, number, sha256, document, inputs, facts, issued_s)
         values ('x', 'pact', '2026-01', 1, '${'0'.repeat(64)}', '{}', '', '', 0)`,
    ])
      await expect(sql.raw(statement).execute(open.state.db)).rejects.toThrow(/append-only|statement_check/);
  });

  it('is in force and in the books when the last signature asked for is in', async () => {
    const { protecting, benefiting } = open.agreement.parties;
    const id = 'pact.2026-06.1';
    const first = await open.signatureOf(id, protecting, 'data');
    await expect(open.desk.acceptSignature({ ...first, sha256: 'f'.repeat(64) }, protecting)).rejects.toThrow(
      'has hash',
    );
    await expect(open.desk.acceptSignature({ ...first, purpose: 'funds' }, protecting)).rejects.toThrow(
      'does not hold',
    );
    const seq = await open.desk.acceptSignature(first, protecting);
    expect(await open.desk.acceptSignature(first, protecting)).toBe(seq);
    open.clock.atS += 1;
    const second = await open.signatureOf(id, protecting, 'data');
    await expect(open.desk.acceptSignature(second, protecting)).rejects.toMatchObject({ code: 'E_CONFLICT' });
    expect(await books()).toEqual({});
    for (const [party, purpose] of [
      [protecting, 'funds'],
      [benefiting, 'data'],
      [benefiting, 'funds'],
    ] as const)
      await open.desk.acceptSignature(await open.signatureOf(id, party, purpose), party);
    expect(await books()).toEqual({ due: '50000000' });
    const keys = await open.store.signingKeys();
    const verified = await verifyBundle(await bytesOf(id), keys);
    expect(verified.findings).toEqual([]);
    expect(verified.unsigned).toEqual([]);
    expect(verified.signatures.map((one) => [one.algorithm, one.keyFrom])).toEqual([
      ['ed25519', 'given'],
      ['ed25519', 'given'],
      ['sm2-sm3', 'given'],
      ['sm2-sm3', 'given'],
    ]);
    const stranger = await verifyBundle(await bytesOf(id), []);
    expect(stranger.findings.map((one) => one.part)).toEqual(Array(4).fill('signature'));
  });
});

describe('a correction', () => {
  const id = 'pact.2026-06.2';

  it('is nothing while nothing has changed', async () => {
    const result = await open.desk.correct(pact('2026-06'));
    expect(result).toMatchObject({ corrects: 'pact.2026-06.1', difference: [], changed: [], issued: null });
  });

  it('notices changed inputs and posts only the difference', async () => {
    await open.deliver('2026-06', { ...clean, tp: 0.16 });
    const tried = await open.desk.correct({ ...pact('2026-06'), actor: null });
    expect(tried.issued).toBeNull();
    expect(tried.changed).toEqual([{ section, parameter: 'tp', before: '0.020', now: '0.160' }]);
    const { issued } = await open.desk.correct(pact('2026-06'));
    expect(issued?.statement.id).toBe(id);
    const { protecting, benefiting } = open.agreement.parties;
    expect(issued?.statement.difference.map((one) => [one.from.code, one.to.code, one.amountFen])).toEqual([
      [protecting, benefiting, '50000000'],
      [protecting, benefiting, '100000000'],
    ]);
    expect(await books()).toEqual({ due: '50000000' });
    await open.countersign(id);
    expect(await books()).toEqual({ due: '-100000000' });
    const verified = await verifyBundle(await bytesOf(id), await open.store.signingKeys());
    expect(verified.findings).toEqual([]);
  });

  it('followed by its reverse restores the books', async () => {
    await open.deliver('2026-06', clean);
    const { issued } = await open.desk.correct(pact('2026-06'));
    await open.countersign(issued?.statement.id ?? '');
    expect(await books()).toEqual({ due: '50000000' });
  });
});

describe('an objection', () => {
  const objection = {
    dispute: 'd1',
    statement: 'pact.2026-06.4',
    party: '',
    section,
    parameter: 'do',
    line: null,
    grounds: '溶解氧探头校准过期',
    evidence: [{ name: 'calibration.pdf', sha256: 'e'.repeat(64), bytes: 12 }],
  };
  const move = { dispute: 'd1', note: '', documentNumber: null, evidence: [], outcome: [] };

  beforeAll(async () => {
    objection.party = open.agreement.parties.benefiting;
    await open.deliver('2026-06', { ...clean, nh3n: 0.9 });
    const { issued } = await open.desk.correct(pact('2026-06'));
    expect(issued?.statement.id).toBe(objection.statement);
    await open.countersign(objection.statement);
    expect(await books()).toEqual({ due: '-100000000' });
  });

  it('to an input holds exactly the lines that depend on it', async () => {
    const document: StatementHead = JSON.parse(
      (await open.store.statement(objection.statement))?.document ?? '',
    );
    const dependence = document.lines.map((line) => [line.id.split(':')[2], line.dependsOn]);
    expect(dependence).toEqual([['exceedance', ['codmn', 'nh3n', 'tp']]]);
    await expect(open.desk.object(objection, 'bureau')).rejects.toThrow('no line of pact.2026-06.4 depends');
    const { lines } = await open.desk.object({ ...objection, parameter: 'nh3n' }, 'bureau');
    expect(lines).toEqual([document.lines[0]?.id]);
    expect(await books()).toEqual({ held: '-100000000' });
    expect((await open.store.disputes({}))[0]).toMatchObject({ state: 'raised', parameter: 'nh3n' });
  });

  it('goes its way step by step, and the office never decides', async () => {
    const { desk } = open;
    await expect(desk.proceed({ ...move, step: 'decide' }, 'office')).rejects.toThrow('cannot decide');
    await desk.proceed({ ...move, step: 'answer', note: '已重新校准' }, 'other bureau');
    await desk.proceed({ ...move, step: 'mediate', note: '未达成一致' }, 'office');
    await desk.proceed({ ...move, step: 'refer' }, 'office');
    await expect(desk.proceed({ ...move, step: 'decide' }, 'office')).rejects.toThrow('document number');
    expect(await books()).toEqual({ held: '-100000000' });
  });

  it('ends in the books as decided, and a later correction leaves the decided line alone', async () => {
    const line = (await open.store.disputes({}))[0]?.lines[0] ?? '';
    const decided = { documentNumber: '生态环境部〔2026〕1号', outcome: [{ line, amountFen: '40000000' }] };
    await open.desk.proceed({ ...move, ...decided, step: 'decide' }, 'office');
    expect(await books()).toEqual({ due: '-40000000' });
    const entries = await open.store.ledger('pact');
    expect(entries.at(-1)).toMatchObject({ kind: 'decision', reference: decided.documentNumber });
    await open.deliver('2026-06', { ...clean, nh3n: 1.9 });
    const { difference } = await open.desk.correct({ ...pact('2026-06'), actor: null });
    expect(difference).toEqual([]);
    await expect(open.desk.proceed({ ...move, step: 'withdraw' }, 'bureau')).rejects.toThrow('closed');
  });

  it('comes too late after the days agreed', async () => {
    open.clock.atS += 16 * day;
    await expect(
      open.desk.object({ ...objection, dispute: 'd2', parameter: 'nh3n' }, 'bureau'),
    ).rejects.toThrow('ended 15 days');
  });
});

describe('the books', () => {
  it('take a payment up to what is due, once a transfer document', async () => {
    const { protecting, benefiting } = open.agreement.parties;
    const payment = { agreement: 'pact', from: protecting, to: benefiting, reference: 'T-1' };
    await expect(open.desk.pay({ ...payment, amountFen: '40000001' }, 'finance')).rejects.toThrow(
      'less than',
    );
    const latest = (await open.store.statement('pact.2026-06.4'))!;
    const at = (nowS: number, ledger: Awaited<ReturnType<typeof open.store.ledger>>) =>
      statementState(latest, { signatures: 4, ledger, nowS }).state;
    expect(at(open.clock.nowS(), await open.store.ledger('pact'))).toBe('in-force');
    expect(at(open.clock.nowS() + 30 * day, await open.store.ledger('pact'))).toBe('late');
    await open.desk.pay({ ...payment, amountFen: '15000000' }, 'finance');
    await expect(open.desk.pay({ ...payment, amountFen: '25000000' }, 'finance')).rejects.toMatchObject({
      code: 'E_CONFLICT',
    });
    await open.desk.pay({ ...payment, amountFen: '25000000', reference: 'T-2' }, 'finance');
    expect(await books()).toEqual({ paid: '-40000000' });
    expect(at(open.clock.nowS() + 30 * day, await open.store.ledger('pact'))).toBe('settled');
  });

  it('sum to zero, and refuse an entry that does not', async () => {
    const { db } = open.state;
    const total = await sql<{ sum: string }>`select sum(amount_fen)::text as sum from ledger_posting`.execute(
      db,
    );
    expect(total.rows[0]?.sum).toBe('0');
    const broken = db.transaction().execute(async (trx) => {
      const entry = { id: 'x', position: 99, agreement: 'pact', kind: 'payment', at_s: 0 };
      await trx
        .insertInto('ledger_transaction')
        .values({ ...entry, statement: null, dispute: null, reference: null })
        .execute();
      await trx
        .insertInto('ledger_posting')
        .values({
          transaction: 'x',
          position: 0,
          party: 'a',
          counterparty: 'b',
          account: 'due',
          line: null,
          amount_fen: '5',
        })
        .execute();
    });
    await expect(broken).rejects.toThrow('does not sum to zero');
    await expect(sql`update ledger_posting set amount_fen = 1`.execute(db)).rejects.toThrow('append-only');
    expect((await open.store.ledger('pact')).some((entry) => entry.id === 'x')).toBe(false);
    const between = { transaction: 'statement pact.2026-06.1', account: 'due', line: null };
    const across = db
      .insertInto('ledger_posting')
      .values([
        { ...between, position: 98, party: 'a', counterparty: 'b', amount_fen: '5' },
        { ...between, position: 99, party: 'c', counterparty: 'd', amount_fen: '-5' },
      ])
      .execute();
    await expect(across).rejects.toThrow('does not sum to zero between two parties');
  });
});

describe('a decision before the last signature', () => {
  const ofLine = async (line: string) =>
    (await open.store.ledger('pact'))
      .filter(({ concerns }) => concerns?.startsWith('pact.2026-05.') === true)
      .flatMap(({ postings }) => postings)
      .filter((one) => one.line === line && one.party === open.agreement.parties.protecting)
      .map(({ amountFen }) => amountFen);

  it('stands when the statement takes effect, and until then nothing is booked', async () => {
    await open.deliver('2026-05', clean);
    const { statement } = await open.desk.issue(pact('2026-05'));
    const [{ id: line, section: where }] = statement.lines as [StatementHead['lines'][number]];
    const to = { dispute: 'early', statement: statement.id, section: where, parameter: null, line };
    const party = open.agreement.parties.benefiting;
    await open.desk.object({ ...to, party, grounds: '复测', evidence: [] }, 'bureau');
    const next = { dispute: 'early', note: '', documentNumber: null, evidence: [], outcome: [] };
    for (const step of ['answer', 'mediate', 'refer'] as const)
      await open.desk.proceed({ ...next, step }, 'office');
    const decided = { documentNumber: '生态环境部〔2026〕2号', outcome: [{ line, amountFen: '20000000' }] };
    await open.desk.proceed({ ...next, ...decided, step: 'decide' }, 'office');
    expect(await ofLine(line)).toEqual([]);
    await open.countersign(statement.id);
    expect(await ofLine(line)).toEqual([20_000_000n]);
    await open.deliver('2026-05', { ...clean, nh3n: 0.9 });
    const { issued } = await open.desk.correct(pact('2026-05'));
    await open.countersign(issued!.statement.id);
    expect(await ofLine(line)).toEqual([20_000_000n]);
  });
});

describe('keys and history', () => {
  it('a revoked key signs nothing more; what it signed stands', async () => {
    const { protecting } = open.agreement.parties;
    const pair = await open.keyOf(protecting);
    await open.desk.revokeKey({ keyId: pair.key.keyId, reason: '人员变动', actor: 'bureau' });
    open.clock.atS = Math.max(open.clock.atS, Date.UTC(2026, 7, 20) / 1000);
    const { statement } = await open.desk.issue(pact('2026-07'));
    const signature = await open.signatureOf(statement.id, protecting, 'data');
    await expect(open.desk.acceptSignature(signature, protecting)).rejects.toThrow('is revoked');
    await open.desk.withdraw({ statement: statement.id, reason: '换钥', actor: 'office' });
    expect((await open.desk.issue(pact('2026-07'))).statement.id).toBe('pact.2026-07.2');
    expect((await verifyBundle(await bytesOf('pact.2026-06.1'), null)).findings).toEqual([]);
  });

  it('an empty state filled from the journal is the same, table by table', async () => {
    const { tables } = await rebuildState(open.state.db, open.journal, open.clock);
    const own = tables.filter(({ name }) => /statement|signing|ledger|dispute/.test(name));
    expect(own.filter(({ equal }) => !equal)).toEqual([]);
    expect(own.filter(({ rows }) => rows > 0)).toHaveLength(10);
  });
});
