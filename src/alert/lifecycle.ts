import {
  activeStates,
  type Alert,
  type AlertChange,
  type AlertState,
  type AlertStep,
} from '../domain/alerts.ts';
import type { NotificationKind } from '../domain/notifications.ts';
import type { EpochS } from '../domain/time.ts';

export type AlertEvent = 'notify' | 'acknowledge' | 'escalate' | 'resolve' | 'withdraw' | 'close';

const fromActive = (to: AlertState): Partial<Record<AlertState, AlertState>> =>
  Object.fromEntries(activeStates.map((state) => [state, to]));

/** The whole state machine: where an event leads from each state; a state that is not named refuses it. */
const moves: Record<AlertEvent, Partial<Record<AlertState, AlertState>>> = {
  notify: {
    open: 'notified',
    notified: 'notified',
    acknowledged: 'acknowledged',
    escalated: 'escalated',
    resolved: 'resolved',
  },
  acknowledge: { open: 'acknowledged', notified: 'acknowledged', escalated: 'acknowledged' },
  escalate: { notified: 'escalated', escalated: 'escalated' },
  resolve: fromActive('resolved'),
  withdraw: { ...fromActive('withdrawn'), resolved: 'withdrawn', closed: 'withdrawn' },
  close: { acknowledged: 'closed', resolved: 'closed' },
};

/** The next state; null where the event is refused. */
export function nextState(state: AlertState, event: AlertEvent): AlertState | null {
  return moves[event][state] ?? null;
}

/** Where an alert that is over, or was withdrawn, comes back to when its event turns out to go on. */
export function reopenedState(alert: Alert): AlertState {
  if (alert.acknowledgedS !== null) return 'acknowledged';
  if (alert.escalation > 0) return 'escalated';
  return alert.notifiedS === null ? 'open' : 'notified';
}

export const isActive = (alert: Alert): boolean => activeStates.includes(alert.state);

/** What has to be told after one more thing happened: news that replaces what was not told yet. */
export function nextPending(alert: Alert, news: NotificationKind): Pick<Alert, 'pending' | 'pendingSinceS'> {
  const untold = alert.pending === 'opened' || alert.pending === 'drill';
  if (news === 'withdrawn' && untold) return { pending: null, pendingSinceS: null };
  if (untold) return { pending: alert.pending, pendingSinceS: alert.pendingSinceS };
  if (alert.notifiedS === null && news !== 'opened' && news !== 'drill')
    return { pending: null, pendingSinceS: null };
  return { pending: news, pendingSinceS: null };
}

/** Alerts as one pass changes them, with the steps that say why; nothing is written before the pass is over. */
export class AlertEdits {
  readonly #nowS: EpochS;
  readonly #after = new Map<string, number>();
  readonly #steps = new Map<string, AlertStep[]>();
  readonly #alerts = new Map<string, Alert>();

  constructor(alerts: readonly Alert[], nowS: EpochS) {
    this.#nowS = nowS;
    for (const alert of alerts) this.#alerts.set(alert.id, alert);
  }

  all(): Alert[] {
    return [...this.#alerts.values()];
  }

  get(id: string): Alert | undefined {
    return this.#alerts.get(id);
  }

  open(alert: Omit<Alert, 'steps' | 'changedS'>, reason: string): void {
    this.#put({ ...alert, steps: 0, changedS: this.#nowS }, { kind: 'opened', reason });
  }

  /** A step with what it changes. Without a step the change is only carried along with one. */
  edit(
    id: string,
    step: { kind: AlertStep['kind']; reason: string; detail?: Record<string, unknown> },
    change: Partial<Alert> = {},
  ): void {
    const alert = this.#alerts.get(id);
    if (alert !== undefined) this.#put({ ...alert, ...change }, step);
  }

  #put(
    alert: Alert,
    {
      kind,
      reason,
      detail = {},
    }: { kind: AlertStep['kind']; reason: string; detail?: Record<string, unknown> },
  ): void {
    if (!this.#after.has(alert.id)) this.#after.set(alert.id, alert.steps);
    const number = alert.steps + 1;
    const step: AlertStep = { number, atS: this.#nowS, kind, actor: null, reason, detail };
    this.#steps.set(alert.id, [...(this.#steps.get(alert.id) ?? []), step]);
    const since = alert.pending !== null && alert.pendingSinceS === null ? { pendingSinceS: this.#nowS } : {};
    this.#alerts.set(alert.id, { ...alert, ...since, steps: number, changedS: this.#nowS });
  }

  /** What changed; alerts that end before those that begin, so that one subject never has two. */
  changes(): AlertChange[] {
    const list = [...this.#after].map(([id, after]) => ({
      after,
      alert: this.#alerts.get(id)!,
      steps: this.#steps.get(id) ?? [],
    }));
    return list.toSorted((a, b) => Number(isActive(a.alert)) - Number(isActive(b.alert)));
  }
}
