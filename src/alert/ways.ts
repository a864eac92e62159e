import type { Contact } from '../domain/config/alerting.ts';
import { takesAddressOf, type ChannelConfig } from '../domain/config/channels.ts';
import type { DeliveryPatience } from '../domain/deliveries.ts';
import type { EpochS } from '../domain/time.ts';

/** A channel that says nothing else may fail for so long until another way is chosen. */
const usualFailingMinutes = 5;

/** How long each channel may fail until it counts as down. */
export function patienceOf(channels: readonly ChannelConfig[], nowS: EpochS): DeliveryPatience {
  const minutesOf = new Map(channels.map((one) => [one.id, one.failingMinutes]));
  return { nowS, failingS: (channel) => (minutesOf.get(channel) ?? usualFailingMinutes) * 60 };
}

/** One channel with an address on it. */
export type Way = Contact['channels'][number];

/** Where a message to a contact goes when a channel fails: the channels that stand in for it, as far as the contact can be reached there. */
function standIns(way: Way, contact: Contact, channels: ReadonlyMap<string, ChannelConfig>): Way[] {
  const found: Way[] = [];
  const seen = new Set<string>();
  let last = way;
  for (;;) {
    seen.add(last.channel);
    const of = channels.get(last.channel);
    const next = channels.get(of?.fallback ?? '');
    if (of === undefined || next === undefined || seen.has(next.id)) return found;
    const own = contact.channels.find(({ channel }) => channel === next.id);
    if (own === undefined && !takesAddressOf(next.type, of.type)) return found;
    last = own ?? { channel: next.id, address: last.address };
    found.push(last);
  }
}

/** Every way to a contact, each once: its channels in their order, each followed by what stands in for it. */
function waysOf(contact: Contact, channels: readonly ChannelConfig[]): Way[] {
  const byId = new Map(channels.map((channel) => [channel.id, channel]));
  const ways = new Map<string, Way>();
  for (const own of contact.channels)
    for (const way of [own, ...standIns(own, contact, byId)])
      if (!ways.has(way.channel)) ways.set(way.channel, way);
  return [...ways.values()];
}

/** What ways are chosen by: `down` are channels that do not deliver now. */
export interface WayChoice {
  channels: readonly ChannelConfig[];
  down: readonly string[];
}

function isUp(channel: string, { channels, down }: WayChoice): boolean {
  return !down.includes(channel) && channels.find(({ id }) => id === channel)?.enabled !== false;
}

/** The way of a rung: the contact's next channel for each rung, past those that are down; the last resort is the first choice. */
export function wayOfRung(contact: Contact, rung: number, choice: WayChoice): Way {
  const first = contact.channels[Math.min(rung, contact.channels.length - 1)]!;
  return wayLike(contact, first.channel, choice) ?? first;
}

/** A way that was gone before, or where it is down the next one; null for a channel that the contact no longer has. */
export function wayLike(contact: Contact, channel: string, choice: WayChoice): Way | null {
  const ways = waysOf(contact, choice.channels);
  const at = ways.findIndex((way) => way.channel === channel);
  if (at < 0) return null;
  const order = [...ways.slice(at), ...ways.slice(0, at)];
  return order.find((way) => isUp(way.channel, choice)) ?? order[0]!;
}

/** The next way after one that failed; null where no other one is up. */
export function wayAfter(contact: Contact, failed: string, choice: WayChoice): Way | null {
  const ways = waysOf(contact, choice.channels);
  const at = ways.findIndex((way) => way.channel === failed);
  return at < 0 ? null : (ways.slice(at + 1).find((way) => isUp(way.channel, choice)) ?? null);
}
