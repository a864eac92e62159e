import { expect, test } from 'vitest';
import { feedSteadily, type MemoryLook } from './steady-feed.ts';

/** Seconds; an hour is `JIEHE_ALERT_SOAK_SECONDS=3600`. */
const seconds = Number(process.env['JIEHE_ALERT_SOAK_SECONDS'] ?? 120);

const median = (list: readonly number[]): number =>
  list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)] ?? Number.NaN;

const lineOf = ({ atS, rssMiB, heapMiB, buffersMiB }: MemoryLook): string =>
  `${atS} s: resident ${Math.round(rssMiB)} MiB, heap ${heapMiB.toFixed(1)} MiB, buffers ${Math.round(buffersMiB)} MiB`;

test(
  'memory stays flat while alerts open, are told and end, and every event is told',
  { timeout: (seconds + 300) * 1000 },
  async () => {
    const fed = await feedSteadily({
      seconds,
      readingsPerS: 1000,
      rules: 2000,
      eventsPerS: 1,
      onLook: (look) => console.log(lineOf(look)),
    });
    const quarter = Math.floor(fed.memory.length / 4);
    const third = fed.memory.slice(2 * quarter, 3 * quarter);
    const last = fed.memory.slice(-quarter);
    const p99 = fed.delaysMs[Math.floor(fed.delaysMs.length * 0.99)] ?? Number.NaN;
    console.log(
      `${seconds} s: ${fed.readings} readings, ${fed.delaysMs.length} events, p99 ${Math.round(p99)} ms`,
    );
    expect(fed.missing).toBe(0);
    expect(fed.delaysMs.length).toBeGreaterThan(seconds / 4);
    const heap = [median(third.map(({ heapMiB }) => heapMiB)), median(last.map(({ heapMiB }) => heapMiB))];
    expect(heap[1]).toBeLessThan(heap[0]! * 1.05 + 2);
  },
);
