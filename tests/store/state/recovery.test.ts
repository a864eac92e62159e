import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, rmSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import type { ActKind } from '../../../src/domain/acts.ts';
import type { Journal } from '../../../src/domain/ports.ts';
import { openFileJournal } from '../../../src/ingest/journal/index.ts';
import { createKey, openState, revokeKey, type OpenState } from '../../../src/store/state/index.ts';
import { rowsFromActs } from '../../../src/store/state/rebuild.ts';
import { temporaryFolder } from '../../ingest/journal/temporary-folder.ts';
import { embeddedState } from '../../embedded-state.ts';
import { HeldClock } from './contract.ts';

const clock = new HeldClock();
const rounds = Number(process.env.JIEHE_ROUNDS ?? '2');

/** All that acts made. */
async function dump(state: OpenState): Promise<{ rows: Record<string, string[]>; appliedThrough: number }> {
  return { rows: await rowsFromActs(state.db), appliedThrough: await state.acts.appliedThrough() };
}

/** Acts of other kinds than keys: on readings, on stations, on people. */
async function actsOfEachRoom(state: OpenState, atS: number): Promise<void> {
  const interval = { fromS: atS * 3600, toS: (atS + 1) * 3600 };
  const of = { provider: 'cnemc', parameters: ['ph'] };
  const acts: [ActKind, Record<string, unknown>][] = [
    [
      'review-readings',
      {
        ...of,
        station: 's1',
        averaging: 'PT1H',
        ...interval,
        validity: 'valid',
        stage: 1,
        seenSeq: 0,
        reason: 'seen',
      },
    ],
    [
      'hold-readings',
      { ...of, station: 's1', ...interval, rule: 'stuck', figures: {}, reason: 'looks stuck' },
    ],
    [
      'register-station',
      { provider: 'cnemc', naturalKey: `key ${atS}`, station: `s${atS}`, from: '2024-01-01', to: null },
    ],
    [
      'apply-circumstance',
      {
        id: `c${atS}`,
        kind: 'works',
        section: 's1',
        items: [],
        ...interval,
        applicant: '330300',
        evidence: [],
        note: '',
      },
    ],
  ];
  for (const [kind, payload] of acts)
    await state.acts.perform({ kind, version: 1, id: `${kind}-${atS}`, actor: 'chen', atS, payload });
}

async function opened<T>(dir: string, journal: Journal, use: (state: OpenState) => Promise<T>): Promise<T> {
  const state = await openState(embeddedState(dir), { journal, clock });
  try {
    return await use(state);
  } finally {
    await state.engine.close();
  }
}

async function recovered(dir: string, journal: Journal): Promise<unknown> {
  return opened(dir, journal, async (state) => {
    await state.acts.recover();
    expect(await state.acts.recover()).toBe(0);
    return dump(state);
  });
}

describe('after a power cut', () => {
  test('a state that fell back to any earlier copy, or is lost, ends equal to the one that was answered from', async () => {
    const folder = temporaryFolder();
    const journal = await openFileJournal({ dir: path.join(folder, 'journal'), segmentMiB: 2 / 1024 });
    const live = path.join(folder, 'live');
    const copies: string[] = [];
    const copy = (): void => {
      copies.push(path.join(folder, `copy-${copies.length}`));
      cpSync(live, copies.at(-1) ?? '', { recursive: true });
    };
    const answered = await opened(live, journal, async (state) => {
      await state.acts.recover();
      for (let at = 1; at <= 12; at += 1) {
        const { keyId } = await createKey(state.acts, {
          actor: 'chen',
          role: 'viewer',
          name: `key ${at}`,
          atS: at,
        });
        await journal.append({ kind: 'raw', receivedS: at, meta: {}, body: Buffer.alloc(300, at) });
        if (at % 3 === 0) await revokeKey(state.acts, { keyId, actor: 'chen', atS: at });
        if (at % 4 === 1) await actsOfEachRoom(state, at);
        if (at === 8) await state.anchorJournal();
        if (at === 4 || at === 9) copy();
      }
      await state.acts.recover();
      return dump(state);
    });
    expect(answered).toMatchObject({ appliedThrough: journal.head().seq });
    expect(answered.rows['act']).toHaveLength(12 + 4 + 3 * 4);
    for (const table of ['api_key', 'review', 'reading_hold', 'registration', 'circumstance'])
      expect(answered.rows[table], table).not.toHaveLength(0);
    for (const place of [live, ...copies, path.join(folder, 'lost')])
      expect(await recovered(place, journal)).toEqual(answered);
    await journal.close();
  });

  test(
    `of the process, ${rounds} times, every act that was answered is there once`,
    { timeout: 60_000 + rounds * 20_000 },
    async () => {
      const folder = temporaryFolder();
      const answered = new Map<string, number>();
      for (let round = 1; round <= rounds; round += 1) {
        const child = spawn(
          process.execPath,
          [path.join(import.meta.dirname, 'performing-process.ts'), folder],
          {
            stdio: ['ignore', 'pipe', 'inherit'],
          },
        );
        const exited = once(child, 'exit');
        const killAfter = answered.size + 5 + ((round * 7) % 40);
        for await (const line of createInterface({ input: child.stdout })) {
          const [, seq = '', keyId] = /^answered (\d+) (\S+)$/.exec(line) ?? [];
          if (keyId !== undefined) answered.set(keyId, Number(seq));
          if (answered.size === killAfter) child.kill('SIGKILL');
        }
        await exited;
        if (round === 1) rmSync(path.join(folder, 'state'), { recursive: true });
      }
      const journal = await openFileJournal({ dir: path.join(folder, 'journal') });
      await opened(path.join(folder, 'state'), journal, async (state) => {
        await state.acts.recover();
        const keys = new Set((await state.keys.list()).map(({ keyId }) => keyId));
        expect([...answered.keys()].filter((keyId) => !keys.has(keyId))).toEqual([]);
        const acts = await state.db.selectFrom('act').select('seq').execute();
        expect(acts).toHaveLength(keys.size);
      });
      await journal.close();
    },
  );
});

