import { lookup as resolve } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { Agent, request as send } from 'undici';
import type { Delivery } from '../../domain/subscriptions.ts';
import { MonitorError } from '../../domain/errors.ts';

export interface WebhookMessage {
  /** The same at every attempt. */
  id: string;
  type: string;
  /** When it was made, epoch seconds. */
  atS: number;
  data: unknown;
}

const timeoutMs = 20_000;
const maximumAnswerBytes = 64 * 1024;

/** Networks that are nobody's on the internet: this machine, the house, the link, test and reserved ranges (RFC 6890, RFC 4291). */
function privateNetworks(): BlockList {
  const list = new BlockList();
  const v4 = [
    ['0.0.0.0', 8],
    ['10.0.0.0', 8],
    ['100.64.0.0', 10],
    ['127.0.0.0', 8],
    ['169.254.0.0', 16],
    ['172.16.0.0', 12],
    ['192.0.0.0', 24],
    ['192.0.2.0', 24],
    ['192.168.0.0', 16],
    ['198.18.0.0', 15],
    ['198.51.100.0', 24],
    ['203.0.113.0', 24],
    ['224.0.0.0', 4],
    ['240.0.0.0', 4],
  ] as const;
  const v6 = [
    ['::', 128],
    ['::1', 128],
    ['64:ff9b::', 96],
    ['64:ff9b:1::', 48],
    ['100::', 64],
    ['2001:db8::', 32],
    ['2002::', 16],
    ['fc00::', 7],
    ['fe80::', 10],
    ['ff00::', 8],
  ] as const;
  for (const [network, bits] of v4) list.addSubnet(network, bits, 'ipv4');
  for (const [network, bits] of v6) list.addSubnet(network, bits, 'ipv6');
  return list;
}

/** Addresses that webhooks may go to although they are private, as `10.1.2.0/24` or `127.0.0.1`. Throws E_CONFIG for another text. */
export function allowedNetworks(texts: readonly string[]): BlockList {
  const list = new BlockList();
  for (const text of texts) {
    const [network = '', bits] = text.split('/');
    const version = isIP(network);
    const most = version === 4 ? 32 : 128;
    const length = bits === undefined ? most : Number(bits);
    if (version === 0 || !Number.isInteger(length) || length < 0 || length > most)
      throw new MonitorError('E_CONFIG', `"${text}" is no network: expected an address or address/bits`);
    list.addSubnet(network, length, version === 4 ? 'ipv4' : 'ipv6');
  }
  return list;
}

/** `address` without the brackets and zone of a URL; a v4 address inside v6 counts as the v4 one. */
export class AddressGuard {
  readonly #private = privateNetworks();
  readonly #allowed: BlockList;

  constructor(allowed: readonly string[]) {
    this.#allowed = allowedNetworks(allowed);
  }

  mayReach(address: string): boolean {
    const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
    const plain = mapped ?? address;
    const version = isIP(plain);
    if (version === 0) return false;
    const family = version === 4 ? 'ipv4' : 'ipv6';
    // The block list itself reads v4-mapped addresses in any of their spellings.
    return this.#allowed.check(plain, family) || !this.#private.check(plain, family);
  }

  /** Whether a URL may be subscribed to, as far as its text tells: what a name resolves to is looked at with each connection. */
  refusal(url: string): string | null {
    if (!URL.canParse(url)) return 'the address is no URL';
    const { protocol, hostname, username } = new URL(url);
    const host = hostname.replace(/^\[|\]$/g, '');
    if (username !== '') return 'an address carries no user name';
    if (isIP(host) !== 0 && !this.mayReach(host)) return `${host} is a private address`;
    const allowed = isIP(host) !== 0 && this.#allowed.check(host, isIP(host) === 4 ? 'ipv4' : 'ipv6');
    if (protocol !== 'https:' && !(protocol === 'http:' && allowed)) return 'webhooks go to https addresses';
    return null;
  }

  /** Resolves a name and refuses it where any address of it is private, at the moment of connecting. */
  lookup: LookupFunction = (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, '', 0);
      const refused = addresses.find(({ address }) => !this.mayReach(address));
      if (refused !== undefined || addresses.length === 0)
        return callback(new Error(`${hostname} is at a private address`), '', 0);
      if (options.all === true) return callback(null, addresses);
      callback(null, addresses[0]?.address ?? '', addresses[0]?.family ?? 4);
    });
  };
}

export interface WebhookSender {
  guard: AddressGuard;
  /** Never throws for what the other side does. */
  send(to: { url: string; secret: string }, message: WebhookMessage, nowS: number): Promise<Delivery>;
  close(): Promise<void>;
}

/** Standard Webhooks 1.0.0: one JSON body, signed with id and time of the attempt; no redirect is followed. */
export function webhookSender(allowedPrivate: readonly string[]): WebhookSender {
  const guard = new AddressGuard(allowedPrivate);
  const agent = new Agent({ maxResponseSize: maximumAnswerBytes, connect: { lookup: guard.lookup } });
  return {
    guard,
    async send({ url, secret }, message, nowS) {
      const startedMs = performance.now();
      const done = (status: number | null, error: string | null): Delivery => ({
        atS: nowS,
        message: message.id,
        event: message.type,
        status,
        error,
        milliseconds: Math.round(performance.now() - startedMs),
      });
      const refused = guard.refusal(url);
      if (refused !== null) return done(null, refused);
      const timestamp = new Date(message.atS * 1000).toISOString();
      const body = JSON.stringify({ type: message.type, timestamp, data: message.data });
      const at = new Date();
      try {
        const answer = await send(url, {
          method: 'POST',
          headers: {
            'user-agent': 'jiehe',
            'content-type': 'application/json; charset=utf-8',
            'webhook-id': message.id,
            'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
            'webhook-signature': new Webhook(secret).sign(message.id, at, body),
          },
          body,
          dispatcher: agent,
          signal: AbortSignal.timeout(timeoutMs),
        });
        const text = (await answer.body.text()).replaceAll(/\s+/g, ' ').slice(0, 200);
        const ok = answer.statusCode >= 200 && answer.statusCode < 300;
        return done(answer.statusCode, ok ? null : `status ${answer.statusCode}: ${text}`);
      } catch (error) {
        return done(null, error instanceof Error ? `no answer: ${error.message}`.slice(0, 200) : 'no answer');
      }
    },
    close: () => agent.destroy(),
  };
}
