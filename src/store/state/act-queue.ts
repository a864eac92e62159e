import { canonicalJson } from '../../domain/canonical-json.ts';
import { MonitorError } from '../../domain/errors.ts';
import type { Act, ActLog, Clock, Journal, JournalHead } from '../../domain/ports.ts';
import type { ActKind } from './act-kind.ts';
import { checkAct, contentOf, parseAct } from './act-kinds.ts';
import type { StateDatabase, StateTransaction } from './tables.ts';

/** What happens with an act, in its transaction, after it was applied. */
export type WithAct = (trx: StateTransaction, act: Act) => Promise<void>;

/**
 * Acts, one at a time: validate, apply in a transaction, journal and fsync inside it, remember the position, commit, answer.
 * The engine may lose what it committed (the embedded one never fsyncs): the journal is what counts, and `recover` brings the state to it.
 */
export class ActQueue implements ActLog {
  readonly #db: StateDatabase;
  readonly #journal: Journal;
  readonly #clock: Clock;
  #last: Promise<unknown> = Promise.resolve();
  /** The journal may hold acts that the state has not seen: before the first recovery, and after a commit whose outcome nobody could tell. */
  #uncertain = true;
  readonly #with = new Set<WithAct>();
  #revision = 0;

  constructor(parts: { db: StateDatabase; journal: Journal; clock: Clock }) {
    this.#db = parts.db;
    this.#journal = parts.journal;
    this.#clock = parts.clock;
  }

  /**
   * Idempotent by the act's id: a repeated act answers with its first position, also when it is sent again later (`atS` is the moment
   * of sending, not content); another content under its id is E_CONFLICT.
   * Throws E_BAD_REQUEST, E_NOT_FOUND, E_CONFLICT (nothing journaled) or E_STORE_UNAVAILABLE (`details.outcome`: `aborted` or `unknown`).
   */
  perform(act: Act): Promise<number> {
    return this.#enqueue(() => this.#performNow(act));
  }

  /** Has `also` run with every act that this process applies from now on; where it throws, the act is refused. Ends by what is returned. */
  withEach(also: WithAct): () => void {
    this.#with.add(also);
    return () => void this.#with.delete(also);
  }

  done(act: Act): Promise<number | null> {
    return this.#enqueue(async () => {
      if (this.#uncertain || this.#journal.readKinds !== undefined) await this.#recoverNow();
      return seqOf(this.#db, act);
    });
  }

  async appliedThrough(): Promise<number> {
    const row = await this.#db.selectFrom('act_position').select('applied_through').executeTakeFirstOrThrow();
    return row.applied_through;
  }

  revision(): number {
    return this.#revision;
  }

