import { afterEach, expect, test, vi } from 'vitest';
import type { Clock, CursorStore } from '../../src/domain/ports.ts';
import { slotCursor, startSchedule, type Schedule, type ScheduledRun } from '../../src/ingest/schedule.ts';
import { source } from './sources/fixture-config.ts';

class HeldClock implements Clock {
  atS = Math.floor(Date.now() / 1000);
  nowS(): number {
    return this.atS;
  }
}

function cursorsOf(kept: Map<string, string>): CursorStore {
  return {
    get: (name) => Promise.resolve(kept.get(name) ?? null),
    set: (name, value) => Promise.resolve(void kept.set(name, value)),
    raise: (name, value) =>
      Promise.resolve(void kept.set(name, String(Math.max(value, Number(kept.get(name) ?? value))))),
  };
}

const schedules: Schedule[] = [];
afterEach(async () => {
  for (const schedule of schedules.splice(0)) await schedule.stop();
  vi.unstubAllGlobals();
});

interface Started {
  schedule: Schedule;
  enqueued: ScheduledRun[];
  claimed: string[];
  kept: Map<string, string>;
  faults: unknown[];
  turnedBack: number[];
}

const everySecond = source('cnemc-water', { cron: '* * * * * *', cadenceSeconds: 3600 });
const yearly = source('cnemc-air', { cron: '0 0 1 1 *', cadenceSeconds: 60 });

async function started(of: {
  sources: (typeof yearly)[];
  clock?: Clock;
  kept?: Map<string, string>;
  mayRun?: (nth: number) => boolean;
  enqueue?: () => Promise<void>;
  graceS?: number;
}): Promise<Started> {
  const { kept = new Map<string, string>(), clock = new HeldClock() } = of;
  const [enqueued, claimed, faults]: [ScheduledRun[], string[], unknown[]] = [[], [], []];
  const turnedBack: number[] = [];
  const schedule = await startSchedule({
    sources: of.sources,
    clock,
    cursors: cursorsOf(kept),
    enqueue: async (job) => {
      await of.enqueue?.();
      enqueued.push(job);
    },
    claimSlot: (_name, slot) => {
      const first = !claimed.includes(slot);
      claimed.push(slot);
      return Promise.resolve(of.mayRun?.(claimed.length) ?? first);
    },
    onError: (_source, cause) => faults.push(cause),
    onTurnedBack: (_source, byS) => turnedBack.push(byS),
    ...(of.graceS === undefined ? {} : { graceS: of.graceS }),
  });
  schedules.push(schedule);
  return { schedule, enqueued, claimed, kept, faults, turnedBack };
}

test('a first start enqueues each source at once, as a catch-up of nothing', async () => {
  const { enqueued } = await started({ sources: [yearly] });
  expect(enqueued).toMatchObject([{ source: yearly.id, trigger: 'catch-up', sinceS: null }]);
});

test('a start after a pause names the slot from which on history lacks; one in time does not', async () => {
  const clock = new HeldClock();
  const late = new Map([[slotCursor(yearly.id), String(clock.atS - 7200)]]);
  const { enqueued } = await started({ sources: [yearly], clock, kept: late });
  expect(enqueued).toMatchObject([{ trigger: 'catch-up', sinceS: clock.atS - 7200, throughS: clock.atS }]);
  expect(late.get(slotCursor(yearly.id))).toBe(String(clock.atS));
  const inTime = new Map([[slotCursor(yearly.id), String(clock.atS - 30)]]);
  expect((await started({ sources: [yearly], clock, kept: inTime })).enqueued).toEqual([]);
});

test('cron fires every second, one job a slot, each knowing the slot before it', async () => {
  const { enqueued } = await started({ sources: [everySecond] });
  await expect.poll(() => enqueued.length, { timeout: 8000 }).toBeGreaterThan(3);
  const fired = enqueued.filter((job) => job.trigger === 'schedule');
  expect(new Set(fired.map((job) => job.slotS)).size).toBe(fired.length);
  for (const [at, job] of fired.entries()) if (at > 0) expect(job.sinceS).toBe(fired[at - 1]!.slotS);
});

test('a slot that another process holds is not run here', async () => {
  const { enqueued, claimed } = await started({ sources: [everySecond], mayRun: () => false });
  await expect.poll(() => claimed.length, { timeout: 8000 }).toBeGreaterThan(1);
  expect(enqueued.filter((job) => job.trigger === 'schedule')).toEqual([]);
  expect(new Set(claimed).size).toBe(claimed.length);
});

