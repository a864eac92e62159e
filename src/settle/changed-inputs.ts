import type { CircumstanceStore } from '../domain/circumstance.ts';
import { type ErrorCode, MonitorError } from '../domain/errors.ts';
import type { SeriesChange } from '../domain/changes.ts';
import type { Clock, CursorStore, EntriesQuery, ReadingStore } from '../domain/ports.ts';
import {
  type IssuedStatement,
  type LineDifference,
  partyKey,
  type StatementHead,
} from '../domain/settlement.ts';
import type { SettlementStore } from '../domain/settlement-store.ts';
import { type InputChange, type Notice, officeDesk } from '../domain/settlement-notices.ts';
import { canonicalText } from './document.ts';
import { noticeId } from './deadlines.ts';
import { pairBalances, paymentOf } from './difference.ts';
import { type SettlementFacts, factsOf } from './facts.ts';
import { inputsOf, lookAgain, type Now, touchedSections } from './look-again.ts';

const cursorName = 'settlement-inputs';
const changesPerPage = 5_000;
/** A statement is told of once a day at most, so that a long correction is one message and not one for each of its readings. */
const quietS = 86_400;

const noResult: ReadonlySet<ErrorCode> = new Set(['E_CONFLICT', 'E_CONFIG', 'E_BAD_REQUEST']);

/** Between each two governments; a pair that comes out even is left out. */
const effectOf = (difference: readonly LineDifference[]): InputChange['effect'] =>
  pairBalances(difference)
    .filter(({ fen }) => fen !== 0n)
    .map(paymentOf)
    .map(({ from, to, amountFen }) => ({ from: partyKey(from), to: partyKey(to), amountFen }));

/** What became of the inputs of a statement, and what a correction would add; where there is no result to settle on, why. */
export async function changeSince(
  issued: IssuedStatement,
  decidedLines: readonly string[],
  now: Now,
): Promise<InputChange> {
  const touched = await touchedSections(issued, now);
  try {
    const { changed, difference } = await lookAgain(issued, decidedLines, now, touched);
    return { sections: [...touched], inputs: changed, effect: effectOf(difference), refused: null };
  } catch (error) {
    if (!(error instanceof MonitorError) || !noResult.has(error.code)) throw error;
    return { sections: [...touched], inputs: [], effect: null, refused: error.message };
  }
}

const unchanged: InputChange = { sections: [], inputs: [], effect: [], refused: null };

export interface WatchParts {
  store: Pick<SettlementStore, 'inForce' | 'statement' | 'notices'>;
  readings: Pick<ReadingStore, 'changesSince' | 'position' | 'series' | 'entries'>;
  circumstances: Pick<CircumstanceStore, 'list'>;
  cursors: Pick<CursorStore, 'get' | 'set'>;
  changeOf(statement: IssuedStatement): Promise<InputChange>;
  config: () => SettlementFacts;
  clock: Clock;
}

interface Progress {
  changes: string | null;
  /** Journal position up to which acts are taken account of. */
  seq: number;
  configHash: string | null;
  /** Statements in force by then; one that came into force since may have changed while it waited for signatures. */
  known: string[];
  /** Statements to look at once they were quiet for long enough. */
  waiting: string[];
}

const nothingKnown: Progress = { changes: null, seq: 0, configHash: null, known: [], waiting: [] };

type InForce = Awaited<ReturnType<SettlementStore['inForce']>>[number];

/** What a statement rests on by the rules of now; nothing where they have no such period: other rules are noticed by their hash. */
function seriesBehind(statement: InForce, parts: WatchParts): Omit<EntriesQuery, 'asOfSeq'>[] {
  const { config, readings, clock } = parts;
  const agreement = config().agreements.find(({ id }) => id === statement.agreement);
  if (agreement === undefined) return [];
  try {
    return inputsOf(agreement, statement.period, {
      facts: factsOf(config(), agreement),
      readings,
      nowS: clock.nowS(),
    });
  } catch (error) {
    if (error instanceof MonitorError && noResult.has(error.code)) return [];
    throw error;
  }
}

/** Statements by the stations of their series. */
class Watched {
  readonly #behind = new Map<string, { statement: string; series: Omit<EntriesQuery, 'asOfSeq'> }[]>();
  readonly touched = new Set<string>();

  constructor(statements: readonly InForce[], parts: WatchParts) {
    for (const statement of statements)
      for (const series of seriesBehind(statement, parts)) {
        const { station } = series;
        const known = this.#behind.get(station) ?? [];
        if (known.length === 0) this.#behind.set(station, known);
        known.push({ statement: statement.id, series });
      }
  }

