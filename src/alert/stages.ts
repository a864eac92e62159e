import { instantOfCivil, civilDate, parseInstant, type EpochS } from '../domain/time.ts';
import type { Alert, Silence, Told } from '../domain/alerts.ts';
import type { AlertPolicy, Contact } from '../domain/config/alerting.ts';
import type { Config } from '../domain/config/config.ts';
import type { NotificationKind } from '../domain/notifications.ts';
import { isActive } from './lifecycle.ts';
import { concerned, matches } from './match.ts';
import { onDuty } from './on-call.ts';

/** One contact over one of its channels. `rung`: 0 the first choice, more the further up it was escalated. */
export interface Recipient {
  contact: Contact;
  rung: number;
  /** Set where a message goes the way that an earlier one went. */
  channel?: string;
}

/** One piece of news of one alert on its way to people. */
export interface Draft {
  alert: Alert;
  kind: NotificationKind;
  recipients: readonly Recipient[];
  /** What it is told together with; null: on its own. */
  group: string | null;
}

/** What a stage keeps back. `final`: it will never be told; otherwise it is looked at again at the next pass. */
export interface Held {
  alert: string;
  stage: string;
  reason: string;
  final: boolean;
}

export interface StageContext {
  config: Config;
  policy: AlertPolicy;
  nowS: EpochS;
  alerts: readonly Alert[];
  silences: readonly Silence[];
  told: readonly Told[];
}

/** A pure step between news and messages. */
export interface Stage {
  name: string;
  run(drafts: readonly Draft[], context: StageContext): { drafts: Draft[]; held: Held[] };
}

/** Passes each draft through one decision: the draft as it goes on, or the name of the reason why it does not. */
function each(
  name: string,
  decide: (draft: Draft, context: StageContext) => Draft | { reason: string; final?: boolean },
): Stage {
  return {
    name,
    run(drafts, context) {
      const held: Held[] = [];
      const passed = drafts.flatMap((draft) => {
        const decision = decide(draft, context);
        if ('alert' in decision) return [decision];
        held.push({
          alert: draft.alert.id,
          stage: name,
          reason: decision.reason,
          final: decision.final ?? false,
        });
        return [];
      });
      return { drafts: passed, held };
    },
  };
}

/** What was held back for a reason of its own while it went on. */
const keptBack = /^(inhibited-by|silenced-by|maintenance):|^snoozed$/;

/** What was held back until it was over is in the record; nobody is called for it afterwards. */
export const expire: Stage = each('expire', (draft) => {
  const { alert, kind } = draft;
  const over = kind === 'opened' && !isActive(alert) && alert.held !== null && keptBack.test(alert.held);
  return over ? { reason: 'over-while-held-back', final: true } : draft;
});

type Side = AlertPolicy['routes'][number]['side'];

/** Whom a route means; null stands for the joint office. An alert without a border has one side only. */
function sidesOf(alert: Alert, side: Side): (string | null)[] {
  const { locatedIn, protecting, benefiting } = alert;
  if (side === 'office') return [null];
  const own = side === 'protecting' ? [protecting] : side === 'benefiting' ? [benefiting] : [];
  const list =
    side === 'both' ? [protecting, benefiting, locatedIn] : side === 'located-in' ? [locatedIn] : own;
  const found = [...new Set(list.filter((code) => code !== null))];
  // What belongs to no prefecture, such as the schedule, is the joint office's.
  return found.length === 0 ? [null] : found;
}

/** Everyone whom the routes name for an alert at one rung of escalation, each once. */
export function routed(alert: Alert, rung: number, context: StageContext): Recipient[] {
  const { config, policy, nowS } = context;
  const rungs = policy.severities.find(({ severity }) => severity === alert.severity)?.escalateMinutes ?? [];
  const sides = policy.routes
    .filter(({ match }) => alert.drill || matches(alert, match))
    .flatMap(({ side }) => sidesOf(alert, side));
  const people = [...new Set(sides)].flatMap((side) => {
    const duty = onDuty(side, config, nowS);
    const chosen = duty[Math.min(rung, duty.length - 1)];
    return chosen === undefined ? [] : [chosen];
  });
  const last = rung > 0 && rung >= rungs.length;
  const office = last ? onDuty(null, config, nowS).slice(0, 1) : [];
  const contacts = new Map([...people, ...office].map((contact) => [contact.id, contact]));
  return [...contacts.values()].map((contact) => ({ contact, rung }));
}

/** News that only matters to those who were told before. */
const followUps = new Set<NotificationKind>(['amended', 'withdrawn', 'resolved']);

export const route: Stage = each('route', (draft, context) => {
  const { alert, kind } = draft;
  if (draft.recipients.length > 0) return draft;
  if (!followUps.has(kind)) {
    const recipients = routed(alert, 0, context);
    return recipients.length > 0 ? { ...draft, recipients } : { reason: 'no-route', final: true };
  }
  const told = new Map(
    context.told.filter((one) => one.alert === alert.id).map((one) => [`${one.contact} ${one.channel}`, one]),
  );
  const recipients = [...told.values()].flatMap(({ contact: id, channel }): Recipient[] => {
    const contact = context.config.contacts.find((one) => one.id === id);
    return contact === undefined ? [] : [{ contact, rung: 0, channel }];
  });
  return recipients.length > 0 ? { ...draft, recipients } : { reason: 'nobody-was-told', final: true };
});

