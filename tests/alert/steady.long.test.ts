import { expect, test } from 'vitest';
import { feedSteadily } from './steady-feed.ts';

/** Seconds; an hour is `JIEHE_ALERT_SOAK_SECONDS=3600`. */
const seconds = Number(process.env['JIEHE_ALERT_SOAK_SECONDS'] ?? 120);

const median = (list: readonly number[]): number =>
  list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)] ?? Number.NaN;

test(
  'memory stays flat while alerts open, are told and end, and every event is told',
  { timeout: (seconds + 300) * 1000 },
  async () => {
    const fed = await feedSteadily({ seconds, readingsPerS: 1000, rules: 2000, eventsPerS: 1 });
    const quarter = Math.floor(fed.memoryMiB.length / 4);
    const early = median(fed.memoryMiB.slice(quarter, 2 * quarter));
    const late = median(fed.memoryMiB.slice(-quarter));
    const p99 = fed.delaysMs[Math.floor(fed.delaysMs.length * 0.99)] ?? Number.NaN;
    console.log(
      `${seconds} s: ${fed.readings} readings, ${fed.delaysMs.length} events, p99 ${Math.round(p99)} ms, memory ${Math.round(early)} → ${Math.round(late)} MiB`,
    );
    expect(fed.missing).toBe(0);
    expect(fed.delaysMs.length).toBeGreaterThan(seconds / 4);
    expect(late).toBeLessThan(early * 1.25 + 64);
  },
);
