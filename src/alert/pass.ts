import type { SubjectEpisodes } from '../analysis/alerting/index.ts';
import type { Alert, RecordAlerts, Silence, Told } from '../domain/alerts.ts';
import type { AlertPolicy } from '../domain/config/alerting.ts';
import type { Config } from '../domain/config/config.ts';
import type { Notification } from '../domain/notifications.ts';
import type { EpochS } from '../domain/time.ts';
import { AlertEdits, isActive, nextState } from './lifecycle.ts';
import { factsOf, fallbackOf, messagesOf } from './messages.ts';
import { reconcile } from './reconcile.ts';
import { inhibit, routed, silence, stages, type Draft, type Held, type StageContext } from './stages.ts';

/** Everything that one pass looks at. `evaluated[].fromS`: event time that its episodes were computed on. */
export interface PassInput {
  config: Config;
  policy: AlertPolicy;
  nowS: EpochS;
  alerts: readonly Alert[];
  silences: readonly Silence[];
  told: readonly Told[];
  down: readonly string[];
  /** Notifications that no attempt could deliver, or that have been tried in vain for too long. */
  stuck: ReadonlySet<string>;
  evaluated: readonly (SubjectEpisodes & { fromS: EpochS })[];
  synthetic: boolean;
}

/** Runs the stages in their order. */
export function throughStages(
  drafts: readonly Draft[],
  context: StageContext,
  list = stages,
): { drafts: Draft[]; held: Held[] } {
  let passing = [...drafts];
  const held: Held[] = [];
  for (const stage of list) {
    const result = stage.run(passing, context);
    passing = result.drafts;
    held.push(...result.held);
  }
  return { drafts: passing, held };
}

/** Reasons that are a matter of seconds: the history need not know of them. */
const passing = new Set(['waits-for-its-group']);

function noteHeld(edits: AlertEdits, held: readonly Held[]): void {
  for (const { alert: id, stage, reason, final } of held) {
    const alert = edits.get(id);
    if (alert === undefined || (!final && (alert.held === reason || passing.has(reason)))) continue;
    const change = final ? { pending: null, pendingSinceS: null, held: null } : { held: reason };
    edits.edit(id, { kind: 'held', reason, detail: { stage } }, change);
  }
}

function tell(
  edits: AlertEdits,
  input: PassInput,
  context: StageContext,
): { notifications: Notification[]; held: Held[] } {
  const pending = edits.all().filter((alert) => alert.pending !== null);
  const drafts = pending.map((alert): Draft => ({
    alert,
    kind: alert.pending!,
    recipients: [],
    group: null,
  }));
  const { drafts: passed, held } = throughStages(drafts, context);
  noteHeld(edits, held);
  const messages = messagesOf(passed, input);
  for (const { alert, kind } of passed) {
    const of = messages
      .filter(({ alerts }) => alerts.includes(alert.id))
      .map(({ notification }) => notification);
    const detail = { kind, notifications: of.map(({ id, contact, channel }) => ({ id, contact, channel })) };
    const told = { pending: null, pendingSinceS: null, held: null, lastToldS: input.nowS };
    const state = nextState(alert.state, 'notify') ?? alert.state;
    const notifiedS = alert.notifiedS ?? input.nowS;
    edits.edit(alert.id, { kind: 'notified', reason: 'told', detail }, { ...told, state, notifiedS });
  }
  return { notifications: messages.map(({ notification }) => notification), held };
}

function isUnanswered(alert: Alert, policy: AlertPolicy, nowS: EpochS): boolean {
  const minutes = policy.severities.find(({ severity }) => severity === alert.severity)?.escalateMinutes;
  const wait = minutes?.[alert.escalation];
  const waits = alert.state === 'notified' || alert.state === 'escalated';
  return waits && wait !== undefined && alert.lastToldS !== null && nowS - alert.lastToldS >= wait * 60;
}

/** Those whom nobody answered in time: the next contact over another channel, and at the last rung the joint office. */
function escalate(edits: AlertEdits, input: PassInput, context: StageContext): Notification[] {
  const drafts = edits
    .all()
    .filter((alert) => isUnanswered(alert, input.policy, input.nowS))
    .map((alert): Draft => {
      const recipients = routed(alert, alert.escalation + 1, context);
      return { alert, kind: 'escalated', recipients, group: null };
    });
  const { drafts: passed } = throughStages(drafts, context, [inhibit, silence]);
  const messages = messagesOf(passed, input);
  for (const { alert } of passed) {
    const of = messages
      .filter(({ alerts }) => alerts.includes(alert.id))
      .map(({ notification }) => notification);
    const rung = alert.escalation + 1;
    const detail = { rung, notifications: of.map(({ id, contact, channel }) => ({ id, contact, channel })) };
    const change = { state: 'escalated' as const, escalation: rung, lastToldS: input.nowS };
    edits.edit(alert.id, { kind: 'escalated', reason: 'unanswered', detail }, change);
  }
  return messages.map(({ notification }) => notification);
}

/** Messages that do not arrive go another way, once each way. */
function fallBack(edits: AlertEdits, input: PassInput): Notification[] {
  const sent = new Set(input.told.map(({ notification }) => notification));
  return input.told.flatMap((one) => {
    const alert = edits.get(one.alert);
    if (!input.stuck.has(one.notification) || alert === undefined || !isActive(alert)) return [];
    const next = fallbackOf({ ...one, id: one.notification, facts: factsOf(alert, input.config) }, input);
    if (next === null || sent.has(next.id)) return [];
    sent.add(next.id);
    const detail = { failed: one.notification, notification: next.id, channel: next.channel };
    edits.edit(alert.id, { kind: 'fallback', reason: 'not-delivered', detail });
    return [next];
  });
}

function closeOld(edits: AlertEdits, { policy, nowS }: PassInput): void {
  for (const alert of edits.all()) {
    const ended = alert.drill ? (alert.acknowledgedS ?? alert.openedS) : alert.resolvedS;
    if (ended === null || alert.pending !== null || nowS - ended < policy.closeAfterHours * 3600) continue;
    const over = alert.drill ? isActive(alert) || alert.state === 'resolved' : alert.state === 'resolved';
    if (!over) continue;
    const state = nextState(alert.drill ? 'resolved' : alert.state, 'close')!;
    edits.edit(alert.id, { kind: 'closed', reason: 'over-for-long-enough' }, { state });
  }
}

/** What one pass comes to: null where nothing changes, and what the stages keep back at the moment. */
export interface Passed {
  record: RecordAlerts | null;
  held: readonly Held[];
}

/** One pass: what the episodes say now, whom that is told, who did not answer. Pure: the same input gives the same. */
export function alertPass(input: PassInput): Passed {
  const edits = new AlertEdits(input.alerts, input.nowS);
  const oldestS = input.nowS - input.policy.notOlderThanHours * 3600;
  for (const { fromS, ...evaluated } of input.evaluated)
    reconcile(edits, evaluated, { ...input, fromS, oldestS });
  const { config, policy, nowS, silences } = input;
  const context = (): StageContext => ({
    config,
    policy,
    nowS,
    silences,
    told: input.told,
    alerts: edits.all(),
  });
  const told = tell(edits, input, context());
  const notifications = [
    ...told.notifications,
    ...escalate(edits, input, context()),
    ...fallBack(edits, input),
  ];
  closeOld(edits, input);
  const changes = edits.changes();
  return { record: changes.length === 0 ? null : { changes, notifications }, held: told.held };
}