function groupKey(alert: Alert, by: AlertPolicy['group']['by']): string {
  const parts = {
    jurisdiction: alert.protecting ?? alert.locatedIn ?? alert.source,
    river: alert.river,
    rule: alert.rule,
    station: alert.station,
  };
  return by.map((name) => `${name}=${parts[name] ?? ''}`).join(' ');
}

/** News of one group wait for each other, counted from the first; follow-ups and drills wait for nobody. */
export const group: Stage = {
  name: 'group',
  run(drafts, { policy, nowS }) {
    const named = drafts.map((draft) =>
      draft.kind === 'opened' ? { ...draft, group: groupKey(draft.alert, policy.group.by) } : draft,
    );
    const first = new Map<string, number>();
    for (const { group: key, alert } of named) {
      if (key === null) continue;
      first.set(key, Math.min(first.get(key) ?? Infinity, alert.pendingSinceS ?? nowS));
    }
    const waits = ({ group: key }: Draft) =>
      key !== null && first.get(key)! + policy.group.waitSeconds > nowS;
    return {
      drafts: named.filter((draft) => !waits(draft)),
      held: named.filter(waits).map(({ alert }) => {
        return { alert: alert.id, stage: 'group', reason: 'waits-for-its-group', final: false };
      }),
    };
  },
};

/** Whether an alert lies behind another one: the same station, the jurisdiction of an incident, or the source that feeds it. */
function behind(target: Alert, source: Alert, config: Config): boolean {
  if (source.id === target.id) return false;
  if (source.station !== null) return source.station === target.station;
  if (source.kind === 'incident') return concerned(target).some((code) => code === source.locatedIn);
  const provider = config.sources.find(({ id }) => id === source.source)?.provider;
  return provider !== undefined && provider === target.provider;
}

export const inhibit: Stage = each('inhibit', (draft, { alerts, policy, config }) => {
  if (draft.kind === 'withdrawn' || draft.alert.drill) return draft;
  for (const rule of policy.inhibitions) {
    if (!matches(draft.alert, rule.target)) continue;
    const by = alerts.find(
      (one) => isActive(one) && matches(one, rule.source) && behind(draft.alert, one, config),
    );
    if (by !== undefined) return { reason: `inhibited-by:${by.id}` };
  }
  return draft;
});

export const silence: Stage = each('silence', (draft, { silences, policy, config, nowS }) => {
  const { alert } = draft;
  if (alert.drill) return draft;
  if (alert.snoozedUntilS !== null && nowS < alert.snoozedUntilS) return { reason: 'snoozed' };
  const by = silences.find((one) => one.fromS <= nowS && nowS < one.toS && matches(alert, one.match));
  if (by !== undefined) return { reason: `silenced-by:${by.id}` };
  const zone = config.region.timeZone;
  const window = policy.maintenance.find(
    ({ from, to, match }) =>
      parseInstant(from, zone) <= nowS && nowS < parseInstant(to, zone) && matches(alert, match),
  );
  return window === undefined ? draft : { reason: `maintenance:${window.id}` };
});

/** The last time of day of the digest that has come. */
export function lastDigestS(policy: AlertPolicy, timeZone: string, nowS: EpochS): EpochS {
  const today = instantOfCivil(`${civilDate(nowS, timeZone)}T${policy.digestTime}`, timeZone);
  if (today <= nowS) return today;
  return instantOfCivil(`${civilDate(nowS - 86_400, timeZone)}T${policy.digestTime}`, timeZone);
}

/** Low severities wait for the time of day at which they are told together. */
export const digest: Stage = each('digest', (draft, { policy, config, nowS }) => {
  const { alert } = draft;
  const level = policy.severities.find(({ severity }) => severity === alert.severity);
  if (draft.kind === 'drill' || level?.digest !== true) return draft;
  if (lastDigestS(policy, config.region.timeZone, nowS) < (alert.pendingSinceS ?? nowS))
    return { reason: 'waits-for-the-digest' };
  return { ...draft, group: 'digest' };
});

/** A contact that several routes name is told once; one that was told of the opening is not told of it again. */
export const deduplicate: Stage = each('deduplicate', (draft, { told }) => {
  const seen = new Set<string>();
  const once = draft.kind === 'opened' || draft.kind === 'drill';
  const recipients = draft.recipients.filter(({ contact }) => {
    const known =
      seen.has(contact.id) ||
      (once &&
        told.some(
          (one) => one.alert === draft.alert.id && one.contact === contact.id && one.kind === draft.kind,
        ));
    seen.add(contact.id);
    return !known;
  });
  return recipients.length > 0 ? { ...draft, recipients } : { reason: 'told-already', final: true };
});

/** The way of every piece of news, in this order; what is left is made into messages and recorded in one act. */
export const stages: readonly Stage[] = [expire, route, group, inhibit, silence, digest, deduplicate];
