import { Type } from 'typebox';
import type { ChannelOf } from '../../domain/config/channels.ts';
import type { StoredNotification } from '../../domain/deliveries.ts';
import { MonitorError } from '../../domain/errors.ts';
import type { Region } from '../../domain/config/region.ts';
import type { AlertLinks, ApiDeps } from '../deps.ts';
import type { Api } from '../http/fastify-types.ts';
import { atomFeed, type AtomEntry } from '../feeds/atom.ts';
import {
  capDocument,
  capExpiresS,
  capIdentifier,
  capMessageType,
  capSeverities,
  capUrgency,
  capStatus,
  capTime,
} from '../feeds/cap.ts';

const entriesShown = 100;
const earlierShown = 50;
const config = { tier: 'public' } as const;
const Params = Type.Object({ name: Type.String({ pattern: '^.{1,200}\\.xml$' }) });

/** What the routes read: CAP channels and the messages that were routed to them. */
class CapMessages {
  readonly #deps: ApiDeps;
  readonly #messages: AlertLinks['messages'];

  constructor(deps: ApiDeps, messages: AlertLinks['messages']) {
    this.#deps = deps;
    this.#messages = messages;
  }

  channels(): ChannelOf<'cap'>[] {
    return this.#deps.config().channels.filter((one) => one.type === 'cap');
  }

  newest(): Promise<StoredNotification[]> {
    return this.#messages.newest({ channels: this.channels().map(({ id }) => id), limit: entriesShown });
  }

  /** Throws E_NOT_FOUND for what was not routed to a CAP channel of this configuration. */
  settingsOf(one: StoredNotification): ChannelOf<'cap'>['settings'] {
    const channel = this.channels().find(({ id }) => id === one.channel);
    if (channel === undefined) throw new MonitorError('E_NOT_FOUND', `there is no CAP message ${one.id}`);
    return channel.settings;
  }

  /** Throws E_NOT_FOUND. */
  async get(id: string): Promise<StoredNotification> {
    const found = await this.#messages.get(id);
    if (found === null || found.state !== 'delivered')
      throw new MonitorError('E_NOT_FOUND', `there is no CAP message ${id}`);
    return found;
  }

  /** Of the same alert, delivered before it, oldest first. */
  async earlierThan(one: StoredNotification): Promise<StoredNotification[]> {
    const { alertId } = one.facts;
    const channels = [one.channel];
    const all = await this.#messages.published({ channels, alertId, afterOrder: 0, limit: earlierShown });
    return all.filter(({ deliveredOrder }) => deliveredOrder! < one.deliveredOrder!);
  }
}

/**
 * What was routed to a channel of type `cap`, as CAP 1.2 documents at permanent addresses and as one Atom feed. A document never
 * changes: a correction or an end is a further message that refers to the earlier ones.
 */
export function capFeedRoutes(app: Api, deps: ApiDeps): void {
  const { alertLinks } = deps;
  if (alertLinks === undefined || alertLinks === null) return;
  const messages = new CapMessages(deps, alertLinks.messages);

  app.get(
    '/feeds/cap/:name',
    { config, schema: { params: Params, hide: true } },
    async ({ params }, reply) => {
      const found = await messages.get(params.name.replace(/\.xml$/, ''));
      const { jurisdictions, region } = deps.config();
      const document = capDocument(found, {
        settings: messages.settingsOf(found),
        timeZone: region.timeZone,
        nameOf: (code, language) => jurisdictions.find((one) => one.code === code)?.name[language] ?? code,
        earlier: await messages.earlierThan(found),
        web: deps.publicUrl,
      });
      return reply
        .type('application/cap+xml; charset=utf-8')
        .header('cache-control', 'public, max-age=86400')
        .send(document);
    },
  );

  app.get('/feeds/alerts.atom', { config, schema: { hide: true } }, async (request, reply) => {
    const { region } = deps.config();
    const root = deps.publicUrl ?? `${request.protocol}://${request.host}`;
    const entries: AtomEntry[] = [];
    for (const one of await messages.newest()) entries.push(await entryOf(one, { messages, region, root }));
    const feed = atomFeed({
      id: `urn:jiehe:${region.id}:alerts`,
      title: `${region.name.zh} · ${region.name.en}`,
      // Of an empty feed: fixed, so that its bytes do not change.
      updated: entries[0]?.updated ?? capTime(0, region.timeZone),
      author: messages.channels()[0]?.settings.senderName.zh ?? region.name.zh,
      self: `${root}/feeds/alerts.atom`,
      entries,
    });
    return reply.type('application/atom+xml; charset=utf-8').header('cache-control', 'no-cache').send(feed);
  });
}

async function entryOf(
  one: StoredNotification,
  { messages, region, root }: { messages: CapMessages; region: Region; root: string },
): Promise<AtomEntry> {
  const { facts, kind, createdS, id } = one;
  const at = capTime(createdS, region.timeZone);
  return {
    id: `urn:jiehe:${region.id}:${capIdentifier(id)}`,
    title: facts.title.zh,
    updated: at,
    summary: `${facts.summary.zh}\n${facts.summary.en}`,
    href: `${root}/feeds/cap/${encodeURIComponent(id)}.xml`,
    cap: {
      event: facts.title.zh,
      effective: at,
      expires: capTime(capExpiresS(one, messages.settingsOf(one)), region.timeZone),
      status: capStatus(facts),
      msgType: capMessageType(one, await messages.earlierThan(one)),
      category: 'Env',
      urgency: capUrgency(kind),
      severity: capSeverities[facts.severity],
      certainty: 'Likely',
      areaDesc: facts.stationName?.zh ?? region.name.zh,
    },
  };
}
