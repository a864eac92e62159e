import { Webhook } from 'standardwebhooks';
import type { ChannelOf } from '../../../domain/config/channels.ts';
import {
  delivered,
  later,
  never,
  Secrets,
  type Channel,
  type ChannelSurroundings,
  type Outcome,
} from '../channel.ts';
import { excerpt, httpCaller, reasonOf, type HttpAnswer } from '../http.ts';
import { payloadOf } from '../payload.ts';

/** Standard Webhooks 1.0.0: one JSON body a message, signed with id and time of the attempt; the id is the same at every attempt. */
export function openWebhook(
  config: ChannelOf<'webhook'>,
  surroundings: ChannelSurroundings,
  secrets = new Secrets(surroundings),
): Channel {
  const { settings } = config;
  const keys = [secrets.of(settings.secretVariable), secrets.ofOptional(settings.previousSecretVariable)]
    .filter((key) => key !== null && key !== '')
    .map((key) => new Webhook(key ?? ''));
  const http = httpCaller(secrets.authorities(settings.caFile));
  return {
    id: config.id,
    type: 'webhook',
    async deliver(message, signal) {
      const { id, address } = message.notification;
      const refused = refusal(address, settings.hosts);
      if (refused !== null) return never(refused);
      const body = JSON.stringify(payloadOf(message));
      const at = new Date();
      const headers = {
        'content-type': 'application/json; charset=utf-8',
        'webhook-id': id,
        'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
        'webhook-signature': keys.map((key) => key.sign(id, at, body)).join(' '),
      };
      try {
        return judge(await http.call({ url: address, method: 'POST', headers, body }, signal));
      } catch (error) {
        return later(reasonOf(error));
      }
    },
    close: () => http.close(),
  };
}

/** Null for an address that may be called. Only named hosts are: a contact's address must not reach into this network. */
function refusal(address: string, hosts: readonly string[]): string | null {
  if (!URL.canParse(address)) return 'the address is no URL';
  const url = new URL(address);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'the address is neither http nor https';
  return hosts.includes(url.host) ? null : `the host ${url.host} is not among the hosts of this channel`;
}

function judge(answer: HttpAnswer): Outcome {
  if (answer.status >= 200 && answer.status < 300) return delivered;
  const error = `status ${answer.status}: ${excerpt(answer.text)}`;
  if (answer.status === 410) return never(`${error} (the receiver wants no more)`);
  return later(error, answer.retryAfterS ?? undefined);
}
