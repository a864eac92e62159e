import { openWebhook } from '../../src/alert/channels/webhook/index.ts';
import { composeMessage } from '../../src/alert/message.ts';
import type { OutboxParts } from '../../src/alert/outbox.ts';
import type { ChannelOf } from '../../src/domain/config/channels.ts';

/** A signed webhook as a channel of the configuration. */
export function hookConfig(settings: ChannelOf<'webhook'>['settings']): ChannelOf<'webhook'> {
  return {
    id: 'hook',
    type: 'webhook',
    name: { zh: '回调', en: 'hook' },
    enabled: true,
    acknowledgeLinks: false,
    settings,
  };
}

/** The same, opened: it sends to one host and signs with one secret. */
export const openHook = (host: string, secret: string) =>
  openWebhook(hookConfig({ hosts: [host], secretVariable: 'HOOK_SECRET' }), {
    secret: () => secret,
    certificates: () => '',
    riverOf: () => null,
  });

/** Messages without links. */
export const composePlain: OutboxParts['compose'] = (notification) =>
  composeMessage(notification, {
    timeZone: 'Asia/Shanghai',
    publicUrl: null,
    pageOf: () => null,
    acknowledgeUrl: () => Promise.resolve(null),
  });
