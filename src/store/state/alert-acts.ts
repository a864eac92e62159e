import { Type, type TSchema } from 'typebox';
import { alertStates, alertStepKinds, type Alert, type RecordAlerts } from '../../domain/alerts.ts';
import { canonicalJson } from '../../domain/canonical-json.ts';
import { AlertMatch } from '../../domain/config/alerting.ts';
import { MonitorError } from '../../domain/errors.ts';
import type { Act } from '../../domain/acts.ts';
import { addNotifications, notificationShape } from './notifications.ts';
import type { StateTables, StateTransaction } from './tables.ts';
import { actKind, strict, type ActKind } from './act-kind.ts';

const name = Type.String({ minLength: 1, maxLength: 400, pattern: '^[^\\u0000-\\u001f]+$' });
const text = Type.String({ minLength: 1, maxLength: 2000, pattern: '^[^\\u0000]+$' });
const longestSnoozeS = 30 * 86_400;
const longestSilenceS = 400 * 86_400;

const alertShape = Type.Object({
  id: name,
  rule: name,
  subject: name,
  state: Type.Enum([...alertStates]),
  startS: Type.Number(),
  openedS: Type.Integer(),
  steps: Type.Integer({ minimum: 1 }),
});
const stepShape = Type.Object(
  {
    number: Type.Integer({ minimum: 1 }),
    atS: Type.Integer(),
    kind: Type.Enum([...alertStepKinds]),
    actor: Type.Union([name, Type.Null()]),
    reason: name,
    detail: Type.Object({}),
  },
  strict,
);
const recordV1 = Type.Object(
  {
    changes: Type.Array(
      Type.Object(
        { after: Type.Integer({ minimum: 0 }), alert: alertShape, steps: Type.Array(stepShape) },
        strict,
      ),
      { maxItems: 100_000 },
    ),
    notifications: Type.Array(notificationShape, { maxItems: 100_000 }),
  },
  strict,
);
const onAlert = <P extends Record<string, TSchema>>(more: P) => Type.Object({ alert: name, ...more }, strict);
const acknowledgeV1 = onAlert({ note: Type.Union([text, Type.Null()]), by: Type.Optional(name) });
const assignV1 = onAlert({ to: Type.Union([name, Type.Null()]) });
const commentV1 = onAlert({ text });
const snoozeV1 = onAlert({ untilS: Type.Integer(), reason: text });
const closeV1 = onAlert({ reason: text });
const silenceV1 = Type.Object(
  { match: AlertMatch, reason: text, fromS: Type.Integer(), toS: Type.Integer() },
  strict,
);
const endSilenceV1 = Type.Object({ silence: name }, strict);

/** The row of an alert, whose document is the truth and whose other columns are for finding it. */
function rowOf(alert: Alert): StateTables['alert'] {
  const { locatedIn, protecting, benefiting } = alert;
  const codes = [...new Set([locatedIn, protecting, benefiting].filter((code) => code !== null))];
  return {
    id: alert.id,
    rule: alert.rule,
    subject: alert.subject,
    station: alert.station,
    state: alert.state,
    severity: alert.severity,
    start_s: alert.startS,
    end_s: alert.endS,
    opened_s: alert.openedS,
    changed_s: alert.changedS,
    jurisdictions: ` ${codes.join(' ')} `,
    steps: alert.steps,
    alert: canonicalJson(alert),
    pending: (alert.pending ?? null) !== null,
  };
}

/** The document of a row. */
export function alertOf(row: Pick<StateTables['alert'], 'alert'>): Alert {
  return JSON.parse(row.alert) as Alert;
}

async function put(
  trx: StateTransaction,
  alert: Alert,
  steps: RecordAlerts['changes'][number]['steps'],
): Promise<void> {
  const row = rowOf(alert);
  const { id: _id, ...change } = row;
  await trx
    .insertInto('alert')
    .values(row)
    .onConflict((conflict) => conflict.column('id').doUpdateSet(change))
    .execute();
  for (const { number, atS, kind, actor, reason, detail } of steps) {
    const step = { alert: alert.id, number, at_s: atS, kind, actor, reason, detail: canonicalJson(detail) };
    await trx.insertInto('alert_step').values(step).execute();
  }
}

async function record(
  trx: StateTransaction,
  { changes, notifications }: RecordAlerts,
  act: Act,
): Promise<void> {
  for (const { after, alert, steps } of changes) {
    const known = await trx.selectFrom('alert').select('steps').where('id', '=', alert.id).executeTakeFirst();
    if ((known?.steps ?? 0) !== after)
      throw new MonitorError('E_CONFLICT', `alert ${alert.id} went on meanwhile`, {
        details: { expected: after, steps: known?.steps ?? 0 },
      });
    await put(trx, alert, steps);
  }
  await addNotifications(trx, notifications);
  for (const { id, kind, contact, channel, address, facts } of notifications) {
    for (const alert of new Set([facts.alertId, ...(facts.items ?? []).map((item) => item.alertId)])) {
      const told = { notification: id, alert, kind, contact, channel, address, at_s: act.atS };
      await trx
        .insertInto('alert_told')
        .values(told)
        .onConflict((conflict) => conflict.columns(['notification', 'alert']).doNothing())
        .execute();
    }
  }
}

