import type { ChannelConfig } from '../../domain/config/channels.ts';
import type { ConfigFault } from '../../domain/config/config.ts';
import type { Draft } from '../draft.ts';

/** Channels that every partner reads: money between two parties is not told there. */
const published = new Set(['dashboard', 'cap']);

/** A channel that everybody reads, of those that a message over this one may go to: itself and what stands in for it. */
function publishedBehind(draft: Draft, channel: string): ChannelConfig | null {
  const seen = new Set<string>();
  let next = draft.channels.find(({ id }) => id === channel);
  while (next !== undefined && !seen.has(next.id)) {
    if (published.has(next.type)) return next;
    seen.add(next.id);
    const { fallback } = next;
    next = draft.channels.find(({ id }) => id === fallback);
  }
  return null;
}

/** Finance desks are reached over channels of their own, and where reminders are asked for each party has one or the joint office does. */
export function reminderFaults(draft: Draft): ConfigFault[] {
  const finance = draft.contacts.filter(({ desk }) => desk === 'finance');
  const faults = finance.flatMap((contact) =>
    contact.channels.flatMap(({ channel }, index) => {
      const open = publishedBehind(draft, channel);
      if (open === null) return [];
      const how = open.id === channel ? '' : `${open.id} stands in for it, and `;
      const text = {
        message: `a finance desk is told of money: ${how}everybody reads a channel of type ${open.type}`,
        expected: 'a channel that reaches the desk alone, such as smtp or webhook',
      };
      return [draft.fault(contact, ['channels', index, 'channel'], text)];
    }),
  );
  const reachable = new Set(finance.map(({ jurisdiction }) => jurisdiction));
  if (reachable.has(null) || !draft.complete('contacts') || !draft.complete('agreements')) return faults;
  for (const policy of draft.alertPolicies) {
    if (policy.settlementReminders === undefined) continue;
    const parties = draft.agreements.flatMap((one) => [one.parties.protecting, one.parties.benefiting]);
    const lacking = [...new Set(parties)].filter((code) => !reachable.has(code)).toSorted();
    if (lacking.length === 0) continue;
    const text = {
      message: `no finance desk for ${lacking.join(', ')}`,
      expected:
        'a contact with `desk: finance` for each party, or one of the joint office (`jurisdiction: null`)',
    };
    faults.push(draft.fault(policy, ['settlementReminders'], text));
  }
  return faults;
}