  kept(seq: number): Promise<boolean> {
    return this.#enqueue(async () => {
      if (this.#uncertain || this.#journal.readKinds !== undefined) await this.#recoverNow();
      const row = await this.#db.selectFrom('act').select('id').where('seq', '=', seq).executeTakeFirst();
      return row !== undefined;
    });
  }

  recover(): Promise<number> {
    return this.#enqueue(() => this.#recoverNow());
  }

  /** Remembers the journal's head, and that every act up to it is applied. Waits for the acts before it. */
  anchor(): Promise<JournalHead> {
    return this.#enqueue(async () => {
      const head = this.#journal.head();
      await this.#db.transaction().execute(async (trx) => {
        await this.#lock(trx);
        const row = { seq: head.seq, hash: head.hash, at_s: this.#clock.nowS() };
        await trx
          .insertInto('journal_anchor')
          .values({ id: 1, ...row })
          .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
          .execute();
        if (!this.#uncertain || this.#journal.readKinds !== undefined) await setAppliedThrough(trx, head.seq);
      });
      return head;
    });
  }

  /** Runs `work` while no act is under way here. */
  alone<T>(work: () => Promise<T>): Promise<T> {
    return this.#enqueue(work);
  }

  /** Resolves when the acts queued so far are done. */
  async idle(): Promise<void> {
    await this.#last;
  }

  #enqueue<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#last.then(task).finally(() => (this.#revision += 1));
    this.#last = result.catch(() => undefined);
    return result;
  }

  async #apply(trx: StateTransaction, act: Act, kind: ActKind): Promise<void> {
    await kind.apply(trx, act);
    for (const also of this.#with) await also(trx, act);
  }

  async #performNow(act: Act): Promise<number> {
    const kind = checkAct(act);
    if (this.#uncertain) await this.#recoverNow();
    const body = canonicalJson(act);
    const journaled: { seq: number | null } = { seq: null };
    try {
      return await this.#db.transaction().execute(async (trx) => {
        await this.#lock(trx);
        const done = await seqOf(trx, act);
        if (done !== null) return done;
        await this.#apply(trx, act, kind);
        const seq = await this.#append('act', { act: act.kind, id: act.id }, body);
        journaled.seq = seq;
        await keepAct(trx, act, seq);
        return seq;
      });
    } catch (cause) {
      if (journaled.seq === null) throw this.#refusal(cause);
      return await this.#afterFailedCommit(act, { seq: journaled.seq, cause });
    }
  }

  /**
   * The row lock is the queue between processes that share one database. Who holds it first applies what another process
   * journaled and did not live to commit: past this point every act of the journal is in the state.
   */
  async #lock(trx: StateTransaction): Promise<void> {
    const position = trx.selectFrom('act_position').select('applied_through').forUpdate();
    const { applied_through: after } = await position.executeTakeFirstOrThrow();
    if (this.#journal.readKinds === undefined) return;
    const acts = new Map<number, Act>();
    for await (const entry of this.#journal.readKinds(after, ['act', 'aborted'])) {
      if (entry.kind === 'act') acts.set(entry.seq, parseAct(entry.body, entry.seq));
      else acts.delete(abortedSeq(entry.body));
    }
    for (const [seq, act] of acts) {
      const known = await trx.selectFrom('act').select('seq').where('id', '=', act.id).executeTakeFirst();
      if (known !== undefined) continue;
      await this.#apply(trx, act, checkAct(act));
      await keepAct(trx, act, seq);
    }
  }

  /** A commit can fail although the server did it: the row tells. */
  async #afterFailedCommit(act: Act, failed: { seq: number; cause: unknown }): Promise<number> {
    const { seq, cause } = failed;
    let committed: number | null;
    try {
      committed = await this.#db.transaction().execute(async (trx) => {
        // Not `#lock`: it would apply the very act that is in question.
        await trx.selectFrom('act_position').select('id').forUpdate().execute();
        const kept = await seqOf(trx, act);
        if (kept === null) await this.#append('aborted', { id: act.id }, canonicalJson({ seq, id: act.id }));
        return kept;
      });
    } catch {
      this.#uncertain = true;
      const message = `act ${act.id} is in the journal (entry ${seq}); it will be applied when the state answers again`;
      throw new MonitorError('E_STORE_UNAVAILABLE', message, { cause, details: { seq, outcome: 'unknown' } });
    }
    if (committed !== null) return committed;
    const message = `act ${act.id} could not be committed and was taken back`;
    throw new MonitorError('E_STORE_UNAVAILABLE', message, { cause, details: { seq, outcome: 'aborted' } });
  }

  async #append(kind: 'act' | 'aborted', meta: Record<string, string>, body: string): Promise<number> {
    const entry = { kind, receivedS: this.#clock.nowS(), meta, body: Buffer.from(body, 'utf8') };
    return (await this.#journal.append(entry)).seq;
  }

  async #recoverNow(): Promise<number> {
    if (this.#journal.readKinds !== undefined) return this.#recoverShared();
    const after = await this.appliedThrough();
    const { seq: through } = this.#journal.head();
    const acts: number[] = [];
    const aborted = new Set<number>();
    for await (const entry of this.#journal.read(after)) {
      if (entry.kind === 'act') acts.push(entry.seq);
      if (entry.kind === 'aborted') aborted.add(abortedSeq(entry.body));
    }
    let applied = 0;
    for (const seq of acts) {
      if (aborted.has(seq)) continue;
      const act = parseAct((await this.#journal.get(seq)).body, seq);
      if (await this.#replay(act, seq)) applied += 1;
    }
    await this.#db.transaction().execute((trx) => setAppliedThrough(trx, through));
    this.#uncertain = false;
    return applied;
  }

  async #recoverShared(): Promise<number> {
    const count = (trx: StateTransaction): Promise<{ acts: number }> =>
      trx
        .selectFrom('act')
        .select((select) => select.fn.countAll<number>().as('acts'))
        .executeTakeFirstOrThrow();
    const applied = await this.#db.transaction().execute(async (trx) => {
      const before = await count(trx);
      const { seq: through } = this.#journal.head();
      await this.#lock(trx);
      await setAppliedThrough(trx, through);
      return (await count(trx)).acts - before.acts;
    });
    this.#uncertain = false;
    return applied;
  }

  /** An append whose outcome nobody could tell may be in the journal: the next act looks first. */
  #refusal(cause: unknown): MonitorError {
    if (cause instanceof MonitorError) {
      if (cause.details.outcome === 'unknown') this.#uncertain = true;
      if (cause.code !== 'E_STORE_UNAVAILABLE' || cause.details.outcome !== undefined) return cause;
    }
    const why = cause instanceof MonitorError ? `: ${cause.message}` : '';
    return new MonitorError('E_STORE_UNAVAILABLE', `the act could not be applied; nothing was kept${why}`, {
      cause,
      details: { outcome: 'none' },
    });
  }

  async #replay(act: Act, seq: number): Promise<boolean> {
    try {
      const kind = checkAct(act);
      return await this.#db.transaction().execute(async (trx) => {
        await trx.selectFrom('act_position').select('id').forUpdate().execute();
        const known = await trx.selectFrom('act').select('seq').where('id', '=', act.id).executeTakeFirst();
        if (known !== undefined) return false;
        await this.#apply(trx, act, kind);
        await keepAct(trx, act, seq);
        return true;
      });
    } catch (cause) {
      throw new MonitorError(
        'E_INTERNAL',
        `entry ${seq} (act ${act.id}) of the journal could not be applied again`,
        { cause },
      );
    }
  }
}

