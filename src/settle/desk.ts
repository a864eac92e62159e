import type { CircumstanceStore } from '../domain/circumstance.ts';
import type { Text } from '../domain/config/facts.ts';
import type { Agreement } from '../domain/config/region.ts';
import { MonitorError } from '../domain/errors.ts';
import type { Act, ActLog, Clock, Journal, ReadingStore, SeriesColumns } from '../domain/ports.ts';
import type {
  DisputeStep,
  Evidence,
  IssuedStatement,
  SigningKey,
  StatementHead,
  StatementSignature,
} from '../domain/settlement.ts';
import type { SettlementStore } from '../domain/settlement-store.ts';
import type { ChangedStatement, InputChange } from '../domain/settlement-notices.ts';
import type { Statement } from '../domain/statement.ts';
import { type Bundle, sealedBundle } from './bundle.ts';
import { circumstancesFor } from './circumstances.ts';
import { type Contested, linesContested } from './dependence.ts';
import { canonicalText, sha256Of } from './document.ts';
import { type SettlementFacts, factsOf } from './facts.ts';
import { freeze } from './freeze.ts';
import { changeSince } from './changed-inputs.ts';
import { type Now, type SecondLook, lookAgain, touchedSections } from './look-again.ts';
import { markingsOf } from './markings.ts';
import { previewAgreement } from './preview.ts';
import { keyIdOf, signatureFault } from './signing.ts';
import { type Corrected, composeStatement, statementText } from './statement.ts';
import { refuseUnfit } from './unfit.ts';

export interface DeskParts {
  store: SettlementStore;
  acts: Pick<ActLog, 'perform'>;
  readings: Pick<ReadingStore, 'series' | 'entries' | 'position'>;
  journal: Pick<Journal, 'get' | 'head'>;
  circumstances: CircumstanceStore;
  config: () => SettlementFacts;
  clock: Clock;
  /** The data folder holds invented data only: every statement says so. */
  synthetic: boolean;
}

export interface Issued {
  statement: Statement;
  sha256: string;
  seq: number;
}

/** What a correction would post; `statement` null: nothing has changed. */
export interface Correction extends SecondLook {
  corrects: string;
  issued: Issued | null;
}

export interface Objection {
  dispute: string;
  statement: string;
  party: string;
  section: string;
  parameter: string | null;
  line: string | null;
  about?: Contested;
  /** The readings of the parameter by key time in `[fromS, toS)`; absent: all of them. */
  readings?: { fromS: number; toS: number };
  grounds: string;
  evidence: Evidence[];
}

export interface DisputeMove {
  dispute: string;
  step: DisputeStep;
  note: string;
  documentNumber: string | null;
  evidence: Evidence[];
  outcome: { line: string; amountFen: string }[];
}

export interface Payment {
  agreement: string;
  from: string;
  to: string;
  amountFen: string;
  /** Number of the transfer document: the same one is never booked twice. */
  reference: string;
}

const conflict = (message: string): MonitorError => new MonitorError('E_CONFLICT', message);

/** Where statements are issued, corrected, signed for, disputed and booked. Every change is an act with an actor. */
export class SettlementDesk {
  readonly #parts: DeskParts;

  constructor(parts: DeskParts) {
    this.#parts = parts;
  }

  get store(): SettlementStore {
    return this.#parts.store;
  }

  /** Throws E_NOT_FOUND. */
  agreement(id: string): Agreement {
    const { agreements } = this.#parts.config();
    const found = agreements.find((one) => one.id === id);
    if (found !== undefined) return found;
    const known = agreements.map((one) => one.id).join(', ');
    throw new MonitorError('E_NOT_FOUND', `no agreement "${id}" (known: ${known})`);
  }

