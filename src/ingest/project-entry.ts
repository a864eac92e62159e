import { StoreScreening } from './quality/screening.ts';
import { heldReadings, markHeld } from './held-readings.ts';
import { registeredReadings } from './registered-readings.ts';
import { quarantinedReadings } from './quarantined-readings.ts';
import { reviewedReadings } from './reviewed-readings.ts';
import type { ReadingBatch } from '../domain/batch.ts';
import type { Config } from '../domain/config/config.ts';
import type { StoredHold } from '../domain/quality.ts';
import { MonitorError, type Issue } from '../domain/errors.ts';
import { acceptedMeta, type AcceptedRows } from '../domain/uploads.ts';
import {
  rowKinds,
  rowOutcomes,
  type ApplyCounts,
  type ApplyResult,
  type CellCounts,
  type IssueLog,
  type JournalEntry,
  type ParseResult,
  type ReadingStore,
  type SourceAdapter,
} from '../domain/ports.ts';

/** What became of one journal entry. `cells` adds up: accepted + unchanged + revised + absent + missing + rejected = read. */
export interface EntryOutcome {
  seq: number;
  cells: CellCounts & ApplyCounts;
  /** Rows of the source's own verdicts, counted apart from the cells. */
  published: ApplyCounts;
  issues: readonly Issue[];
}

/** What parsing an entry needs besides its bytes. */
export interface EntryFacts {
  issues: IssueLog;
  adapters: ReadonlyMap<string, SourceAdapter>;
  /** As it was before a journal entry; the one in force now without it. */
  config: (seq?: number) => Config;
  /** Acts that change readings or what they are called; absent where none can be. */
  acts?: {
    kept(seq: number): Promise<boolean>;
    /** A station was registered, a device let in or withdrawn, or readings are held or released: `config` and `holds` know it from the next entry on. */
    changed(): Promise<void>;
    /** Readings under review, by the acts so far; those after an entry do not concern it. */
    holds(): readonly StoredHold[];
    /** An entry that an act is about. */
    entry?(seq: number): Promise<JournalEntry>;
  };
}

/** What screening remembers of each store; gone with the store. */
const screenings = new WeakMap<ReadingStore, StoreScreening>();

export function screeningOf(store: ReadingStore): StoreScreening {
  const known = screenings.get(store) ?? new StoreScreening(store);
  screenings.set(store, known);
  return known;
}

const noCounts = (): ApplyCounts => ({ accepted: 0, unchanged: 0, revised: 0, superseded: 0 });

/** Parses and applies one entry; pure but for the store and the issue log. Used by the projector and by rebuild. */
export async function projectEntry(
  entry: JournalEntry,
  deps: EntryFacts,
  store: ReadingStore,
): Promise<EntryOutcome> {
  const accepted = await acceptedUpload(entry, deps);
  const letsIn = entry.kind === 'act' && entry.meta.act === 'approve-device';
  if (entry.kind === 'act' && accepted === null && !letsIn) return projectAct(entry, deps, store);
  const raw = accepted ?? (entry.kind === 'raw' ? entry : null);
  const held = letsIn ? await quarantinedReadings(entry, deps) : null;
  const parsed = raw === null ? held : await parseEntry(raw, deps);
  let issues: readonly Issue[] = [];
  if (parsed !== null) {
    // Noted before the store moves on, so that a crash in between repeats the note instead of losing it.
    issues = await withoutKnownOnes(entry, parsed, deps.issues);
    await deps.issues.record(entry.seq, entry.receivedS, issues);
  }
  const { result, refused } = await applyRows(entry, parsed?.batch ?? null, deps, store);
  if (refused !== null && parsed !== null) {
    issues = [...issues, refused];
    await deps.issues.record(entry.seq, entry.receivedS, issues);
    const { read, absent, missing } = parsed.cells;
    const rejected = read - absent - missing;
    return {
      seq: entry.seq,
      cells: { read, absent, missing, rejected, ...noCounts() },
      published: noCounts(),
      issues,
    };
  }
  const cells = { ...(parsed?.cells ?? { read: 0, absent: 0, missing: 0, rejected: 0 }), ...noCounts() };
  const published = noCounts();
  if (parsed !== null) countOutcomes(parsed, result.outcome, cells, published);
  return { seq: entry.seq, cells, published, issues };
}