test('a slot that was claimed and never enqueued is caught up by the next tick, under its own key', async () => {
  const kept = new Map<string, string>();
  const { enqueued } = await started({ sources: [everySecond], kept, mayRun: (nth) => nth !== 2 });
  await expect
    .poll(() => enqueued.filter((job) => job.trigger === 'schedule').length, { timeout: 8000 })
    .toBe(2);
  const [, before, caughtUp, after] = enqueued;
  expect(caughtUp).toMatchObject({
    trigger: 'catch-up',
    slotS: before!.slotS + 1,
    sinceS: before!.slotS,
    key: String(before!.slotS + 1),
  });
  expect(after).toMatchObject({ trigger: 'schedule', sinceS: caughtUp!.throughS });
});

test('a slot that cannot be enqueued is reported, its cursor stays, and the next slot fires', async () => {
  const { faults, kept } = await started({
    sources: [everySecond],
    enqueue: () => Promise.reject(new Error('the queue is away')),
  });
  await expect.poll(() => faults.length, { timeout: 8000 }).toBeGreaterThan(2);
  expect(String(faults[0])).toContain('the queue is away');
  expect([...kept.keys()].filter((name) => name.startsWith('schedule:'))).toEqual([]);
});

test('a schedule that stands still for more than twice the cadence is noticed, a source that is off is not', async () => {
  const clock = new HeldClock();
  const off = { ...everySecond, enabled: false };
  const { schedule } = await started({ sources: [yearly, off], clock });
  clock.atS += 2 * yearly.cadenceSeconds;
  expect(schedule.overdue()).toEqual([]);
  clock.atS += 1;
  expect(schedule.overdue()).toEqual([yearly.id]);
  expect(schedule.nextDueS(yearly.id)).toBeGreaterThan(clock.atS);
  expect(schedule.nextDueS(off.id)).toBeNull();
});

/** The machine's clock, which someone sets: node-cron asks it itself. */
function settableClock(): Clock & { aheadS: number } {
  const RealDate = Date;
  const clock = { aheadS: 0, nowS: () => Math.floor(Date.now() / 1000) };
  const now = (): number => RealDate.now() + clock.aheadS * 1000;
  class ShownDate extends RealDate {
    constructor(...given: [] | [number]) {
      super(given.length === 0 ? now() : given[0]);
    }
    static override now = now;
  }
  vi.stubGlobal('Date', ShownDate);
  return clock;
}

test.each([
  ['a minute', 0, 60],
  ['a day, after it had run ahead by one', 86_400, 86_400],
])(
  'a clock that is set back by %s stops no schedule, doubles no slot and is reported once',
  async (_by, aheadS, byS) => {
    const clock = settableClock();
    const often = { ...everySecond, cadenceSeconds: 1 };
    const { enqueued, turnedBack, schedule } = await started({ sources: [often], clock, graceS: 1 });
    const fired = (): number[] =>
      enqueued.filter(({ trigger }) => trigger === 'schedule').map(({ slotS }) => slotS);
    await expect.poll(() => fired().length, { timeout: 8000 }).toBeGreaterThan(1);
    clock.aheadS += aheadS;
    const aheadFromS = clock.nowS();
    await expect
      .poll(() => enqueued.some(({ throughS }) => throughS >= aheadFromS), { timeout: 8000 })
      .toBe(true);
    clock.aheadS -= byS;
    const backS = clock.nowS();
    const before = fired().length;
    await expect.poll(() => fired().length, { timeout: 8000 }).toBeGreaterThan(before + 2);
    expect(turnedBack).toHaveLength(1);
    expect(Math.abs(turnedBack[0]! - byS)).toBeLessThan(10);
    expect(enqueued.filter(({ key }) => key.startsWith('after'))).toMatchObject([
      { sinceS: null, trigger: 'catch-up' },
    ]);
    expect(new Set(fired()).size).toBe(fired().length);
    const since = fired()
      .slice(before)
      .toSorted((a, b) => a - b);
    for (const [at, slotS] of since.entries()) if (at > 0) expect(slotS).toBe(since[at - 1]! + 1);
    expect(since[0]).toBeLessThanOrEqual(backS + 3);
    expect(schedule.overdue()).toEqual([]);
  },
);
