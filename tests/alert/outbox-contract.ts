import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Webhook } from 'standardwebhooks';
import { unmetered } from '../../src/alert/meter.ts';
import { startOutbox, type ChannelPace, type Outbox, type OutboxParts } from '../../src/alert/outbox.ts';
import type { Notification } from '../../src/domain/notifications.ts';
import type { Clock } from '../../src/domain/ports.ts';
import { openFileJournal, type FileJournal } from '../../src/ingest/journal/index.ts';
import {
  addNotifications,
  deliveryStore,
  openJobs,
  openOutbox,
  openState,
  type AddNotifications,
  type Jobs,
  type OpenState,
  type StatePlace,
  type WithAct,
} from '../../src/store/state/index.ts';
import { composePlain, openHook } from './hook.ts';
import { httpReceiver, type Answer, type HttpReceiver, type Received } from './http-receiver.ts';
import { notification } from './notification-fixture.ts';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const secret = `whsec_${Buffer.from('0123456789abcdef0123456789abcdef').toString('base64')}`;
const clock: Clock = { nowS: () => Math.floor(Date.now() / 1000) };
const ok: Answer = { status: 204 };

/** Everything that one process has of the outbox. */
interface Process {
  jobs: Jobs;
  outbox: Outbox;
  /** As an act adds them: rows, then their jobs. */
  add: AddNotifications;
  withAct: WithAct;
  stop(): Promise<void>;
}