/**
 * The file whose rows an act accepts, with the act's moment and selection, so that it is parsed as if it had just arrived.
 * Null for any other entry, and for an act that was taken back.
 */
async function acceptedUpload(entry: JournalEntry, deps: EntryFacts): Promise<JournalEntry | null> {
  if (entry.kind !== 'act' || entry.meta.act !== 'accept-upload') return null;
  if (deps.acts?.entry === undefined || !(await deps.acts.kept(entry.seq))) return null;
  // The state checked the payload before the act was journaled.
  const act = JSON.parse(Buffer.from(entry.body).toString('utf8')) as {
    payload: { entry: number; rows: AcceptedRows };
  };
  const file = await deps.acts.entry(act.payload.entry);
  return {
    ...file,
    seq: entry.seq,
    receivedS: entry.receivedS,
    meta: acceptedMeta(file.meta, act.payload.rows),
  };
}

const readingActs = new Set<unknown>([
  'review-readings',
  'register-station',
  'record-check',
  'hold-readings',
  'withdraw-device',
]);

/** An act that the state took back changes nothing here either. */
async function projectAct(entry: JournalEntry, deps: EntryFacts, store: ReadingStore): Promise<EntryOutcome> {
  const { act } = entry.meta;
  const kept = readingActs.has(act) && ((await deps.acts?.kept(entry.seq)) ?? true);
  const at = { seq: entry.seq, receivedS: entry.receivedS };
  let issues: readonly Issue[] = [];
  if (kept && act === 'register-station') {
    const found = await registeredReadings(entry, store, deps.config(entry.seq));
    issues = found.issues;
    await deps.issues.record(entry.seq, entry.receivedS, issues);
    await applyScreened(at, found.batch, store, deps);
  } else {
    const parameters = deps.config(entry.seq).parameters.map(({ id }) => id);
    let batch: ReadingBatch | null = null;
    if (kept && act === 'review-readings') batch = await reviewedReadings(entry, store);
    else if (kept && act !== 'withdraw-device') batch = await heldReadings(entry, store, parameters);
    const result = await store.apply(at, batch);
    const screening = screeningOf(store);
    if (batch !== null) screening.forget();
    screening.applied(entry.seq, batch, result);
  }
  if (kept && act !== 'review-readings') await deps.acts?.changed();
  const cells = { read: 0, absent: 0, missing: 0, rejected: 0, ...noCounts() };
  return { seq: entry.seq, cells, published: noCounts(), issues };
}

/**
 * Applies what an entry says, screened and held. Readings that no store can hold (a fault of the adapter) must not stop the line:
 * the entry is passed over with an issue, its bytes stay in the journal, and a rebuild after the repair applies them.
 */
export async function applyRows(
  entry: JournalEntry,
  rows: ReadingBatch | null,
  deps: EntryFacts,
  store: ReadingStore,
): Promise<{ result: ApplyResult; refused: Issue | null }> {
  const at = { seq: entry.seq, receivedS: entry.receivedS };
  const batch = rows === null || rows.length === 0 ? null : rows;
  try {
    return { result: await applyScreened(at, batch, store, deps), refused: null };
  } catch (cause) {
    if (batch === null || !(cause instanceof MonitorError) || cause.code !== 'E_STORE_REJECTED') throw cause;
    const source = {
      id: entry.meta.source ?? '',
      record: JSON.stringify(cause.details.rejected).slice(0, 500),
    };
    const refused: Issue = {
      code: 'STORE_ROW_REJECTED',
      path: `journal entry ${entry.seq}`,
      message: cause.message,
      source,
    };
    return { result: await store.apply(at, null), refused };
  }
}