describe('the journal under a state', () => {
  test('that ends before the head the state remembers, or has another entry there, stops the opening', async () => {
    const folder = temporaryFolder();
    const journalDir = path.join(folder, 'journal');
    const early = path.join(folder, 'early');
    const place = path.join(folder, 'state');
    let journal = await openFileJournal({ dir: journalDir });
    await journal.append({ kind: 'raw', receivedS: 1, meta: {}, body: Buffer.from('one') });
    cpSync(journalDir, early, { recursive: true, filter: (file) => path.basename(file) !== 'lock' });
    await journal.append({ kind: 'raw', receivedS: 2, meta: {}, body: Buffer.from('two') });
    const state = await openState(embeddedState(place), { journal, clock });
    await state.close();
    await journal.close();

    journal = await openFileJournal({ dir: early });
    const cut = openState(embeddedState(place), { journal, clock });
    await expect(cut).rejects.toMatchObject({
      code: 'E_JOURNAL_BROKEN',
      details: { anchor: { seq: 2 }, head: { seq: 1 } },
    });
    await journal.append({ kind: 'raw', receivedS: 2, meta: {}, body: Buffer.from('forged') });
    const forged = openState(embeddedState(place), { journal, clock });
    await expect(forged).rejects.toThrow('the state remembers');
    await journal.close();

    journal = await openFileJournal({ dir: journalDir });
    await (await openState(embeddedState(place), { journal, clock })).close();
    await journal.close();
  });

  test('tells of an act that could not be committed, so that no recovery applies it', async () => {
    const folder = temporaryFolder();
    const journal = await openFileJournal({ dir: path.join(folder, 'journal') });
    const live = path.join(folder, 'state');
    const answered = await opened(live, journal, async (state) => {
      await createKey(state.acts, { actor: 'chen', role: 'viewer', name: 'kept', atS: 1 });
      await sql`create function refuse_commit() returns trigger language plpgsql as
        $$ begin raise exception 'disk full'; end $$`.execute(state.db);
      await sql`create constraint trigger refuse_commit after insert on api_key
        deferrable initially deferred for each row execute function refuse_commit()`.execute(state.db);
      const failed = createKey(state.acts, { actor: 'chen', role: 'viewer', name: 'lost', atS: 2 });
      await expect(failed).rejects.toMatchObject({
        code: 'E_STORE_UNAVAILABLE',
        details: { seq: 2, outcome: 'aborted' },
      });
      expect(await journal.get(3)).toMatchObject({ kind: 'aborted' });
      await sql`drop trigger refuse_commit on api_key`.execute(state.db);
      await createKey(state.acts, { actor: 'chen', role: 'viewer', name: 'after', atS: 3 });
      expect((await state.keys.list()).map(({ name }) => name)).toEqual(['kept', 'after']);
      return dump(state);
    });
    const lost = path.join(folder, 'lost');
    expect(await recovered(lost, journal)).toEqual(answered);
    await journal.close();
  });
});