/** One body for every engine: what is added is delivered once and in order, whatever the receiver does. */
export function outboxContract(engine: string, place: () => Promise<StatePlace>): void {
  describe(`the outbox on ${engine}`, () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'jiehe-outbox-'));
    let journal: FileJournal;
    let state: OpenState;
    let receiver: HttpReceiver;
    let respond: (request: Received, index: number) => Answer = () => ok;
    const faults: unknown[] = [];
    const troubles: { id: string; final: boolean }[] = [];

    /** Ids in the order in which a receiver that drops what it knows accepts them. */
    let accepted: string[] = [];
    const ids = (): string[] => [...new Set(accepted)];

    const start = async (
      pace: Partial<ChannelPace> = {},
      more: Partial<OutboxParts> = {},
    ): Promise<Process> => {
      const jobs = await openJobs(state, { onError: (error) => faults.push(error) });
      const { withAct, queue } = await openOutbox(state.db, jobs);
      const add: AddNotifications = async (trx, added) => {
        await addNotifications(trx, added);
        const payload = { changes: [], notifications: added.map((one) => ({ ...one })) };
        const act = { version: 1, id: 'added', actor: 'system', atS: clock.nowS(), payload } as const;
        await withAct(trx, { ...act, kind: 'record-alerts' });
      };
      const channel = openHook(receiver.host, secret);
      const outbox = await startOutbox({
        store: deliveryStore(state.db, state.acts),
        queue,
        channels: new Map([
          ['hook', { channel, pace: { timeoutS: 10, attempts: 12, backoffS: 1, perMinute: null, ...pace } }],
        ]),
        compose: composePlain,
        clock,
        meter: unmetered,
        onTrouble: async ({ id }, { final }) => void troubles.push({ id, final }),
        onError: (error) => faults.push(error),
        sweepEveryS: 0,
        ...more,
      });
      return {
        jobs,
        outbox,
        add,
        withAct,
        async stop() {
          await outbox.close();
          await jobs.stop();
          await channel.close();
        },
      };
    };
    const hooked = (id: string, orderingKey: string) =>
      notification(id, { orderingKey, address: `${receiver.url}/duty`, createdS: clock.nowS() });
    const settled = (count: number) =>
      expect.poll(ids, { timeout: 60_000, interval: 20 }).toHaveLength(count);

    beforeAll(async () => {
      journal = await openFileJournal({ dir: path.join(folder, 'journal') });
      state = await openState(await place(), { journal, clock });
      receiver = await httpReceiver((request, index) => {
        const answer = respond(request, index);
        new Webhook(secret).verify(request.body, request.headers);
        if (answer !== 'hang' && answer.status < 300) accepted.push(request.headers['webhook-id'] ?? '');
        return answer;
      });
    });
    afterAll(async () => {
      await receiver.close();
      await state.close();
      await journal.close();
      rmSync(folder, { recursive: true, force: true });
      expect(faults).toEqual([]);
    });

    test('delivers what a transaction added, at once, and nothing of one that was rolled back', async () => {
      accepted = [];
      const running = await start();
      const rolledBack = state.db.transaction().execute(async (trx) => {
        await running.add(trx, [hooked('rolled-back', 'a')]);
        throw new Error('rolled back');
      });
      await expect(rolledBack).rejects.toThrow('rolled back');
      const startedMs = performance.now();
      await state.db.transaction().execute((trx) => running.add(trx, [hooked('a1', 'a'), hooked('a2', 'a')]));
      await settled(2);
      expect(performance.now() - startedMs).toBeLessThan(10_000);
      expect(accepted).toEqual(['a1', 'a2']);
      // An act that is applied again adds what is known.
      await state.db.transaction().execute((trx) => running.add(trx, [hooked('a1', 'a'), hooked('a3', 'a')]));
      await settled(3);
      expect(accepted).toEqual(['a1', 'a2', 'a3']);
      expect(await deliveryStore(state.db, state.acts).get('rolled-back')).toBeNull();
      await running.stop();
    });

    test('keeps the order of a key through 500, 429 with Retry-After and silence, while another key is not held up', async () => {
      accepted = [];
      const faultsOf: Record<string, Answer[]> = {
        b1: [{ status: 500 }],
        b2: [{ status: 429, headers: { 'retry-after': '2' } }, 'hang'],
      };
      const seenMs: Record<string, number[]> = {};
      respond = (request) => {
        const id = request.headers['webhook-id'] ?? '';
        (seenMs[id] ??= []).push(performance.now());
        return faultsOf[id]?.shift() ?? ok;
      };
      const running = await start({ timeoutS: 3 });
      const all = ['b1', 'b2', 'b3'].map((id) => hooked(id, 'b'));
      await state.db.transaction().execute((trx) => running.add(trx, [...all, hooked('c1', 'c')]));
      await settled(4);
      expect(accepted.indexOf('c1')).toBe(0);
      expect(ids().filter((id) => id !== 'c1')).toEqual(['b1', 'b2', 'b3']);
      expect(accepted).toHaveLength(4);
      const [first = 0, second = 0] = seenMs['b2'] ?? [];
      expect(second - first).toBeGreaterThan(1900);
      expect(await deliveryStore(state.db, state.acts).get('b2')).toMatchObject({
        state: 'delivered',
        attempts: 3,
      });
      respond = () => ok;
      await running.stop();
    });

    test('loses nothing and repeats nothing over a restart in the middle of a key', async () => {
      accepted = [];
      respond = (request) => (request.headers['webhook-id'] === 'd3' ? 'hang' : ok);
      const before = await start({ timeoutS: 60 });
      const added = [1, 2, 3, 4, 5].map((n) => hooked(`d${n}`, 'd'));
      await state.db.transaction().execute((trx) => before.add(trx, added));
      await expect
        .poll(() => receiver.received.at(-1)?.headers['webhook-id'], { timeout: 30_000 })
        .toBe('d3');
      await before.stop();
      expect(accepted).toEqual(['d1', 'd2']);
      respond = () => ok;
      const after = await start();
      await settled(5);
      expect(accepted).toEqual(['d1', 'd2', 'd3', 'd4', 'd5']);
      // The receiver has it a moment before the act that says so.
      await expect
        .poll(() => deliveryStore(state.db, state.acts).counts(), { timeout: 20_000, interval: 20 })
        .toMatchObject({ waiting: 0, failed: 0 });
      await after.stop();
    });

    test('buries what is refused for good, says so, goes on with the next, and tries again when told to', async () => {
      accepted = [];
      troubles.length = 0;
      respond = (request) => (request.headers['webhook-id'] === 'e1' ? { status: 410, body: 'gone' } : ok);
      const running = await start();
      await state.db
        .transaction()
        .execute((trx) =>
          running.add(trx, [
            hooked('e1', 'e'),
            { ...hooked('e2', 'e'), channel: 'unknown' },
            hooked('e3', 'e'),
          ]),
        );
      await settled(1);
      const store = deliveryStore(state.db, state.acts);
      expect(await store.get('e1')).toMatchObject({
        state: 'dead',
        lastError: expect.stringContaining('410: gone'),
      });
      expect(await store.get('e2')).toMatchObject({ state: 'dead' });
      expect((await store.list({ state: 'dead', limit: 10 })).map(({ id }) => id)).toEqual(['e2', 'e1']);
      expect(troubles).toEqual([
        { id: 'e1', final: true },
        { id: 'e2', final: true },
      ]);
      const patience = { nowS: clock.nowS(), failingS: () => 600 };
      expect(await store.stuck(['e1', 'e3', 'none'], patience)).toEqual(new Set(['e1']));
      expect(await store.down(patience)).toEqual([]);
      respond = () => ok;
      const ends = state.withEachAct(running.withAct);
      for (const id of ['e1', 'e3'])
        await state.acts.perform({
          kind: 'resend-notification',
          version: 1,
          id: `resend:${id}`,
          actor: 'li',
          atS: clock.nowS(),
          payload: { notification: id },
        });
      await settled(2);
      expect(accepted).toEqual(['e3', 'e1']);
      ends();
      await running.stop();
    });

    test('says which channel is down: one that has failed for longer than it may, and delivered nothing since', async () => {
      accepted = [];
      respond = () => ({ status: 503 });
      // What was delivered in this second would speak for the channel.
      const lastS = clock.nowS();
      await expect.poll(() => clock.nowS(), { timeout: 5000, interval: 20 }).toBeGreaterThan(lastS);
      const running = await start();
      await state.db.transaction().execute((trx) => running.add(trx, [hooked('g1', 'g')]));
      const store = deliveryStore(state.db, state.acts);
      await expect
        .poll(async () => (await store.get('g1'))?.state, { timeout: 20_000, interval: 20 })
        .toBe('failed');
      const at = (failingS: number) => ({ nowS: clock.nowS(), failingS: () => failingS });
      expect(await store.down(at(600))).toEqual([]);
      expect(await store.down(at(0))).toEqual(['hook']);
      expect(await store.stuck(['g1'], at(600))).toEqual(new Set());
      expect(await store.stuck(['g1'], at(0))).toEqual(new Set(['g1']));
      respond = () => ok;
      await settled(1);
      await expect.poll(() => store.down(at(0)), { timeout: 20_000, interval: 20 }).toEqual([]);
      await expect
        .poll(() => store.stuck(['g1'], at(0)), { timeout: 20_000, interval: 20 })
        .toEqual(new Set());
      await running.stop();
    });

    test('an act brings the jobs of its messages along: it needs no sweep, and one that is refused leaves neither', async () => {
      accepted = [];
      const record = (id: string, steps: number, notifications: Notification[]) => {
        const alert = { id, rule: 'r', subject: 's', state: 'open', startS: 0, openedS: 0, steps: 1 };
        return state.acts.perform({
          kind: 'record-alerts',
          version: 1,
          id: `alerts:${id}`,
          actor: 'system',
          atS: clock.nowS(),
          payload: {
            changes: steps === 0 ? [] : [{ after: steps, alert, steps: [] }],
            notifications: notifications.map((one) => ({ ...one })),
          },
        });
      };
      // A process that dies before it delivers anything, and before it asked for any job.
      const dying = await openJobs(state, { onError: (error) => faults.push(error) });
      const { withAct } = await openOutbox(state.db, dying);
      const over = state.withEachAct(withAct);
      await record('before', 0, [hooked('h0', 'h')]);
      over();
      await dying.stop();

      const running = await start();
      const ends = state.withEachAct(running.withAct);
      await record('kept', 0, [hooked('h1', 'h'), hooked('h2', 'h')]);
      await settled(3);
      await expect(record('refused', 7, [hooked('h3', 'h')])).rejects.toThrow('went on meanwhile');
      await record('after', 0, [hooked('h4', 'h')]);
      await settled(4);
      expect(accepted).toEqual(['h0', 'h1', 'h2', 'h4']);
      expect(await deliveryStore(state.db, state.acts).get('h3')).toBeNull();
      ends();
      await running.stop();
    });

    test('finds at its start what was added without a job', async () => {
      accepted = [];
      await state.db.transaction().execute((trx) => addNotifications(trx, [hooked('f1', 'f')]));
      const running = await start();
      await settled(1);
      expect(accepted).toEqual(['f1']);
      await running.stop();
    });
  });
}
