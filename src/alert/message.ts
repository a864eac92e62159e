import type { MessageTemplate, TemplateField } from '../domain/config/channels.ts';
import type { StoredNotification } from '../domain/deliveries.ts';
import type { NotificationFacts } from '../domain/notifications.ts';
import { isoWithOffset } from '../domain/time.ts';
import type { Message } from './channels/channel.ts';
import { drillMark, kindWords, severityWords, syntheticMark, usualTemplate } from './wording.ts';

export interface MessageSurroundings {
  timeZone: string;
  /** Null: nobody outside can open a link, so there is none. */
  publicUrl: string | null;
  /** The page of a station below the public address; null where it has none. */
  pageOf(station: string): string | null;
  acknowledgeUrl(notification: StoredNotification): Promise<string | null>;
  template?: MessageTemplate;
}

/** Lays out a notification in its language. The same notification gives the same message every time. */
export async function composeMessage(
  notification: StoredNotification,
  around: MessageSurroundings,
): Promise<Message> {
  const { facts, language } = notification;
  const page = facts.station === null ? null : around.pageOf(facts.station);
  const mapUrl = around.publicUrl === null || page === null ? null : `${around.publicUrl}${page}`;
  const acknowledgeUrl = await around.acknowledgeUrl(notification);
  const template = around.template ?? usualTemplate;
  const fields = fieldsOf(notification, { ...around, mapUrl, acknowledgeUrl });
  return {
    notification,
    title: filled(template.title[language], fields).replaceAll(/\s*\n\s*/g, ' '),
    body: filled(template.body[language], fields),
    mapUrl,
    acknowledgeUrl,
  };
}

function fieldsOf(
  { id, kind, language, facts }: StoredNotification,
  around: { timeZone: string; mapUrl: string | null; acknowledgeUrl: string | null },
): Record<TemplateField, string> {
  const time = (atS: number | null): string => (atS === null ? '' : isoWithOffset(atS, around.timeZone));
  return {
    id,
    alert: facts.alertId,
    rule: facts.ruleId,
    kind: kindWords[kind][language],
    severity: severityWords[facts.severity][language],
    title: facts.title[language],
    summary: facts.summary[language],
    station: facts.stationName?.[language] ?? facts.station ?? '',
    parameter: facts.parameter ?? '',
    value: facts.value ?? '',
    unit: facts.unit ?? '',
    limit: facts.limit ?? '',
    multiple: facts.multiple ?? '',
    edition: facts.edition ?? '',
    standing: facts.standing ?? '',
    begin: time(facts.beginS),
    end: time(facts.endS),
    jurisdictions: facts.jurisdictions.join(language === 'zh' ? '、' : ', '),
    map: around.mapUrl ?? '',
    acknowledge: around.acknowledgeUrl ?? '',
    mark: `${facts.drill ? drillMark[language] : ''}${facts.synthetic ? syntheticMark[language] : ''}`,
    items: (facts.items ?? []).map((item) => itemLine(item, language)).join('\n'),
  };
}

function itemLine(item: Omit<NotificationFacts, 'items'>, language: 'zh' | 'en'): string {
  return `- ${severityWords[item.severity][language]} ${item.title[language]} (${item.alertId})`;
}

/** Fields that may be empty without their line being left out: a unit of none, a mark that is not due. */
const mayBeEmpty: ReadonlySet<string> = new Set(['unit', 'mark']);

/** Fills `{field}`s; a line is left out where a fact that it names is absent. Values are never read as templates. */
export function filled(template: string, fields: Readonly<Record<string, string>>): string {
  return template
    .split('\n')
    .flatMap((line) => {
      let absent = false;
      const text = line.replaceAll(/\{\{|\}\}|\{([^{}]*)\}/g, (whole, name: string | undefined) => {
        if (name === undefined) return whole.charAt(0);
        const value = fields[name] ?? '';
        if (value === '' && !mayBeEmpty.has(name)) absent = true;
        return value;
      });
      return absent ? [] : [text.trimEnd()];
    })
    .join('\n');
}
