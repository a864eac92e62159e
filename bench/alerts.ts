/**
 * Alerts: from a reading accepted (in the journal, fsynced) to its signed webhook at the receiver, p50 and p99, at a steady rate of
 * readings with many rules; memory of the process.
 * Run: node bench/alerts.ts [seconds, default 60] [readings a second, default 1000] [rules, default 2000] [events a second, default 5]
 */
import { feedSteadily } from '../tests/alert/steady-feed.ts';

const [seconds = 60, readingsPerS = 1000, rules = 2000, eventsPerS = 5] = process.argv.slice(2).map(Number);

const { readings, delaysMs, missing, memory, metrics } = await feedSteadily({
  seconds,
  readingsPerS,
  rules,
  eventsPerS,
});
const percentile = (share: number): string => {
  const at = delaysMs[Math.min(delaysMs.length - 1, Math.floor(delaysMs.length * share))];
  return at === undefined ? 'none' : `${Math.round(at)} ms`;
};
const looks = [memory[0], memory[Math.floor(memory.length / 2)], memory.at(-1)];
const resident = looks.map((look) => (look === undefined ? 'none' : Math.round(look.rssMiB))).join(' → ');
console.log(
  `${readings} readings in ${seconds} s (${Math.round(readings / seconds)}/s), ${rules} rules, ${delaysMs.length} events: ` +
    `reading accepted → webhook received p50 ${percentile(0.5)}, p90 ${percentile(0.9)}, p99 ${percentile(0.99)}, ` +
    `longest ${percentile(1)}; ${missing} not received; memory after collections ${resident} MiB`,
);
const phases = ['evaluate', 'decide', 'record'].map((phase) => {
  const of = (what: string): number =>
    Number(
      new RegExp(`^jiehe_alert_pass_seconds_${what}\\{phase="${phase}"\\} (\\S+)$`, 'm').exec(metrics)?.[1] ??
        0,
    );
  return `${phase} ${Math.round((of('sum') / Math.max(1, of('count'))) * 1000)} ms (${of('count')})`;
});
console.log(`a pass: ${phases.join(', ')}`);
if (missing > 0) process.exitCode = 1;
