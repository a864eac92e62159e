import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { LeaseTable } from '../../src/domain/ports.ts';
import { embeddedState } from '../embedded-state.ts';
import { openFileJournal, type FileJournal } from '../../src/ingest/journal/index.ts';
import { WriterLease } from '../../src/ingest/lease.ts';
import { openState, type OpenState } from '../../src/store/state/index.ts';

const writeDeadlineMs = 1500;
const patience = { timeout: 20_000 };
const folder = mkdtempSync(path.join(tmpdir(), 'jiehe-lease-'));
let journal: FileJournal;
let state: OpenState;

beforeAll(async () => {
  journal = await openFileJournal({ dir: path.join(folder, 'journal') });
  const clock = { nowS: () => 1_750_000_000 };
  state = await openState(embeddedState(path.join(folder, 'state')), { journal, clock });
}, 120_000);
afterAll(async () => {
  await state.close();
  await journal.close();
  rmSync(folder, { recursive: true, force: true });
});

/** What an entry left in a store without transactions: the last write stands. */
const written = new Map<number, string>();

function holderOf(holder: string, leases: LeaseTable) {
  const repairs: { afterSeq: number; atMs: number; mayApply: boolean }[] = [];
  let takenMs = 0;
  const lease: WriterLease = new WriterLease({
    leases,
    projections: state.projections,
    name: 'readings:test',
    holder,
    ttlS: 1,
    writeDeadlineMs,
    wanted: () => true,
    onTaken: () => Promise.resolve(void (takenMs = performance.now())),
    repair: (afterSeq) => {
      repairs.push({ afterSeq, atMs: performance.now() - takenMs, mayApply: lease.mayApply() });
      for (const seq of written.keys()) if (seq > afterSeq) written.set(seq, holder);
      return Promise.resolve();
    },
    onChange: () => undefined,
    onError: () => undefined,
  });
  onTestFinished(() => lease.close(0));
  return { lease, repairs, taken: () => takenMs > 0 };
}

const outcome = (seq: number) => {
  const none = { accepted: 0, unchanged: 0, revised: 0, superseded: 0 };
  return {
    seq,
    cells: { read: 0, absent: 0, missing: 0, rejected: 0, ...none },
    published: none,
    issues: [],
  };
};

test('a new holder waits one write deadline and shows the last minute again before it applies; a write that ends later still is made good', async () => {
  const sleeping = Promise.withResolvers<void>();
  let asleep = false;
  const former = holderOf('former', {
    ...state.leases,
    renew: async (lease, how) => {
      if (asleep) await sleeping.promise;
      return state.leases.renew(lease, how);
    },
  });
  former.lease.start();
  await expect.poll(() => former.lease.mayApply(), patience).toBe(true);
  expect(former.repairs).toEqual([]);
  for (const seq of [1, 2, 3]) {
    written.set(seq, 'former');
    await former.lease.applied(outcome(seq));
  }

  asleep = true;
  const next = holderOf('next', state.leases);
  next.lease.start();
  await expect.poll(() => next.taken(), patience).toBe(true);
  expect(next.lease.mayApply()).toBe(false);
  expect(() => former.lease.beforeWrite()).toThrow('does not hold the lease');
  // A write that the former holder sent in time ends within the deadline.
  written.set(3, 'late');
  await expect.poll(() => next.lease.mayApply(), patience).toBe(true);
  expect(next.repairs).toMatchObject([{ afterSeq: 0, mayApply: false }]);
  expect(next.repairs[0]!.atMs).toBeGreaterThanOrEqual(writeDeadlineMs - 5);
  expect([...written.values()]).toEqual(['next', 'next', 'next']);

  written.set(3, 'later still');
  former.lease.wrote(3);
  sleeping.resolve();
  await expect.poll(() => written.get(3), patience).toBe('next');
  expect(next.repairs.at(-1)).toMatchObject({ afterSeq: 2, mayApply: false });
  await expect.poll(() => next.lease.mayApply(), patience).toBe(true);
  expect(former.lease.mayApply()).toBe(false);
}, 120_000);
