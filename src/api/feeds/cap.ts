import { create } from 'xmlbuilder2';
import type { ChannelOf } from '../../domain/config/channels.ts';
import type { StoredNotification } from '../../domain/deliveries.ts';
import type { Language, NotificationFacts, NotificationKind, Severity } from '../../domain/notifications.ts';
import { isoWithOffset } from '../../domain/time.ts';

export const capNamespace = 'urn:oasis:names:tc:emergency:cap:1.2';

export interface CapOptions {
  settings: ChannelOf<'cap'>['settings'];
  timeZone: string;
  /** The names of these jurisdictions, for the area. */
  nameOf(jurisdiction: string, language: Language): string;
  /** Earlier messages of the same alert, oldest first. */
  earlier: readonly StoredNotification[];
  /** Page of the alert, where people can reach one. */
  web: string | null;
}

export const capSeverities: Record<Severity, string> = {
  info: 'Minor',
  minor: 'Minor',
  major: 'Moderate',
  critical: 'Severe',
};
const languageTags: Record<Language, string> = { zh: 'zh-CN', en: 'en-US' };
const circleKm = 5;

/** `YYYY-MM-DDThh:mm:ss±hh:mm`: neither `Z` nor fractions are CAP, and UTC is written `-00:00`. */
export function capTime(atS: number, timeZone: string): string {
  return isoWithOffset(atS, timeZone).replace(/(Z|\+00:00)$/, '-00:00');
}

/** Identifiers hold no blank, comma, `<` or `&`. */
export const capIdentifier = (id: string): string => id.replaceAll(/[\s,<&]/g, '-');

/** What the message is to whoever has the earlier ones. A first message is an Alert whatever it says. */
export function capMessageType(
  notification: StoredNotification,
  earlier: readonly StoredNotification[],
): string {
  if (earlier.length === 0) return 'Alert';
  return notification.kind === 'withdrawn' || notification.kind === 'resolved' ? 'Cancel' : 'Update';
}

export const capUrgency = (kind: NotificationKind): string =>
  kind === 'withdrawn' || kind === 'resolved' ? 'Past' : 'Expected';

export function capStatus(facts: NotificationFacts): string {
  if (facts.drill) return 'Exercise';
  return facts.synthetic ? 'Test' : 'Actual';
}

export const capExpiresS = (notification: StoredNotification, settings: CapOptions['settings']): number =>
  notification.createdS + settings.expireSeconds;

/** One CAP 1.2 message in both languages; the same notification gives the same bytes for ever. Source: CAP 1.2, clause 3. */
export function capDocument(notification: StoredNotification, options: CapOptions): string {
  const { settings, timeZone, earlier } = options;
  const { facts } = notification;
  const sent = (one: StoredNotification): string => capTime(one.createdS, timeZone);
  const references = earlier
    .map((one) => `${settings.sender},${capIdentifier(one.id)},${sent(one)}`)
    .join(' ');
  return create({ version: '1.0', encoding: 'UTF-8' })
    .ele({
      alert: {
        '@xmlns': capNamespace,
        identifier: capIdentifier(notification.id),
        sender: settings.sender,
        sent: sent(notification),
        status: capStatus(facts),
        msgType: capMessageType(notification, earlier),
        scope: 'Public',
        ...(references === '' ? {} : { references }),
        incidents: capIdentifier(facts.alertId),
        info: (['zh', 'en'] as const).map((language) => infoOf(notification, language, options)),
      },
    })
    .end({ prettyPrint: true });
}

/** The order of elements is that of the schema's sequence. */
function infoOf(notification: StoredNotification, language: Language, options: CapOptions): object {
  const { kind, facts, createdS } = notification;
  const { settings, timeZone, web } = options;
  const over = kind === 'withdrawn' || kind === 'resolved';
  return {
    language: languageTags[language],
    category: 'Env',
    event: facts.title[language],
    responseType: over ? 'AllClear' : 'Monitor',
    urgency: capUrgency(kind),
    severity: capSeverities[facts.severity],
    certainty: 'Likely',
    effective: capTime(createdS, timeZone),
    ...(facts.beginS === null ? {} : { onset: capTime(facts.beginS, timeZone) }),
    expires: capTime(capExpiresS(notification, settings), timeZone),
    senderName: settings.senderName[language],
    headline: facts.title[language],
    description: facts.summary[language],
    ...(web === null ? {} : { web }),
    parameter: parametersOf(facts),
    area: areaOf(facts, language, options),
  };
}

function parametersOf(facts: NotificationFacts): object[] {
  const { parameter, value, unit, limit, multiple, edition, standing } = facts;
  return Object.entries({ parameter, value, unit, limit, multiple, edition, standing }).flatMap(
    ([valueName, of]) => (of === null ? [] : [{ valueName, value: of }]),
  );
}

function areaOf(facts: NotificationFacts, language: Language, options: CapOptions): object {
  const places = facts.jurisdictions.map((code) => options.nameOf(code, language));
  const name = facts.stationName?.[language] ?? facts.station;
  const areaDesc = [...(name === null ? [] : [name]), ...places].join(language === 'zh' ? '、' : ', ');
  return {
    areaDesc: areaDesc === '' ? settingsName(options, language) : areaDesc,
    // Latitude first, unlike GeoJSON.
    ...(facts.lat === null || facts.lon === null ? {} : { circle: `${facts.lat},${facts.lon} ${circleKm}` }),
    geocode: [
      ...facts.jurisdictions.map((value) => ({ valueName: 'GB/T 2260', value })),
      ...(facts.station === null ? [] : [{ valueName: 'station', value: facts.station }]),
    ],
  };
}

const settingsName = ({ settings }: CapOptions, language: Language): string => settings.senderName[language];