async function found(trx: StateTransaction, id: string): Promise<Alert> {
  const row = await trx.selectFrom('alert').select('alert').where('id', '=', id).executeTakeFirst();
  if (row === undefined)
    throw new MonitorError('E_NOT_FOUND', `there is no alert ${id}`, { details: { alert: id } });
  return alertOf(row);
}

type PersonStep = Pick<RecordAlerts['changes'][number]['steps'][number], 'kind' | 'reason' | 'detail'>;

/** One act of a person on one alert: refused with E_CONFLICT from a state that is not named. */
async function personStep(
  trx: StateTransaction,
  act: Act,
  of: { id: string; from: readonly Alert['state'][]; step: PersonStep; change: Partial<Alert> },
): Promise<void> {
  const alert = await found(trx, of.id);
  if (!of.from.includes(alert.state))
    throw new MonitorError('E_CONFLICT', `alert ${of.id} is ${alert.state}`, {
      details: { state: alert.state, expected: of.from },
    });
  const steps = alert.steps + 1;
  const next = { ...alert, ...of.change, steps, changedS: act.atS };
  await put(trx, next, [{ number: steps, atS: act.atS, actor: act.actor, ...of.step }]);
}

const unanswered = ['open', 'notified', 'escalated'] as const;
const active = ['open', 'notified', 'acknowledged', 'escalated'] as const;

/** Acts of persons on alerts. */
const personKinds: Record<string, ActKind> = {
  'acknowledge-alert@1': actKind(acknowledgeV1, async (trx, { alert: id, note, by }, act) => {
    const change = {
      state: 'acknowledged',
      acknowledgedBy: by ?? act.actor,
      acknowledgedS: act.atS,
    } as const;
    const step = { kind: 'acknowledged', reason: 'answered', detail: { note, by: by ?? null } } as const;
    await personStep(trx, act, { id, from: unanswered, step, change });
  }),
  'assign-alert@1': actKind(assignV1, async (trx, { alert: id, to }, act) => {
    const step = {
      kind: 'assigned',
      reason: to === null ? 'given-back' : 'assigned',
      detail: { to },
    } as const;
    await personStep(trx, act, { id, from: active, step, change: { assignee: to } });
  }),
  'comment-alert@1': actKind(commentV1, async (trx, { alert: id, text: said }, act) => {
    const step = { kind: 'commented', reason: 'comment', detail: { text: said } } as const;
    await personStep(trx, act, { id, from: alertStates, step, change: {} });
  }),
  'snooze-alert@1': actKind(snoozeV1, async (trx, { alert: id, untilS, reason }, act) => {
    if (untilS <= act.atS || untilS - act.atS > longestSnoozeS)
      throw new MonitorError('E_BAD_REQUEST', 'an alert is snoozed for up to 30 days from now', {
        details: { untilS },
      });
    const step = { kind: 'snoozed', reason: 'snoozed', detail: { untilS, reason } } as const;
    await personStep(trx, act, { id, from: active, step, change: { snoozedUntilS: untilS } });
  }),
  'close-alert@1': actKind(closeV1, async (trx, { alert: id, reason }, act) => {
    const step = { kind: 'closed', reason: 'closed-by-a-person', detail: { reason } } as const;
    await personStep(trx, act, {
      id,
      from: ['acknowledged', 'resolved'],
      step,
      change: { state: 'closed' },
    });
  }),
};

/**
 * Everything on alerts: what one pass of the system changed and whom it told, and what persons did. Throws E_CONFLICT for a pass that
 * looked at an older state of an alert, E_NOT_FOUND, E_BAD_REQUEST.
 */
export const alertKinds: Record<string, ActKind> = {
  ...personKinds,
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only a pass makes these; the shape names what is looked up
  'record-alerts@1': actKind(recordV1, (trx, payload, act) =>
    record(trx, payload as unknown as RecordAlerts, act),
  ),
  'silence-alerts@1': actKind(silenceV1, async (trx, { match, reason, fromS, toS }, act) => {
    if (Object.keys(match).length === 0)
      throw new MonitorError('E_BAD_REQUEST', 'a silence names what it is about; everything is not a scope');
    if (toS <= fromS || toS - fromS > longestSilenceS)
      throw new MonitorError('E_BAD_REQUEST', 'a silence lasts up to 400 days', {
        details: { fromS, toS },
      });
    await trx
      .insertInto('alert_silence')
      .values({
        id: act.id,
        match: canonicalJson(match),
        reason,
        from_s: fromS,
        to_s: toS,
        actor: act.actor,
        at_s: act.atS,
        ended_s: null,
        ended_by: null,
      })
      .execute();
  }),
  'end-silence@1': actKind(endSilenceV1, async (trx, { silence: id }, act) => {
    const row = await trx.selectFrom('alert_silence').selectAll().where('id', '=', id).executeTakeFirst();
    if (row === undefined) throw new MonitorError('E_NOT_FOUND', `there is no silence ${id}`);
    if (row.ended_s !== null || row.to_s <= act.atS)
      throw new MonitorError('E_CONFLICT', `silence ${id} is over`);
    const change = { ended_s: act.atS, ended_by: act.actor };
    await trx.updateTable('alert_silence').set(change).where('id', '=', id).execute();
  }),
};
