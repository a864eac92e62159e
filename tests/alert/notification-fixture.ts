import type { StoredNotification } from '../../src/domain/deliveries.ts';
import type { Notification, NotificationFacts } from '../../src/domain/notifications.ts';
import type { Message } from '../../src/alert/channels/channel.ts';

export const madeS = 1_772_409_600;

export function facts(change: Partial<NotificationFacts> = {}): NotificationFacts {
  return {
    alertId: 'alert-1',
    ruleId: 'single-over-limit',
    severity: 'major',
    title: {
      zh: '松溪岩下氨氮单次值高于Ⅱ类限值',
      en: 'Ammonia at Songxi Yanxia above the limit of class II',
    },
    summary: { zh: '单次值，未经审核', en: 'a single value, not reviewed' },
    station: 'songxi-yanxia',
    stationName: { zh: '松溪岩下', en: 'Songxi Yanxia' },
    parameter: 'nh3n',
    value: '0.73',
    unit: 'mg/L',
    limit: '0.5',
    multiple: '0.46',
    edition: 'GB 3838-2002',
    standing: '单次值高于Ⅱ类限值(未经审核)',
    beginS: madeS - 3600,
    endS: null,
    lon: 118.9,
    lat: 27.5,
    jurisdictions: ['331181', '350724'],
    drill: false,
    synthetic: false,
    ...change,
  };
}

export function notification(id: string, change: Partial<Notification> = {}): Notification {
  return {
    id,
    kind: 'opened',
    contact: 'duty-lishui',
    channel: 'hook',
    address: '',
    language: 'zh',
    orderingKey: 'duty-lishui',
    createdS: madeS,
    facts: facts(),
    ...change,
  };
}

export function stored(id: string, change: Partial<StoredNotification> = {}): StoredNotification {
  return {
    ...notification(id),
    position: 1,
    state: 'waiting',
    attempts: 0,
    nextTryS: madeS,
    deliveredS: null,
    deliveredOrder: null,
    lastError: null,
    ...change,
  };
}

export function message(
  id: string,
  change: Partial<StoredNotification> = {},
  own: Partial<Message> = {},
): Message {
  return {
    notification: stored(id, change),
    title: '较大·新告警：松溪岩下氨氮单次值高于Ⅱ类限值',
    body: '单次值，未经审核\n测值：0.73 mg/L\n限值：0.5 mg/L',
    mapUrl: 'http://jiehe.example/sections/songxi-yanxia',
    acknowledgeUrl: null,
    ...own,
  };
}