  /** What has to stand beside every amount of an agreement; empty for a signed one on real data. Throws E_NOT_FOUND. */
  markings(agreement: string): Text[] {
    return markingsOf(this.agreement(agreement), this.#parts.synthetic);
  }

  /** The same for its books, which outlive it: an agreement that is configured no more is marked as its last statement was. */
  async bookMarkings(agreement: string): Promise<Text[]> {
    if (this.#parts.config().agreements.some(({ id }) => id === agreement)) return this.markings(agreement);
    const last = (await this.store.statements({ agreement })).at(-1);
    if (last === undefined) return [];
    const { markings }: Statement = JSON.parse(last.document);
    return markings;
  }

  /**
   * Freezes what is known now and issues the statement computed from it. Throws E_CONFLICT while the period runs, for a result
   * that is none, for unreviewed data, and where a statement of this period stands already.
   */
  async issue(request: { agreement: string; period: string; actor: string }): Promise<Issued> {
    const inForce = await this.#inForce(request.agreement, request.period);
    if (inForce !== null)
      throw conflict(
        `${inForce.id} is in force for ${request.period}; what has changed since is a correction`,
      );
    return this.#perform(await this.#compose(request, null), request.actor);
  }

  /** Computes the period again on what is known now; issues a statement of the difference when `actor` is given and there is one. */
  async correct(request: { agreement: string; period: string; actor: string | null }): Promise<Correction> {
    const inForce = await this.#inForce(request.agreement, request.period);
    if (inForce === null)
      throw conflict(
        `no statement of ${request.agreement} is in force for ${request.period}; nothing to correct`,
      );
    const before: Statement = JSON.parse(inForce.document);
    const corrected: Corrected = {
      id: inForce.id,
      sha256: inForce.sha256,
      lines: before.lines,
      decidedLines: await this.#decidedLines(request.agreement, request.period),
    };
    const tried = {
      corrects: inForce.id,
      ...(await lookAgain(inForce, corrected.decidedLines, await this.#now(inForce))),
    };
    if (request.actor === null || tried.difference.length === 0) return { ...tried, issued: null };
    const issued = await this.#perform(await this.#compose(request, corrected), request.actor);
    return { ...tried, difference: issued.statement.difference, issued };
  }

  /** Sections of a statement of which a reading, a circumstance or a rule is another by now; what that comes to says `correct`. */
  async changedSince(statement: IssuedStatement): Promise<string[]> {
    return [...(await touchedSections(statement, await this.#now(statement)))];
  }

  /** What became of the inputs since, and what a correction would add. Throws E_NOT_FOUND for an agreement that is configured no more. */
  async changeOf(statement: IssuedStatement): Promise<InputChange> {
    const decided = await this.#decidedLines(statement.agreement, statement.period);
    return changeSince(statement, decided, await this.#now(statement));
  }

  /** The statements in force of which an input has changed, and those of which nobody can say. */
  async changed(query: { agreement?: string }): Promise<ChangedStatement[]> {
    const known = new Set(this.#parts.config().agreements.map(({ id }) => id));
    const found: ChangedStatement[] = [];
    for (const { id, agreement } of await this.store.inForce()) {
      if (query.agreement !== undefined && query.agreement !== agreement) continue;
      if (!known.has(agreement)) {
        found.push({ id, sections: [], reason: 'agreement-not-configured' });
        continue;
      }
      const sections = await this.changedSince(await this.#statement(id));
      if (sections.length > 0) found.push({ id, sections, reason: null });
    }
    return found;
  }

  async #now({ agreement: id, period }: IssuedStatement): Promise<Now> {
    const { readings, clock } = this.#parts;
    const agreement = this.agreement(id);
    const asOfSeq = await readings.position();
    const { facts, circumstances } = await this.#knownNow(agreement, period);
    return { agreement, facts, circumstances, readings, asOfSeq, nowS: clock.nowS() };
  }

  /** The agreement's part of the configuration and the circumstances up to the head of the journal. */
  async #knownNow(agreement: Agreement, period: string) {
    const { journal, circumstances: store, config } = this.#parts;
    const facts = factsOf(config(), agreement);
    const head = journal.head();
    const { timeZone } = facts.region;
    const circumstances = await circumstancesFor(agreement, period, { store, timeZone, asOfSeq: head.seq });
    return { facts, head, circumstances };
  }

  async #inForce(agreement: string, period: string): Promise<IssuedStatement | null> {
    this.agreement(agreement);
    const statements = await this.store.statements({ agreement, period });
    const waiting = statements.find((one) => one.effectiveS === null && one.withdrawnS === null);
    if (waiting !== undefined)
      throw conflict(`statement ${waiting.id} still waits for signatures; withdraw it or have it signed`);
    return statements.findLast((one) => one.effectiveS !== null) ?? null;
  }

  async #decidedLines(agreement: string, period: string): Promise<string[]> {
    const disputes = await this.store.disputes({ agreement });
    const own = new Set((await this.store.statements({ agreement, period })).map((one) => one.id));
    const decided = disputes
      .filter((one) => own.has(one.statement))
      .flatMap((one) => one.history.flatMap((step) => step.outcome.map((outcome) => outcome.line)));
    return [...new Set(decided)].toSorted();
  }

  async #compose(
    request: { agreement: string; period: string },
    corrected: Corrected | null,
  ): Promise<{ statement: Statement; facts: SettlementFacts; inputs: Bundle['inputs'] }> {
    const { readings, journal, store, clock } = this.#parts;
    const agreement = this.agreement(request.agreement);
    const asOfSeq = await readings.position();
    const { facts, head, circumstances } = await this.#knownNow(agreement, request.period);
    const issue = {
      period: request.period,
      number: (await store.statements(request)).length + 1,
      computedAtS: clock.nowS(),
      asOfSeq,
      journal: head,
      synthetic: this.#parts.synthetic,
    };
    const seen: SeriesColumns[] = [];
    const preview = await previewAgreement({
      agreement,
      period: request.period,
      config: facts,
      readings,
      nowS: issue.computedAtS,
      asOfSeq,
      circumstances,
      seen,
    });
    refuseUnfit(agreement, preview);
    const inputs = await freeze(seen, circumstances, { readings, journal, asOfSeq });
    const statement = await composeStatement({ agreement, facts, inputs, issue, corrected });
    return { statement, facts, inputs };
  }

  async #perform(
    composed: { statement: Statement; facts: SettlementFacts; inputs: Bundle['inputs'] },
    actor: string,
  ): Promise<Issued> {
    const document = statementText(composed.statement);
    const sha256 = sha256Of(document);
    const payload = {
      sha256,
      document,
      inputs: canonicalText(composed.inputs),
      facts: canonicalText(composed.facts),
    };
    const { id, computedAtS } = composed.statement;
    const act = { kind: 'issue-statement' as const, id: `issue ${id}`, actor, atS: computedAtS, payload };
    return { statement: composed.statement, sha256, seq: await this.#act(act) };
  }

  /** Takes a statement back that is not in force. Throws E_NOT_FOUND, E_CONFLICT. */
  withdraw(request: { statement: string; reason: string; actor: string }): Promise<number> {
    const { statement, reason, actor } = request;
    return this.#act({
      kind: 'withdraw-statement',
      id: `withdraw ${statement}`,
      actor,
      payload: { statement, reason },
    });
  }

  /** The file that the other side verifies. Throws E_NOT_FOUND. */
  async bundle(id: string): Promise<Bundle> {
    const found = await this.#statement(id);
    const corrected = found.corrects === null ? null : await this.#statement(found.corrects);
    return sealedBundle({
      statement: JSON.parse(found.document),
      facts: JSON.parse(found.facts),
      inputs: JSON.parse(found.inputs),
      corrected: corrected === null ? null : JSON.parse(corrected.document),
      signatures: await this.store.signatures(id),
      keys: await this.store.signingKeys(),
    });
  }

  async #statement(id: string): Promise<IssuedStatement> {
    const found = await this.store.statement(id);
    if (found === null) throw new MonitorError('E_NOT_FOUND', `there is no statement ${id}`);
    return found;
  }

  /** Publishes a party's public key. Throws E_BAD_REQUEST for one whose fingerprint is another, E_CONFLICT for a known one. */
  publishKey(key: SigningKey, actor: string): Promise<number> {
    const { keyId, algorithm, party, holder, publicKey, certificate } = key;
    if (keyIdOf(Buffer.from(publicKey, 'base64')) !== keyId)
      throw new MonitorError('E_BAD_REQUEST', `the public key is not that of fingerprint ${keyId}`);
    const payload = { keyId, algorithm, party, holder, publicKey, certificate };
    return this.#act({ kind: 'publish-signing-key', id: `publish ${keyId}`, actor, payload });
  }

  /** From then on nothing signed with it is taken; what was taken before stands. */
  revokeKey(request: { keyId: string; reason: string; actor: string }): Promise<number> {
    const { keyId, reason, actor } = request;
    return this.#act({
      kind: 'revoke-signing-key',
      id: `revoke ${keyId}`,
      actor,
      payload: { keyId, reason },
    });
  }