/** Applies a batch with the marks of screening. Rows beyond the batch's own in `outcome` are readings that were marked anew. */
async function applyScreened(
  at: { seq: number; receivedS: number },
  batch: ReadingBatch | null,
  store: ReadingStore,
  deps: EntryFacts,
): Promise<ApplyResult> {
  const screening = screeningOf(store);
  let [shown, result]: [ReadingBatch | null, ApplyResult | null] = [null, null];
  try {
    if (batch !== null) {
      shown = await screening.screen(at.seq, batch, deps.config(at.seq));
      shown = markHeld(shown, deps.acts?.holds() ?? [], at.seq);
    }
    return (result = await store.apply(at, shown));
  } finally {
    screening.applied(at.seq, shown, result);
  }
}

/** A station that no registry knows is one issue in all, of the entry that named it first. */
async function withoutKnownOnes(
  entry: JournalEntry,
  parsed: ParseResult,
  log: IssueLog,
): Promise<readonly Issue[]> {
  const { unknownStations, issues } = parsed;
  if (unknownStations.length === 0) return issues;
  const first = await log.noteUnknownStations(unknownStations, entry.seq, entry.receivedS);
  const known = new Set(unknownStations.filter((_, at) => !first[at]).map((station) => station.naturalKey));
  return issues.filter((issue) => issue.code !== 'STATION_UNREGISTERED' || !known.has(issue.source.record));
}

function countOutcomes(
  parsed: ParseResult,
  outcome: Uint8Array,
  cells: ApplyCounts,
  published: ApplyCounts,
): void {
  for (let row = 0; row < Math.min(outcome.length, parsed.rowKind.length); row++) {
    const kind = parsed.rowKind[row];
    if (kind === rowKinds.missing) continue;
    const counts = kind === rowKinds.published ? published : cells;
    if (outcome[row] === rowOutcomes.accepted) counts.accepted += 1;
    else if (outcome[row] === rowOutcomes.revised) counts.revised += 1;
    else if (outcome[row] === rowOutcomes.superseded) counts.superseded += 1;
    else counts.unchanged += 1;
  }
}

/** What an entry says today; never throws for what it holds. */
export async function parseEntry(
  entry: JournalEntry,
  deps: Pick<EntryFacts, 'config' | 'adapters'>,
): Promise<ParseResult> {
  const config = deps.config(entry.seq);
  const sourceId = entry.meta.source ?? '';
  const source = config.sources.find((candidate) => candidate.id === sourceId);
  const adapter = source === undefined ? undefined : deps.adapters.get(source.adapter);
  if (adapter === undefined) return unreadable(entry, `no source "${sourceId}" is configured`);
  try {
    const body = (await adapter.prepare?.(entry.body)) ?? entry.body;
    const { receivedS, meta, seq } = entry;
    return adapter.parse(body, { receivedS, meta, config, sourceId, seq });
  } catch (cause) {
    // A parser must not throw on data; if it does, the entry is kept, named and passed over, and the line goes on.
    return unreadable(entry, cause instanceof Error ? cause.message : String(cause));
  }
}

function unreadable(entry: JournalEntry, message: string): ParseResult {
  const source = { id: entry.meta.source ?? '', record: entry.meta.part ?? entry.meta.origin ?? '' };
  return {
    batch: {
      provider: '',
      series: [],
      length: 0,
      seriesIndex: new Uint32Array(),
      timeS: new Float64Array(),
      value: new Float64Array(),
      flags: new Uint16Array(),
      publishedS: new Float64Array(),
      side: {
        row: new Uint32Array(),
        originalText: [],
        originalUnit: [],
        detectionLimit: new Float64Array(),
      },
    },
    rowKind: new Uint8Array(),
    issues: [{ code: 'REPLY_NOT_READABLE', path: `journal entry ${entry.seq}`, message, source }],
    cells: { read: 0, absent: 0, missing: 0, rejected: 0 },
    unknownStations: [],
  };
}
