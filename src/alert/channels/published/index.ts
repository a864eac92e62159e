import type { ChannelOf } from '../../../domain/config/channels.ts';
import { delivered, type Channel } from '../channel.ts';

/** What is published is delivered by being kept: the stream of the dashboard and the feeds read what lies delivered in the outbox. */
export function openPublished(config: ChannelOf<'dashboard'> | ChannelOf<'cap'>): Channel {
  return {
    id: config.id,
    type: config.type,
    deliver: () => Promise.resolve(delivered),
    close: () => Promise.resolve(),
  };
}
