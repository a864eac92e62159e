import { expect, test } from 'vitest';
import { duckdbMemoryMiB, feedSteadily, type MemoryLook } from './steady-feed.ts';

/** Seconds; an hour is `JIEHE_ALERT_SOAK_SECONDS=3600`. */
const seconds = Number(process.env['JIEHE_ALERT_SOAK_SECONDS'] ?? 120);

const median = (list: readonly number[]): number =>
  list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)] ?? Number.NaN;

/** DuckDB's and the runtime's. Rows lie in memory until 64 MiB of them are written together, some 1.3 million readings: a saw-tooth. */
const nativeMiB = ({ rssMiB, heapMiB, buffersMiB }: MemoryLook): number => rssMiB - heapMiB - buffersMiB;

const lineOf = ({ atS, rssMiB, heapMiB, buffersMiB }: MemoryLook): string =>
  `${atS} s: resident ${Math.round(rssMiB)} MiB, heap ${heapMiB.toFixed(1)} MiB, buffers ${Math.round(buffersMiB)} MiB`;

test(
  'memory stays flat while alerts open, are told and end, and every event is told',
  { timeout: (2 * seconds + 600) * 1000 },
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
    // The first half warms up. What a leak holds lies in the later windows, too.
    // Buffers of messages and passes under way come and go, 50 MiB of them; what the program holds in its heap does not.
    for (const [held, share] of [
      ['heapMiB', 1.05],
      ['buffersMiB', 1.25],
    ] as const) {
      const [before, after] = [third, last].map((looks) => median(looks.map((look) => look[held])));
      expect(after, held).toBeLessThan(before! * share + 2);
    }
    const [early, late] = [fed.memory.slice(0, quarter), last].map((looks) => median(looks.map(nativeMiB)));
    expect(late! - early!).toBeLessThan(duckdbMemoryMiB);
  },
);
