import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Issue } from '../../../src/domain/errors.ts';
import { everyRow } from '../../../src/domain/paging.ts';
import type { Act, Clock, RunReport, StoredIssue } from '../../../src/domain/ports.ts';
import { openFileJournal, type FileJournal } from '../../../src/ingest/journal/index.ts';
import {
  createKey,
  openJobs,
  openState,
  revokeKey,
  type Jobs,
  type OpenState,
  type StatePlace,
} from '../../../src/store/state/index.ts';

export class HeldClock implements Clock {
  atS = 1_750_000_000;
  nowS(): number {
    return this.atS;
  }
}

function issue(record: string, code: Issue['code'] = 'VALUE_NOT_A_NUMBER', source = 'gauge'): Issue {
  return {
    code,
    path: 'row 3, column nh3n',
    message: `"${record}" is not a number`,
    source: { id: source, record },
  };
}

const cells = {
  read: 9,
  absent: 1,
  missing: 1,
  rejected: 1,
  accepted: 5,
  unchanged: 1,
  revised: 0,
  superseded: 0,
};

/** What every place of the state must do. `place` gives an empty one; the state stays open over the tests, which use names of their own. */
export function stateContract(name: string, place: () => Promise<StatePlace>): void {
  describe(`the state on ${name}`, () => {
    const clock = new HeldClock();
    let folder: string;
    let journal: FileJournal;
    let state: OpenState;

    beforeAll(async () => {
      folder = mkdtempSync(path.join(tmpdir(), 'jiehe-state-'));
      journal = await openFileJournal({ dir: path.join(folder, 'journal') });
      state = await openState(await place(), { journal, clock });
      await state.acts.recover();
    });

    afterAll(async () => {
      await state.close();
      await journal.close();
      rmSync(folder, { recursive: true, force: true });
    });

    test('gives whole numbers of eight bytes as numbers, and refuses one that a number cannot hold', async () => {
      const { rows } = await sql<{ n: unknown }>`select 9007199254740991::int8 as n`.execute(state.db);
      expect(rows).toEqual([{ n: Number.MAX_SAFE_INTEGER }]);
      await expect(sql`select 9007199254740993::int8 as n`.execute(state.db)).rejects.toThrow('beyond 2^53');
    });

    test('keeps a run from its start to its report, newest first', async () => {
      const begun = { runId: 'r1', source: 'air', startedS: 100, trigger: 'schedule' } as const;
      await state.runs.start(begun);
      const open = { ...begun, finishedS: null, status: 'running', entries: 0, issues: {}, message: null };
      expect(await state.runs.recent({ source: 'air', limit: 5 })).toMatchObject([open]);
      const report: RunReport = {
        ...begun,
        finishedS: 130,
        status: 'with-issues',
        entries: 2,
        cells,
        issues: { ROW_SHAPE: 3 },
        message: 'odd\u0000byte',
      };
      await state.runs.finish(report);
      await state.runs.start({ ...begun, runId: 'r2', startedS: 200 });
      const recent = await state.runs.recent({ source: 'air', limit: 5 });
      expect(recent.map(({ runId }) => runId)).toEqual(['r2', 'r1']);
      expect(recent[1]).toEqual({ ...report, message: 'odd\u2400byte' });
      expect(await state.runs.recent({ source: 'nobody', limit: 5 })).toEqual([]);
    });

    test('replaces the issues of an entry when it is applied again, and adds those without an entry', async () => {
      await state.issues.record(7, 100, [issue('a'), issue('b\u0000')]);
      await state.issues.record(7, 110, [issue('c')]);
      await state.issues.record(null, 120, [issue('', 'SOURCE_UNREACHABLE')]);
      await state.issues.record(null, 130, [issue('', 'SOURCE_UNREACHABLE')]);
      expect(await state.issues.list({ seq: 7, limit: 10 })).toMatchObject([
        { ...issue('c'), seq: 7, atS: 110 },
      ]);
      expect(await state.issues.list({ code: 'SOURCE_UNREACHABLE', limit: 10 })).toHaveLength(2);
      await state.issues.record(7, 140, []);
      expect(await state.issues.list({ seq: 7, limit: 10 })).toEqual([]);
    });

    test('pages through issues by id, newest first, and takes thousands at once', async () => {
      const many = Array.from({ length: 2500 }, (_, at) => issue(`v${at}`, 'ROW_SHAPE', 'pages'));
      await state.issues.record(8, 100, many);
      const seen: string[] = [];
      for await (const { source } of everyRow<StoredIssue>(
        (page) => state.issues.list({ source: 'pages', ...page }),
        900,
      ))
        seen.push(source.record);
      expect(seen).toEqual(many.map(({ source }) => source.record).toReversed());
    });

    test('notes an unknown station once, with when it was first seen', async () => {
      const station = { id: 'unregistered:x', provider: 'cnemc', naturalKey: 'x', name: '某断面' };
      const placed = { ...station, id: 'unregistered:y', naturalKey: 'y', lon: 118.5, lat: 29.25 };
      expect(await state.issues.noteUnknownStations([station, placed, station], 5, 100)).toEqual([
        true,
        true,
        false,
      ]);
      expect(await state.issues.noteUnknownStations([station], 6, 200)).toEqual([false]);
      expect(await state.issues.noteUnknownStations([], 6, 200)).toEqual([]);
      expect(await state.issues.noteUnknownStations([station, station], 5, 300)).toEqual([true, false]);
      expect(await state.issues.unknownStations()).toEqual([
        { ...station, firstSeenS: 100 },
        { ...placed, firstSeenS: 100 },
      ]);
    });

    test('keeps cursors by name', async () => {
      expect(await state.cursors.get('slot:air')).toBeNull();
      await state.cursors.set('slot:air', '1');
      await state.cursors.set('slot:air', '2');
      expect(await state.cursors.get('slot:air')).toBe('2');
    });

    test('knows the actor of a key until it expires or is revoked, and stores no token anywhere', async () => {
      const by = { actor: 'system', atS: clock.nowS() };
      const made = await createKey(state.acts, {
        ...by,
        role: 'finance',
        jurisdiction: '330800',
        scopes: ['settle'],
        name: '衢州',
        expiresS: by.atS + 100,
      });
      expect(made.token).toMatch(/^jh_[A-Za-z0-9_-]{43}$/);
      const actor = { id: made.keyId, role: 'finance', jurisdiction: '330800', scopes: ['settle'] };
      expect(await state.keys.actorOf(made.token, by.atS + 99)).toEqual(actor);
      expect(await state.keys.actorOf(made.token, by.atS + 100)).toBeNull();
      expect(
        await state.keys.actorOf(`${made.token.slice(0, -1)}${made.token.endsWith('A') ? 'B' : 'A'}`, by.atS),
      ).toBeNull();
      expect(await state.keys.actorOf('', by.atS)).toBeNull();
      const listed = (await state.keys.list()).find(({ keyId }) => keyId === made.keyId);
      expect(listed).toMatchObject({ name: '衢州', role: 'finance', lastUsedS: by.atS + 99, revokedS: null });
      const secret = made.token.slice(3);
      expect(JSON.stringify(await state.db.selectFrom('api_key').selectAll().execute())).not.toContain(
        secret,
      );
      expect(Buffer.from((await journal.get(made.seq)).body).toString()).not.toContain(secret);
      await revokeKey(state.acts, { keyId: made.keyId, ...by });
      expect(await state.keys.actorOf(made.token, by.atS)).toBeNull();
    });

    test('answers an act with its place in the journal, the same for the same act, and a conflict for another under its id', async () => {
      const act = {
        kind: 'create-key',
        version: 1,
        id: 'act-1',
        actor: 'chen',
        atS: 5,
        payload: {
          keyId: 'k-act-1',
          tokenHash: 'a'.repeat(64),
          name: null,
          role: 'viewer',
          jurisdiction: null,
          expiresS: null,
        },
      } as const;
      const seq = await state.acts.perform(act);
      expect(await state.acts.perform(act)).toBe(seq);
      expect(await state.acts.perform({ ...act, atS: act.atS + 1 }), 'sent again later').toBe(seq);
      expect(await state.acts.done({ ...act, atS: act.atS + 1 })).toBe(seq);
      expect(await state.acts.done({ ...act, id: `${act.id}-other` })).toBeNull();
      expect(JSON.parse(Buffer.from((await journal.get(seq)).body).toString())).toEqual(act);
      expect(await state.acts.appliedThrough()).toBe(seq);
      await expect(state.acts.perform({ ...act, actor: 'wang' })).rejects.toMatchObject({
        code: 'E_CONFLICT',
      });
    });

    test('refuses an act that does not fit before anything is journaled, naming each field', async () => {
      const before = journal.head();
      const act = {
        kind: 'create-key',
        version: 1,
        id: 'bad',
        actor: 'chen',
        atS: 5,
        payload: { keyId: '', role: 'king' },
      } as const;
      await expect(state.acts.perform(act)).rejects.toMatchObject({ code: 'E_BAD_REQUEST' });
      await expect(state.acts.perform(act)).rejects.toThrow(/tokenHash.*payload\/keyId.*payload\/role/);
      const revoke = {
        kind: 'revoke-key',
        version: 1,
        id: 'r',
        actor: 'chen',
        atS: 5,
        payload: { keyId: 'nobody' },
      } as const;
      await expect(state.acts.perform(revoke)).rejects.toMatchObject({ code: 'E_NOT_FOUND' });
      const later: Act = JSON.parse(JSON.stringify({ ...revoke, version: 2 }));
      await expect(state.acts.perform(later)).rejects.toThrow('unknown act revoke-key version 2');
      expect(journal.head()).toEqual(before);
    });

    test('refuses to change, delete or empty the list of acts', async () => {
      await createKey(state.acts, { actor: 'system', role: 'viewer', atS: 1 });
      for (const statement of ["update act set actor = 'x'", 'delete from act', 'truncate act']) {
        await expect(sql.raw(statement).execute(state.db)).rejects.toThrow('append-only');
      }
      expect(await state.db.selectFrom('act').select('seq').execute()).not.toEqual([]);
    });

    test('performs acts in the order they came, whatever else is written meanwhile', async () => {
      const writes = Array.from({ length: 20 }, async (_, at) => {
        const [{ seq }] = await Promise.all([
          createKey(state.acts, { actor: 'system', role: 'viewer', atS: at }),
          state.issues.record(1000 + at, at, [issue(`m${at}`)]),
          state.cursors.set(`many:${at}`, String(at)),
        ]);
        return seq;
      });
      const seqs = await Promise.all(writes);
      expect(seqs).toEqual([...seqs].sort((a, b) => a - b));
      expect(await state.cursors.get('many:19')).toBe('19');
    });

    test('remembers the head of the journal', async () => {
      await journal.append({ kind: 'raw', receivedS: 1, meta: {}, body: Buffer.from('x') });
      expect(await state.anchorJournal()).toEqual(journal.head());
      expect(await state.journalAnchor()).toEqual(journal.head());
      expect(await state.acts.appliedThrough()).toBe(journal.head().seq);
    });

    test('gives a slot of the schedule to one claimant only', async () => {
      const claims = await Promise.all(
        Array.from({ length: 5 }, () => state.claimSlot('air', '2026-03-01T01:00:00Z')),
      );
      expect(claims.filter(Boolean)).toHaveLength(1);
      expect(await state.claimSlot('air', '2026-03-01T02:00:00Z')).toBe(true);
    });

    jobsContract(() => state);
  });
}

