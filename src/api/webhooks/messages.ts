import { createHash } from 'node:crypto';
import type { LatestVerdict } from '../../domain/latest-verdicts.ts';
import { everyRow } from '../../domain/paging.ts';
import type { Subscription, SubscriptionProgress } from '../../domain/subscriptions.ts';
import { seesAssessments, type Seen } from '../auth/seen-by.ts';
import { feedPage } from '../readings/change-feed.ts';
import type { WebhookMessage } from './sender.ts';

const changesPerMessage = 100;
/** Of a re-judging of everything, the first; `total` says how many there are. */
const verdictsPerMessage = 1000;

/** Where a new subscription begins: at the journal position of its making. */
export function firstProgress({ afterSeq, createdS }: Subscription): SubscriptionProgress {
  return {
    changes: `0:${afterSeq}~`,
    verdictsSeq: afterSeq,
    publicationsS: createdS,
    failingSinceS: null,
    lastOkS: null,
  };
}

interface Next {
  /** Null: nothing to tell now. */
  message: WebhookMessage | null;
  /** How far it is once the message was taken. */
  after: SubscriptionProgress;
}

const idOf = (subscription: Subscription, event: string, from: unknown, to: unknown): string =>
  `msg_${createHash('sha256')
    .update(JSON.stringify([subscription.id, event, from, to]))
    .digest('hex')
    .slice(0, 32)}`;

async function nextReadings(one: Subscription, seen: Seen, before: SubscriptionProgress): Promise<Next> {
  const setOf = (list: readonly string[] | null): ReadonlySet<string> | null =>
    list === null ? null : new Set(list);
  const filter = { providers: null, stations: setOf(one.stations), parameters: setOf(one.parameters) };
  for (let since = before.changes; ;) {
    const page = await feedPage(seen, { since, limit: changesPerMessage, filter });
    const after = { ...before, changes: page.cursor };
    if (page.entries.length > 0) {
      const message = {
        id: idOf(one, 'readings.changed', before.changes, page.cursor),
        type: 'readings.changed',
        atS: seen.clock.nowS(),
        data: { subscription: one.id, cursor: page.cursor, more: page.more, entries: page.entries },
      };
      return { message, after };
    }
    if (!page.more) return { message: null, after };
    since = page.cursor;
  }
}

/** `judgedThrough`: the re-judging is done up to there; what it is still about is told as a whole when it is. */
async function nextVerdicts(
  one: Subscription,
  seen: Seen,
  before: SubscriptionProgress,
  judgedThrough: number,
): Promise<Next> {
  const changed = [];
  let through = before.verdictsSeq;
  const told = { changedAfterSeq: before.verdictsSeq };
  for await (const row of everyRow<LatestVerdict>((page) =>
    seen.state.latestVerdicts.list({ ...told, ...page }),
  )) {
    if (row.changedSeq > judgedThrough) continue;
    through = Math.max(through, row.changedSeq);
    if ((one.stations?.includes(row.station) ?? true) && seesAssessments(seen, row.station))
      changed.push(row);
  }
  const after = { ...before, verdictsSeq: through };
  if (changed.length === 0) return { message: null, after };
  const verdicts = changed
    .slice(0, verdictsPerMessage)
    .map(({ station, period, id, outcome, previousId, changedSeq }) => ({
      station,
      period,
      id,
      outcome,
      previousId,
      changedSeq,
    }));
  const message = {
    id: idOf(one, 'verdict.changed', before.verdictsSeq, [through, verdicts.map(({ id }) => id)]),
    type: 'verdict.changed',
    atS: seen.clock.nowS(),
    data: { subscription: one.id, total: changed.length, verdicts },
  };
  return { message, after };
}

async function nextPublications(one: Subscription, seen: Seen, before: SubscriptionProgress): Promise<Next> {
  const decided = (await seen.state.publications.list({})).filter(
    ({ decidedS }) => decidedS !== null && decidedS > before.publicationsS,
  );
  if (decided.length === 0) return { message: null, after: before };
  const through = Math.max(...decided.map(({ decidedS }) => decidedS ?? 0));
  // An act of the same second may still come: that second is told when it is over.
  if (through >= seen.clock.nowS()) return { message: null, after: before };
  const message = {
    id: idOf(one, 'publication.decided', before.publicationsS, through),
    type: 'publication.decided',
    atS: seen.clock.nowS(),
    data: { subscription: one.id, publications: decided },
  };
  return { message, after: { ...before, publicationsS: through } };
}

/** What a subscription is to be told next, with what its owner may see now. */
export async function nextMessage(
  one: Subscription,
  seen: Seen,
  progress: SubscriptionProgress,
  judgedThrough: number,
): Promise<Next> {
  const makers = {
    'readings.changed': nextReadings,
    'verdict.changed': nextVerdicts,
    'publication.decided': nextPublications,
  };
  let after = progress;
  for (const kind of one.events) {
    const next = await makers[kind](one, seen, after, judgedThrough);
    if (next.message !== null) return next;
    ({ after } = next);
  }
  return { message: null, after };
}