  /**
   * Takes in a party's signature; the last one asked for puts the statement in force and into the books. Throws E_NOT_FOUND,
   * E_BAD_REQUEST for one that does not hold, E_CONFLICT for a revoked key, another hash or a place already signed.
   */
  async acceptSignature(signature: StatementSignature, actor: string): Promise<number> {
    const statement = await this.#statement(signature.statement);
    if (statement.sha256 !== signature.sha256)
      throw conflict(
        `statement ${statement.id} has hash ${statement.sha256}, signed was ${signature.sha256}`,
      );
    const key = (await this.store.signingKeys()).find((one) => one.keyId === signature.keyId);
    if (key === undefined) throw conflict(`key ${signature.keyId} is not published`);
    const fault = signatureFault(signature, key);
    if (fault !== null) throw new MonitorError('E_BAD_REQUEST', `the signature does not hold: ${fault}`);
    const id = `sign ${signature.statement} ${signature.party} ${signature.purpose}`;
    return this.#act({ kind: 'sign-statement', id, actor, payload: { ...signature } });
  }

  /** Puts exactly the lines on hold that depend on the input, or the line itself. Throws E_NOT_FOUND, E_BAD_REQUEST, E_CONFLICT. */
  async object(objection: Objection, actor: string): Promise<{ seq: number; lines: string[] }> {
    const { line, evidence, about, readings, ...rest } = objection;
    const statement = await this.#statement(objection.statement);
    const head: StatementHead = JSON.parse(statement.document);
    const { protecting, benefiting } = head.parties;
    if (objection.party !== protecting.code && objection.party !== benefiting.code)
      throw new MonitorError('E_BAD_REQUEST', `${objection.party} is no party of ${head.agreement}`);
    const nowS = this.#parts.clock.nowS();
    const untilS = statement.issuedS + head.procedure.objectionDays * 86_400;
    if (nowS > untilS)
      throw conflict(`objections to ${head.id} ended ${head.procedure.objectionDays} days after its issue`);
    const lines = await linesContested(statement, objection);
    if (lines.length === 0) {
      const { section, parameter } = rest;
      const when = readings === undefined ? '' : `the readings in [${readings.fromS}, ${readings.toS}) of `;
      const what =
        line ?? `${when}${about === undefined ? '' : `the ${about} of `}${section} ${parameter ?? ''}`;
      throw new MonitorError('E_BAD_REQUEST', `no line of ${head.id} depends on ${what}`);
    }
    const payload = {
      ...rest,
      about: about ?? (line === null ? 'input' : 'line'),
      fromS: readings?.fromS ?? null,
      toS: readings?.toS ?? null,
      lines,
      evidence,
    };
    const id = `raise ${objection.dispute}`;
    const act = { kind: 'raise-dispute' as const, version: 3 as const, id, actor, payload };
    return { seq: await this.#act(act), lines };
  }

  /** The next step of a dispute. Throws E_NOT_FOUND, E_BAD_REQUEST, E_CONFLICT for a step that its state does not have. */
  async proceed(move: DisputeMove, actor: string): Promise<number> {
    const dispute = (await this.store.disputes({})).find((one) => one.id === move.dispute);
    if (dispute === undefined) throw new MonitorError('E_NOT_FOUND', `there is no dispute ${move.dispute}`);
    const id = `${move.step} ${move.dispute} ${dispute.history.length + 1}`;
    return this.#act({ kind: 'dispute-step', id, actor, payload: { ...move } });
  }

  /** Books money that moved. Throws E_CONFLICT for more than is due, or a reference booked before with another content. */
  pay(payment: Payment, actor: string): Promise<number> {
    this.agreement(payment.agreement);
    const id = `pay ${payment.agreement} ${payment.reference}`;
    return this.#act({ kind: 'record-payment', id, actor, payload: { ...payment } });
  }

  #act(act: Omit<Act, 'version' | 'atS'> & { atS?: number; version?: 1 | 3 }): Promise<number> {
    return this.#parts.acts.perform({ version: 1, atS: this.#parts.clock.nowS(), ...act });
  }
}
