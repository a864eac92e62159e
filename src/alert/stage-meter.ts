import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { alertStates, type Alert, type RecordAlerts } from '../domain/alerts.ts';
import { stages, type Held } from './stages.ts';

/** What the engine tells of its passes. */
export interface StageMeter {
  took(phase: 'evaluate' | 'decide' | 'record', seconds: number): void;
  /** What the stages keep back at the moment, and all alerts that are not over where the pass looked at all. */
  holds(held: readonly Held[], alerts: readonly Alert[] | null): void;
  recorded(record: RecordAlerts): void;
  /** A record that looked at an older state, and is made again. */
  refused(): void;
}

export const unmeteredStages: StageMeter = {
  took: () => undefined,
  holds: () => undefined,
  recorded: () => undefined,
  refused: () => undefined,
};

/** The name of a reason without what it points at, so that the number of labels is bounded. */
const reasonName = (reason: string): string => reason.split(':', 1)[0]!;

const names = stages.map(({ name }) => name);

/** News that one record carries past each stage, and what each stage kept back: each decision once, when it is made. */
function decisionsOf({ changes }: RecordAlerts): { passed: string[]; dropped: [string, string][] } {
  const passed: string[] = [];
  const dropped: [string, string][] = [];
  for (const { kind, reason, detail } of changes.flatMap(({ steps }) => steps)) {
    if (kind === 'notified') passed.push(...names);
    if (kind === 'escalated') passed.push('inhibit', 'silence');
    if (kind !== 'held') continue;
    const stage = String(detail['stage']);
    passed.push(...names.slice(0, Math.max(0, names.indexOf(stage))));
    dropped.push([stage, reasonName(reason)]);
  }
  return { passed, dropped };
}

/** Metrics of the pipeline, from rule to record. Labels are stages, reasons, kinds and states: all of them named in the code. */
export function stageMeter(registry: Registry): StageMeter {
  const registers = [registry];
  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[]) =>
    new Counter({ name, help, labelNames, registers });
  const seconds = new Histogram({
    name: 'jiehe_alert_pass_seconds',
    help: 'time of one pass over the alerts: evaluating rules, deciding in the stages, recording the act',
    labelNames: ['phase'] as const,
    buckets: [0.005, 0.02, 0.1, 0.5, 2, 10, 60],
    registers,
  });
  const passed = counter('jiehe_alert_stage_passed_total', 'news that went on past a stage', ['stage']);
  const dropped = counter(
    'jiehe_alert_stage_dropped_total',
    'news that a stage kept back, counted when it did, by reason',
    ['stage', 'reason'],
  );
  const waiting = new Gauge({
    name: 'jiehe_alert_stage_waiting',
    help: 'news that a stage keeps back at the moment',
    labelNames: ['stage', 'reason'] as const,
    registers,
  });
  const steps = counter('jiehe_alert_steps_total', 'steps in the histories of alerts', ['kind']);
  const notifications = counter('jiehe_alert_notifications_total', 'messages that were made', ['kind']);
  const records = counter('jiehe_alert_records_total', 'acts of passes, by outcome', ['outcome']);
  const alerts = new Gauge({
    name: 'jiehe_alerts',
    help: 'alerts that are not over, or ended within forty days, by state',
    labelNames: ['state'] as const,
    registers,
  });
  for (const stage of names) passed.inc({ stage }, 0);
  for (const outcome of ['recorded', 'refused']) records.inc({ outcome }, 0);
  return {
    took: (phase, took) => seconds.observe({ phase }, took),
    holds(held, known) {
      waiting.reset();
      for (const { stage, reason } of held) waiting.inc({ stage, reason: reasonName(reason) });
      if (known === null) return;
      for (const state of alertStates)
        alerts.set({ state }, known.filter((one) => one.state === state).length);
    },
    recorded(record) {
      records.inc({ outcome: 'recorded' });
      const decisions = decisionsOf(record);
      for (const stage of decisions.passed) passed.inc({ stage });
      for (const [stage, reason] of decisions.dropped) dropped.inc({ stage, reason });
      for (const { kind } of record.changes.flatMap((change) => change.steps)) steps.inc({ kind });
      for (const { kind } of record.notifications) notifications.inc({ kind });
    },
    refused: () => records.inc({ outcome: 'refused' }),
  };
}