function jobsContract(state: () => OpenState): void {
  describe('its jobs', () => {
    let jobs: Jobs;
    const faults: unknown[] = [];

    beforeAll(async () => {
      jobs = await openJobs(state(), { onError: (error) => faults.push(error) });
    });

    afterAll(async () => {
      await jobs.stop();
      expect(faults).toEqual([]);
    });

    test('wake a worker at once: ten in a row take less than five rounds of polling would', async () => {
      const seen: number[] = [];
      await jobs.work<{ n: number }>('prompt', async ({ n }) => {
        seen.push(n);
      });
      const started = performance.now();
      for (let n = 1; n <= 10; n += 1) {
        await jobs.send('prompt', { n });
        await expect.poll(() => seen.length, { timeout: 30_000, interval: 5 }).toBe(n);
      }
      expect(performance.now() - started).toBeLessThan(10_000);
    });

    test('with a key are worked once, also when they are sent again after they were done', async () => {
      const seen: string[] = [];
      await jobs.work<{ slot: string }>('slots', async ({ slot }) => {
        seen.push(slot);
      });
      for (const slot of ['01:00', '01:00', '02:00'])
        await jobs.send('slots', { slot }, { singletonKey: slot });
      await expect.poll(() => seen, { timeout: 30_000 }).toHaveLength(2);
      await jobs.send('slots', { slot: '01:00' }, { singletonKey: '01:00' });
      await jobs.send('slots', { slot: 'last' });
      await expect.poll(() => seen, { timeout: 30_000 }).toContain('last');
      expect(seen.toSorted()).toEqual(['01:00', '02:00', 'last']);
    });

    test('are tried again when they fail, and lie among the dead when they fail for good', async () => {
      const attempts: number[] = [];
      await jobs.work<{ n: number }>('failing', async (_data, { attempt }) => {
        attempts.push(attempt);
        throw new Error('still broken');
      });
      await jobs.send('failing', { n: 7 }, { retryLimit: 1, retryDelayS: 0 });
      await expect
        .poll(() => jobs.dead('failing'), { timeout: 20_000, interval: 100 })
        .toMatchObject([{ data: { n: 7 } }]);
      expect(attempts).toEqual([0, 1]);
    });

    test('exist exactly when the transaction that sent them commits', async () => {
      const seen: string[] = [];
      await jobs.work<{ from: string }>('within', async ({ from }) => {
        seen.push(from);
      });
      await state()
        .db.transaction()
        .execute(async (trx) => {
          await jobs.send('within', { from: 'rolled back' }, { within: trx });
          throw new Error('no');
        })
        .catch(() => undefined);
      await state()
        .db.transaction()
        .execute((trx) => jobs.send('within', { from: 'committed' }, { within: trx }));
      await expect.poll(() => seen, { timeout: 10_000 }).toEqual(['committed']);
    });
  });
}