  note({ key, firstS, lastS, accepted, revised }: SeriesChange): void {
    if (accepted + revised === 0) return;
    for (const { statement, series } of this.#behind.get(key.station) ?? [])
      if (
        series.averaging === key.averaging &&
        series.provider === key.provider &&
        series.parameters.includes(key.parameter) &&
        (series.fromS ?? -Infinity) <= lastS &&
        firstS < (series.toS ?? Infinity)
      )
        this.touched.add(statement);
  }

  /** Of a circumstance at a section in `[fromS, toS)`. */
  noteInterval({ section, fromS, toS }: { section: string; fromS: number; toS: number }): void {
    for (const { statement, series } of this.#behind.get(section) ?? [])
      if ((series.fromS ?? -Infinity) < toS && fromS < (series.toS ?? Infinity)) this.touched.add(statement);
  }
}

/** Notes what the store applied since; a store that was made again counts anew, and what it holds is looked at again. */
async function noteReadings(cursor: string, watched: Watched, parts: WatchParts): Promise<string> {
  let at = cursor;
  for (;;) {
    const page = await parts.readings.changesSince(at, changesPerPage).catch((error: unknown) => {
      if (!(error instanceof MonitorError) || error.code !== 'E_BAD_REQUEST') throw error;
      return parts.readings.changesSince(null, changesPerPage);
    });
    for (const { series } of page.entries) for (const change of series) watched.note(change);
    at = page.cursor;
    if (!page.more) return at;
  }
}

/** The interval as it stood and as it stands now: a decision may have named another one. */
async function noteCircumstances(afterSeq: number, throughSeq: number, watched: Watched, parts: WatchParts) {
  const now = await parts.circumstances.list({ asOfSeq: throughSeq });
  const moved = now.filter(({ steps }) => steps.some(({ seq }) => seq > afterSeq));
  if (moved.length === 0) return;
  const ids = new Set(moved.map(({ id }) => id));
  const old = await parts.circumstances.list({ asOfSeq: afterSeq });
  for (const one of [...moved, ...old.filter(({ id }) => ids.has(id))]) watched.noteInterval(one);
}

/** Empty: nothing to tell. `wait`: it was told of less than a day ago. */
async function noticesOfChange(id: string, parts: WatchParts): Promise<Notice[] | 'wait'> {
  const statement = await parts.store.statement(id);
  if (statement === null) return [];
  const nowS = parts.clock.nowS();
  const told = await parts.store.notices({ agreement: statement.agreement, subject: id });
  const ofChanges = told.filter(({ kind }) => kind === 'input-changed');
  const last = ofChanges.at(-1);
  if (last !== undefined && nowS - last.atS < quietS) return 'wait';
  const change = await parts.changeOf(statement);
  if (canonicalText(change) === canonicalText(last?.change ?? unchanged)) return [];
  const { agreement, parties }: StatementHead = JSON.parse(statement.document);
  const kind = 'input-changed' as const;
  const about = `${id} ${ofChanges.length + 1}`;
  return [partyKey(parties.protecting), partyKey(parties.benefiting), officeDesk].map((party) => ({
    id: noticeId({ kind, agreement, party, about }),
    kind,
    agreement,
    party,
    subject: id,
    from: null,
    to: null,
    amountFen: null,
    endsS: nowS,
    change,
  }));
}

/** Notices of changed inputs that nobody was told of, and what to call once they are told. */
export interface ChangesFound {
  notices: Notice[];
  /** Statements that could not be looked at. */
  failed: { statement: string; agreement: string; error: unknown }[];
  /** `untold`: statements of which nobody could be told; they are looked at again. */
  told(untold: readonly string[]): Promise<void>;
}

/**
 * Statements in force of which an input is another than when they were told of last, or issued. Looks only at those of which the feed of
 * changes, an act on circumstances or another configuration touched something since the last look, and at those that came into force.
 */
export async function findChanges(parts: WatchParts): Promise<ChangesFound> {
  const { store, readings, cursors, config } = parts;
  const stored = await cursors.get(cursorName);
  const before: Progress = stored === null ? nothingKnown : JSON.parse(stored);
  const { hash } = config();
  const statements = configured(await store.inForce(), parts);
  const watched = new Watched(statements, parts);
  const all = before.configHash !== hash;
  // Where all are looked at, no change has to name them: a first look does not read the whole history of the store.
  const changes =
    before.changes === null || all
      ? String(await readings.position())
      : await noteReadings(before.changes, watched, parts);
  // After the changes: whatever was told is known at this position.
  const seq = await readings.position();
  await noteCircumstances(before.seq, seq, watched, parts);
  const known = statements.map(({ id }) => id);
  const asked = statements.filter(
    ({ id }) => all || watched.touched.has(id) || before.waiting.includes(id) || !before.known.includes(id),
  );
  const notices: Notice[] = [];
  const waiting: string[] = [];
  const failed: ChangesFound['failed'] = [];
  for (const { id, agreement } of asked) {
    try {
      const found = await noticesOfChange(id, parts);
      if (found === 'wait') waiting.push(id);
      else notices.push(...found);
    } catch (error) {
      failed.push({ statement: id, agreement, error });
    }
  }
  return {
    notices,
    failed,
    told(untold) {
      const done: Progress = {
        changes,
        seq,
        configHash: hash,
        known,
        waiting: [...new Set([...waiting, ...untold])],
      };
      return cursors.set(cursorName, JSON.stringify(done));
    },
  };
}

function configured(statements: readonly InForce[], { config }: WatchParts): InForce[] {
  const agreements = new Set(config().agreements.map(({ id }) => id));
  return statements.filter(({ agreement }) => agreements.has(agreement));
}
