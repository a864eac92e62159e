import { ReadAudit } from '../api/auth/read-audit.ts';
import { Viewer } from '../api/auth/seen-by.ts';
import type { ApiDeps } from '../api/deps.ts';
import { firstProgress, nextMessage } from '../api/webhooks/messages.ts';
import { webhookSender, type WebhookSender } from '../api/webhooks/sender.ts';
import { MonitorError } from '../domain/errors.ts';
import type { Subscription, SubscriptionProgress } from '../domain/subscriptions.ts';
import type { System } from '../main.ts';
import { judgedThrough } from './rejudging.ts';
import { openJobs, type Jobs } from '../store/state/jobs.ts';

const LOOK_MS = 5000;
const QUEUE = 'webhook';
const DISABLE_AFTER_S = 5 * 86_400;
const MESSAGES_PER_JOB = 500;

export interface Webhooks {
  /** Tells one subscription all there is now. Throws where an attempt failed, so that its job is tried again. */
  deliver(id: string): Promise<void>;
  close(): Promise<void>;
}

type Opened = Pick<System, 'state' | 'readings' | 'clock' | 'log'>;

interface Parts {
  system: Opened;
  viewer: Viewer;
  sender: WebhookSender;
  deps: Pick<ApiDeps, 'sealing'>;
}

/**
 * Tells subscriptions what happens: each in order and one message at a time over all processes, at least once, with growing
 * waits between attempts. One that failed for five days is disabled, by an act; so is one whose receiver answers 410 or whose owner is
 * gone. The job queue is opened with the first subscription; every `lookMs` it is looked for what is new.
 */
export function startWebhooks(system: Opened, deps: ApiDeps, lookMs = LOOK_MS): Webhooks {
  const audit = new ReadAudit(system.state.readLog, (error) =>
    system.log.error({ err: error }, 'the read log of webhooks'),
  );
  const viewer = new Viewer(deps, audit);
  const sender = webhookSender(deps.webhookPrivateNetworks ?? []);
  const parts = { system, viewer, sender, deps };
  let jobs: Promise<Jobs> | null = null;
  const open = async (): Promise<Jobs> => {
    const opened = await openJobs(system.state, {
      onError: (error) => system.log.error({ err: error }, 'job queue of webhooks'),
    });
    await opened.inTurn(QUEUE);
    await opened.work<{ id: string }>(QUEUE, ({ id }) => deliver(parts, id), { concurrency: 4 });
    return opened;
  };
  let told = '';
  const look = async (): Promise<void> => {
    const active = (await system.state.subscriptions.list()).filter(({ disabledS }) => disabledS === null);
    if (active.length === 0) return;
    const slot = `${await system.readings.position()}:${Math.floor(system.clock.nowS() / 60)}`;
    const name = `${slot}:${active.map(({ id }) => id).join(' ')}`;
    if (name === told) return;
    const opening = (jobs ??= open());
    // A queue that could not be opened is opened anew at the next look.
    opening.catch(() => (jobs = null));
    const queue = await opening;
    for (const { id } of active) {
      const progress = await system.state.subscriptions.progress(id);
      // The job that failed is tried again by itself.
      if (progress?.failingSinceS !== undefined && progress.failingSinceS !== null && told !== '') continue;
      await queue.send(QUEUE, { id }, { singletonKey: `${id}:${slot}`, inTurnKey: id });
    }
    told = name;
  };
  let running: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    running = running
      .then(look)
      .catch((cause: unknown) => system.log.error({ err: cause }, 'webhooks were not looked after'));
  }, lookMs).unref();
  return {
    deliver: (id) => deliver(parts, id),
    async close() {
      clearInterval(timer);
      await running;
      await (await jobs)?.stop();
      await audit.flush();
      await sender.close();
    },
  };
}

async function deliver(parts: Parts, id: string): Promise<void> {
  const { system, viewer } = parts;
  const { subscriptions, cursors } = system.state;
  const one = await subscriptions.get(id);
  if (one === null || one.disabledS !== null) return;
  if (!(await ownerIsThere(system, one))) return disable(system, one, 'its owner is gone');
  const judgedSeq = await judgedThrough(cursors);
  const actor = { ...one.owner };
  for (let sent = 0; sent < MESSAGES_PER_JOB; sent++) {
    const before = (await subscriptions.progress(id)) ?? firstProgress(one);
    const seen = await viewer.seenBy({ actor }, 'webhook');
    const { message, after } = await nextMessage(one, seen, before, judgedSeq);
    if (message === null) {
      if (JSON.stringify(after) !== JSON.stringify(before)) await subscriptions.setProgress(id, after);
      return;
    }
    const nowS = system.clock.nowS();
    const secret = parts.deps.sealing.open(one.sealedSecret);
    const delivery = await parts.sender.send({ url: one.url, secret }, message, nowS);
    await subscriptions.note(id, delivery);
    if (delivery.error !== null)
      return failed(system, one, { before, nowS, ...delivery, error: delivery.error });
    await subscriptions.setProgress(id, { ...after, failingSinceS: null, lastOkS: nowS });
  }
}

async function failed(
  system: Opened,
  one: Subscription,
  of: { before: SubscriptionProgress; nowS: number; status: number | null; error: string },
): Promise<void> {
  const failingSinceS = of.before.failingSinceS ?? of.nowS;
  await system.state.subscriptions.setProgress(one.id, { ...of.before, failingSinceS });
  if (of.status === 410) return disable(system, one, 'the receiver wants no more (410)');
  if (of.nowS - failingSinceS >= DISABLE_AFTER_S)
    return disable(system, one, 'every attempt failed for five days');
  throw new MonitorError('E_UPSTREAM', `webhook ${one.id}: ${of.error}`, {
    details: { subscription: one.id },
  });
}

/** Somebody who signs in no more reads no more; neither does a key that was revoked or is over. */
async function ownerIsThere(system: Opened, { owner }: Subscription): Promise<boolean> {
  const user = await system.state.identity.user(owner.id);
  if (user !== null) return user.disabledS === null;
  const nowS = system.clock.nowS();
  return (await system.state.keys.list()).some(
    ({ holder, revokedS, expiresS }) =>
      holder === owner.id && revokedS === null && (expiresS === null || expiresS > nowS),
  );
}

async function disable(system: Opened, { id }: Subscription, reason: string): Promise<void> {
  await system.state.acts.perform({
    kind: 'disable-subscription',
    version: 1,
    id: `disable-${id}-${system.clock.nowS()}`,
    actor: 'system',
    atS: system.clock.nowS(),
    payload: { subscription: id, reason },
  });
}