/** Position of this very act; null: none under its id. Throws E_CONFLICT for another content under it. */
async function seqOf(db: StateDatabase | StateTransaction, act: Act): Promise<number | null> {
  const row = await db.selectFrom('act').selectAll().where('id', '=', act.id).executeTakeFirst();
  if (row === undefined) return null;
  const { id, kind, version, actor, at_s: atS } = row;
  const before = { id, kind, version, actor, atS, payload: JSON.parse(row.payload) };
  if (contentOf(before) === contentOf(act)) return row.seq;
  throw new MonitorError('E_CONFLICT', `act ${act.id} was performed before with another content`, {
    details: { seq: row.seq },
  });
}

async function keepAct(trx: StateTransaction, act: Act, seq: number): Promise<void> {
  const { id, kind, version, actor, atS, payload } = act;
  await trx
    .insertInto('act')
    .values({ seq, id, kind, version, actor, at_s: atS, payload: canonicalJson(payload) })
    .execute();
  await setAppliedThrough(trx, seq);
}

async function setAppliedThrough(trx: StateTransaction, seq: number): Promise<void> {
  const update = trx.updateTable('act_position').set({ applied_through: seq });
  await update.where('applied_through', '<', seq).execute();
}

function abortedSeq(body: Uint8Array): number {
  const parsed: { seq: number } = JSON.parse(Buffer.from(body).toString('utf8'));
  return parsed.seq;
}
