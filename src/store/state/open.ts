import { MonitorError } from '../../domain/errors.ts';
import type { Clock, Journal, JournalHead, StateStore } from '../../domain/ports.ts';
import { ActQueue, type WithAct } from './act-queue.ts';
import { circumstanceStore } from './circumstances.ts';
import { backfillLog } from './backfills.ts';
import { alertStore } from './alerts.ts';
import { cursorStore } from './cursors.ts';
import { deviceActStore } from './device-acts.ts';
import { openEngine, type StateEngine, type StatePlace } from './engine.ts';
import { identityStore } from './identity.ts';
import { gapLog } from './gaps.ts';
import { issueLog } from './issue-log.ts';
import { keyStore } from './keys.ts';
import { latestVerdictStore } from './latest-verdicts.ts';
import { leaseTable } from './leases.ts';
import { migrate } from './migrations.ts';
import { projectionLog } from './projection-log.ts';
import { publicIdStore } from './public-ids.ts';
import { publicationStore } from './publications.ts';
import { readLog } from './read-log.ts';
import { rebuildState, type StateRebuild } from './rebuild.ts';
import { qualityStore } from './quality-acts.ts';
import { readingActStore } from './reading-acts.ts';
import { uploadStore } from './upload-acts.ts';
import { runLog } from './run-log.ts';
import { claimSlot } from './slots.ts';
import { subscriptionStore } from './subscriptions.ts';
import type { StateDatabase } from './tables.ts';

const anchorEveryEntries = 1000;
const anchorEveryS = 60;

export interface OpenState extends StateStore {
  /** For the other parts of the state; reached by siblings through ports only. Never await it inside a transaction. */
  readonly db: StateDatabase;
  readonly engine: StateEngine;
  /** Has `also` run in the transaction of every act that this process applies from now on; ends by what is returned. */
  withEachAct(also: WithAct): () => void;
  /** The head of the journal that this state last remembered; null before the first. */
  journalAnchor(): Promise<JournalHead | null>;
  /** Remembers the head now; it also happens every minute or thousand entries, and on close. */
  anchorJournal(): Promise<JournalHead>;
  /** True for one caller of (name, slot) over all replicas. */
  claimSlot(name: string, slotIso: string): Promise<boolean>;
  /** Everything that follows from acts, from the journal again; what differed is replaced and named. */
  rebuild(): Promise<StateRebuild>;
}

/**
 * Opens the state, brings its schema up to date and compares its anchor with the journal. It does not apply acts: call
 * `acts.recover()` next. Throws E_STORE_UNAVAILABLE, E_STORE_UNSUPPORTED, and E_JOURNAL_BROKEN when the journal lacks the anchored entry.
 */
export async function openState(
  place: StatePlace,
  parts: { journal: Journal; clock: Clock },
): Promise<OpenState> {
  const engine = await openEngine(place);
  try {
    await migrate(engine.db);
    await checkAnchor(engine.db, parts.journal);
  } catch (error) {
    await engine.close();
    throw error;
  }
  const { db } = engine;
  const acts = new ActQueue({ db, ...parts });
  const stopAnchoring = anchorAsItGrows(acts, parts);
  return {
    kind: engine.kind,
    db,
    engine,
    runs: runLog(db),
    issues: issueLog(db),
    cursors: cursorStore(db),
    gaps: gapLog(db),
    backfills: backfillLog(db),
    leases: leaseTable(db),
    projections: projectionLog(db),
    readingActs: readingActStore(db),
    circumstances: circumstanceStore(db),
    latestVerdicts: latestVerdictStore(db),
    uploads: uploadStore(db),
    quality: qualityStore(db),
    deviceActs: deviceActStore(db),
    keys: keyStore(db),
    identity: identityStore(db),
    publications: publicationStore(db),
    subscriptions: subscriptionStore(db),
    readLog: readLog(db),
    publicIds: publicIdStore(db),
    alerts: alertStore(db),
    acts,
    withEachAct: (also) => acts.withEach(also),
    journalAnchor: () => readAnchor(db),
    anchorJournal: () => acts.anchor(),
    claimSlot: (name, slotIso) => claimSlot(db, parts.clock, name, slotIso),
    rebuild: () => acts.alone(() => rebuildState(db, parts.journal, parts.clock)),
    async close() {
      stopAnchoring();
      try {
        await acts.anchor();
      } finally {
        await engine.close();
      }
    },
  };
}

async function readAnchor(db: StateDatabase): Promise<JournalHead | null> {
  const row = await db.selectFrom('journal_anchor').select(['seq', 'hash']).executeTakeFirst();
  return row ?? null;
}

async function checkAnchor(db: StateDatabase, journal: Journal): Promise<void> {
  const anchor = await readAnchor(db);
  if (anchor === null || anchor.seq === 0) return;
  const head = journal.head();
  if (head.seq < anchor.seq) {
    const message = `the journal ends at entry ${head.seq}, but the state has seen entry ${anchor.seq}: its tail was cut, or it is another journal`;
    throw new MonitorError('E_JOURNAL_BROKEN', message, { details: { anchor, head } });
  }
  const { hash } = anchor.seq === head.seq ? head : await journal.get(anchor.seq);
  if (hash === anchor.hash) return;
  const message = `entry ${anchor.seq} of the journal has hash ${hash}, the state remembers ${anchor.hash}`;
  throw new MonitorError('E_JOURNAL_BROKEN', message, { details: { anchor, hash } });
}

function anchorAsItGrows(acts: ActQueue, { journal, clock }: { journal: Journal; clock: Clock }): () => void {
  let last = { seq: journal.head().seq, atS: clock.nowS() };
  return journal.onAppend((head) => {
    const nowS = clock.nowS();
    if (head.seq - last.seq < anchorEveryEntries && nowS - last.atS < anchorEveryS) return;
    last = { seq: head.seq, atS: nowS };
    // A state that does not answer now is anchored at the next turn; the acts themselves report its absence.
    acts.anchor().catch(() => undefined);
  });
}
