import type { Contact, SettlementReminders } from '../domain/config/alerting.ts';
import type { Config } from '../domain/config/config.ts';
import type { Agreement } from '../domain/config/region.ts';
import type { Notification } from '../domain/notifications.ts';
import type { ActLog, Clock } from '../domain/ports.ts';
import type { SettlementStore } from '../domain/settlement-store.ts';
import { type Notice, officeDesk } from '../domain/settlement-notices.ts';
import type { Arrears } from '../domain/settlement-follow-up.ts';
import type { ChangesFound } from './changed-inputs.ts';
import { noticesOf } from './deadlines.ts';
import { namedBy } from './document.ts';
import { wordsOf } from './notice-wording.ts';

export interface NoticeParts {
  store: Pick<SettlementStore, 'openTerms' | 'reminders' | 'toldAmong'>;
  acts: Pick<ActLog, 'perform'>;
  arrears(agreement: string): Promise<Arrears[]>;
  /** Statements of which an input has changed since it was told of. */
  changes(): Promise<ChangesFound>;
  config: () => Pick<
    Config,
    'agreements' | 'alertPolicies' | 'contacts' | 'jurisdictions' | 'region' | 'sections' | 'parameters'
  >;
  clock: Clock;
  synthetic: boolean;
  /** Hears of an agreement whose terms could not be told; the others go on. */
  onFault(agreement: string, error: unknown): Promise<void>;
  /** The channel over which a desk is reached now, and its address there. */
  wayTo(contact: Contact): Contact['channels'][number];
}

/** The finance desks of a party; of the joint office where the party has none. */
function desksOf(party: string, contacts: readonly Contact[]): Contact[] {
  const finance = contacts.filter(({ desk }) => desk === 'finance');
  const own = finance.filter(({ jurisdiction }) => jurisdiction === party);
  return own.length > 0 ? own : finance.filter(({ jurisdiction }) => jurisdiction === null);
}

async function due(parts: NoticeParts, agreement: Agreement, days: SettlementReminders): Promise<Notice[]> {
  const { store, clock } = parts;
  const { id } = agreement;
  const nowS = clock.nowS();
  const found = noticesOf({
    agreement: id,
    arrears: await parts.arrears(id),
    reminders: await store.reminders(id),
    statements: await store.openTerms({ agreement: id, nowS }),
    days,
    nowS,
  });
  const told = await store.toldAmong(found.map((notice) => notice.id));
  return found.filter((notice) => !told.has(notice.id));
}

/** Facts of no station and no reading: what is read stands in title and summary. */
function messageTo(
  contact: Contact,
  way: Contact['channels'][number],
  notice: Notice,
  of: { words: ReturnType<typeof wordsOf>; nowS: number; synthetic: boolean },
): Notification {
  return {
    id: `${notice.id}:${contact.id}`,
    kind: 'reminder',
    contact: contact.id,
    channel: way.channel,
    address: way.address,
    language: contact.language,
    orderingKey: `${contact.id} ${way.channel}`,
    createdS: of.nowS,
    facts: {
      alertId: notice.id,
      ruleId: notice.kind,
      severity: notice.kind === 'payment-late' ? 'minor' : 'info',
      ...of.words,
      station: null,
      stationName: null,
      parameter: null,
      value: null,
      unit: null,
      limit: null,
      multiple: null,
      edition: null,
      standing: null,
      beginS: null,
      endS: null,
      lon: null,
      lat: null,
      jurisdictions: notice.party === officeDesk ? [] : [notice.party],
      drill: false,
      synthetic: of.synthetic,
    },
  };
}

/** Tells the desks what they have not been told of one agreement; resolves with what was told. */
async function tellOf(
  parts: NoticeParts,
  agreement: Agreement,
  of: { days: SettlementReminders; changed: readonly Notice[] },
): Promise<Notice[]> {
  const { contacts, ...names } = parts.config();
  const nowS = parts.clock.nowS();
  const notices: Notice[] = [];
  const notifications: Notification[] = [];
  for (const notice of [...(await due(parts, agreement, of.days)), ...of.changed]) {
    const desks = desksOf(notice.party, contacts);
    if (desks.length === 0) continue;
    notices.push(notice);
    const said = { words: wordsOf(notice, { agreement, ...names }), nowS, synthetic: parts.synthetic };
    for (const desk of desks) notifications.push(messageTo(desk, parts.wayTo(desk), notice, said));
  }
  if (notices.length === 0) return [];
  await parts.acts.perform({
    kind: 'send-reminders',
    version: 2,
    id: `reminders:${namedBy(notices.map(({ id }) => id))}`,
    actor: 'system',
    atS: nowS,
    payload: { notices, notifications },
  });
  return notices;
}

/**
 * Tells the finance desks of the parties what they have not been told: one act an agreement, which holds the messages. What nobody could
 * be told, for want of a desk, is not noted, and is told once there is one. An agreement that fails keeps no other one waiting, and is
 * looked at again at the next pass. Resolves with what was told.
 */
export async function sendReminders(parts: NoticeParts): Promise<Notice[]> {
  const { agreements, alertPolicies } = parts.config();
  const days = alertPolicies[0]?.settlementReminders;
  if (days === undefined) return [];
  const changes = await parts.changes();
  for (const { agreement, error } of changes.failed) await parts.onFault(agreement, error);
  const sent: Notice[] = [];
  const untold = changes.failed.map(({ statement }) => statement);
  for (const agreement of agreements) {
    const changed = changes.notices.filter((notice) => notice.agreement === agreement.id);
    try {
      sent.push(...(await tellOf(parts, agreement, { days, changed })));
    } catch (error) {
      untold.push(...changed.map(({ subject }) => subject));
      await parts.onFault(agreement.id, error);
    }
  }
  await changes.told(untold);
  return sent;
}
