import { createHash } from 'node:crypto';
import type { Alert } from '../domain/alerts.ts';
import type { Config } from '../domain/config/config.ts';
import type { Notification, NotificationFacts, NotificationKind } from '../domain/notifications.ts';
import type { EpochS } from '../domain/time.ts';
import { concerned } from './match.ts';
import type { Draft, Recipient } from './stages.ts';
import { wayAfter, wayLike, wayOfRung, type Way, type WayChoice } from './ways.ts';

/** Of an alert without a station: the jurisdiction of an incident, or the source. */
function nameOfNoStation({ kind, locatedIn, source }: Alert, config: Config): { zh: string; en: string } {
  const jurisdiction = config.jurisdictions.find(({ code }) => kind === 'incident' && code === locatedIn);
  return jurisdiction?.name ?? { zh: source ?? '', en: source ?? '' };
}

/** What a message says of an alert. */
export function factsOf(alert: Alert, config: Config): NotificationFacts {
  const { facts, station } = alert;
  const place = [...config.sections, ...config.airStations].find(({ id }) => id === station);
  const label = (language: 'zh' | 'en'): string =>
    [
      alert.drill ? { zh: '【演练】', en: '[DRILL] ' }[language] : '',
      place?.name[language] ?? nameOfNoStation(alert, config)[language],
    ]
      .join('')
      .trim();
  const title = (language: 'zh' | 'en'): string =>
    [label(language), alert.title[language]]
      .filter((part) => part !== '')
      .join(language === 'zh' ? '：' : ': ');
  return {
    alertId: alert.id,
    ruleId: alert.rule,
    severity: alert.severity,
    title: { zh: title('zh'), en: title('en') },
    summary: facts.summary,
    station,
    stationName: place?.name ?? null,
    parameter: facts.parameter,
    value: facts.value,
    unit: facts.unit,
    limit: facts.limit,
    multiple: facts.multiple,
    edition: facts.edition,
    standing: facts.standing,
    beginS: alert.startS,
    endS: alert.endS,
    lon: place?.position?.lon ?? null,
    lat: place?.position?.lat ?? null,
    jurisdictions: concerned(alert),
    drill: alert.drill,
    synthetic: alert.synthetic,
  };
}

function wayOf({ contact, rung, channel }: Recipient, choice: WayChoice): Way {
  const former = channel === undefined ? null : wayLike(contact, channel, choice);
  return former ?? wayOfRung(contact, rung, choice);
}

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 24);

interface Parcel {
  recipient: Recipient;
  drafts: Draft[];
}

/** News of one group to one contact make one parcel; news without a group travel alone. */
function parcels(drafts: readonly Draft[]): Parcel[] {
  const found = new Map<string, Parcel>();
  for (const draft of drafts)
    for (const recipient of draft.recipients) {
      const key = `${recipient.contact.id}\n${draft.group ?? `${draft.alert.id} ${draft.kind}`}`;
      const parcel = found.get(key) ?? { recipient, drafts: [] };
      parcel.drafts.push(draft);
      found.set(key, parcel);
    }
  return [...found.values()];
}

function summaryOf(alerts: readonly Alert[]): { zh: string; en: string } {
  return { zh: `${alerts.length}条预警`, en: `${alerts.length} alerts` };
}

function message(
  parcel: Parcel,
  context: { config: Config; nowS: EpochS; down: readonly string[] },
): Notification {
  const { recipient, drafts } = parcel;
  const { channel, address } = wayOf(recipient, { ...context.config, down: context.down });
  const alerts = drafts.map(({ alert }) => alert);
  const [first] = alerts;
  const own = factsOf(first!, context.config);
  const several = drafts.length > 1;
  const kind: NotificationKind = several ? 'digest' : drafts[0]!.kind;
  const id = several
    ? `digest:${digestOf(drafts.map(({ alert, kind: news }) => `${alert.id} ${alert.steps} ${news}`).join('\n'))}:${recipient.contact.id}`
    : `${first!.id}:${first!.steps}:${kind}:${recipient.contact.id}`;
  const items = alerts.map((alert) => factsOf(alert, context.config));
  return {
    id,
    kind,
    contact: recipient.contact.id,
    channel,
    address,
    language: recipient.contact.language,
    orderingKey: `${recipient.contact.id} ${channel}`,
    createdS: context.nowS,
    facts: several ? { ...own, title: summaryOf(alerts), summary: summaryOf(alerts), items } : own,
  };
}

/** One message a contact and group, over the first channel that is up; ids depend on what is told, not on when. */
export function messagesOf(
  drafts: readonly Draft[],
  context: { config: Config; nowS: EpochS; down: readonly string[] },
): { notification: Notification; alerts: string[] }[] {
  return parcels(drafts).map((parcel) => ({
    notification: message(parcel, context),
    alerts: parcel.drafts.map(({ alert }) => alert.id),
  }));
}

/** Another way for a message that could not be delivered; null where the contact has no other channel that is up. */
export function fallbackOf(
  failed: Pick<Notification, 'id' | 'kind' | 'contact' | 'channel' | 'facts'>,
  context: { config: Pick<Config, 'contacts' | 'channels'>; nowS: EpochS; down: readonly string[] },
): Notification | null {
  const contact = context.config.contacts.find(({ id }) => id === failed.contact);
  if (contact === undefined) return null;
  const next = wayAfter(contact, failed.channel, { ...context.config, down: context.down });
  if (next === null) return null;
  return {
    id: `${failed.id}>${next.channel}`,
    kind: failed.kind,
    contact: contact.id,
    channel: next.channel,
    address: next.address,
    language: contact.language,
    orderingKey: `${contact.id} ${next.channel}`,
    createdS: context.nowS,
    facts: failed.facts,
  };
}
