import type { Ageing, ReadingArchive } from './archive.ts';
import type { ReadingBatch, SeriesKey } from './batch.ts';
import type { ChangePage } from './changes.ts';
import type { CircumstanceStore } from './circumstance.ts';
import type { Config } from './config/config.ts';
import type { ActLog } from './acts.ts';
import type { DeviceActStore } from './device-acts.ts';
import type { Issue } from './errors.ts';
import type { BackfillLog, GapLog } from './gaps.ts';
import type { IdentityStore, ReadLog } from './identity.ts';
import type { PublicationStore } from './sharing.ts';
import type { SubscriptionStore } from './subscriptions.ts';
import type { Page } from './paging.ts';
import type { PublicIdStore } from './public-ids.ts';
import type { Role } from './roles.ts';
import type { AlertStore } from './alerts.ts';
import type { JournalBinding } from './journal-binding.ts';
import type { LatestRow, PointVersion, SeriesColumns, SeriesEntries, SeriesQuery } from './series.ts';
import type { SumColumns, SumsQuery } from './sums.ts';
import type { TalliesQuery, TallyColumns } from './tallies.ts';
import type { LatestVerdictStore } from './latest-verdicts.ts';
import type { EntryMeta } from './journal.ts';
import type { LeaseTable, ProjectionLog } from './leases.ts';
import type { QualityStore } from './quality.ts';
import type { ReadingActStore } from './reading-acts.ts';
import type { AveragingId, EpochS } from './time.ts';
import type { HandIn, UploadStore } from './uploads.ts';

export type { EntryKind, EntryMeta, Journal, JournalEntry, JournalHead } from './journal.ts';
export type { Act, ActLog } from './acts.ts';
export type { ChangePage, EntryChange, SeriesChange } from './changes.ts';
export type { CivilUnit, ReadingFilter, StationGroup, SumColumns, SumsQuery } from './sums.ts';
export type { TalliesQuery, TallyColumns } from './tallies.ts';
export type { LatestRow, PointVersion, SeriesColumns, SeriesEntries, SeriesQuery } from './series.ts';
export type { JournalBinding } from './journal-binding.ts';
export type { Lease, LeaseTable, ProjectionLog } from './leases.ts';

/* ---------- sources ---------- */

export interface RawPayload {
  body: Uint8Array;
  meta: EntryMeta;
}

/** One kind of cell count a parser reports; with the store's counts they add up to the cells read. */
export interface CellCounts {
  read: number;
  /** The parameter is not fitted at that station (`*`). */
  absent: number;
  /** The source says "no value now" (`--`). */
  missing: number;
  rejected: number;
}

export interface UnknownStation {
  id: string;
  provider: string;
  /** Exactly what the source calls it. */
  naturalKey: string;
  name: string;
  lon?: number;
  lat?: number;
}

/** What a batch row was in the source: a measured cell, a measured cell that says "no value now", or the source's own verdict. */
export const rowKinds = { measured: 0, missing: 1, published: 2 } as const;

export interface ParseResult {
  batch: ReadingBatch;
  /** One of `rowKinds` for each batch row; cells absent or rejected have no row. */
  rowKind: Uint8Array;
  issues: Issue[];
  cells: CellCounts;
  unknownStations: UnknownStation[];
}

export interface ParseContext {
  receivedS: EpochS;
  meta: EntryMeta;
  config: Config;
  /** Source configuration the entry belongs to. */
  sourceId: string;
  /** Position of the entry; absent where nothing was journaled (a trial). */
  seq?: number;
}

export interface FetchContext {
  signal: AbortSignal;
  /** Polite HTTP: user agent, rate limit, retry with backoff and jitter, time and size limits. Body and status come back for any HTTP answer. */
  request(request: {
    url: string;
    method?: 'GET' | 'POST';
    form?: Record<string, string>;
    /** Sent, never journaled: a key belongs here. */
    headers?: Record<string, string>;
  }): Promise<RawPayload>;
  sourceId: string;
  config: Config;
  nowS: EpochS;
  /** What this source remembers between runs. A payload that was yielded is journaled when the generator goes on: move a cursor then. */
  cursors: Pick<CursorStore, 'get' | 'set'>;
  /** A variable of the environment (an access key), null where it is unset. Never a part of a payload or an error. */
  secret(name: string): string | null;
}

/** A source is a folder under `src/ingest/sources`; this is what its `index.ts` exports. */
export interface SourceAdapter {
  id: string;
  /** One sweep of the upstream. A payload per reply, good or bad: judging it is `parse`'s work. */
  fetch(context: FetchContext): AsyncIterable<RawPayload>;
  /** How history is asked for: from `archiveUrl` (when absent), or from `url` itself, which then answers for any window. */
  history?: 'archive' | 'upstream';
  /** Days that one step of a long back-fill asks for; 30 when absent. */
  historyStepDays?: number;
  /** History of `[fromS, toS)`, oldest first; absent where the upstream has none. */
  backfill?(context: FetchContext, window: { fromS: EpochS; toS: EpochS }): AsyncIterable<RawPayload>;
  /** Cuts a recorded file into payloads in the order the source showed them; bytes verbatim, gunzipped. */
  split(file: { name: string; bytes: Uint8Array }): Iterable<RawPayload>;
  /** Pure as `parse` is, for formats whose reader has to be awaited: the bytes that `parse` reads. */
  prepare?(body: Uint8Array): Promise<Uint8Array>;
  /** Present where people hand in files. */
  handIn?: HandIn;
  /** Pure: same bytes, context and configuration give the same result. */
  parse(body: Uint8Array, context: ParseContext): ParseResult;
  /**
   * What an entry holds of a device that nobody had let in then, as `parse` takes it; several of them may be joined. Absent
   * where nothing is kept unread.
   */
  heldBack?(body: Uint8Array, device: string): Uint8Array;
}

/* ---------- readings ---------- */

export type EntriesQuery = Pick<SeriesQuery, 'parameters' | 'averaging' | 'provider' | 'fromS' | 'toS'> & {
  station: string;
  asOfSeq: number;
  /** Only readings that stand as an entry after this one gave them. */
  afterSeq?: number;
};

export interface ApplyCounts {
  accepted: number;
  unchanged: number;
  revised: number;
  /** Older than what is stored (by published time): kept in the past, current value untouched. Part of `unchanged` in reports. */
  superseded: number;
}

export const rowOutcomes = { accepted: 0, unchanged: 1, revised: 2, superseded: 3 } as const;

/** The counts, and what became of each row of the batch in its order (one of `rowOutcomes`). */
export interface ApplyResult extends ApplyCounts {
  outcome: Uint8Array;
}

/**
 * Readings, behind their projector only. A row is known by (series, key time); `apply` is idempotent by `seq`.
 * A point whose value or flags differ from the stored ones moves the stored row to the past before it is overwritten.
 * A reading with a published time older than the stored row's goes to the past at once; the current value stays.
 */
export interface ReadingStore {
  readonly kind: 'duckdb' | 'influx';
  /** The database of a server or the name of the file that holds it: another one after a rebuild. */
  readonly place?: string;
  /** Last journal entry applied; 0 for none. */
  position(): Promise<number>;
  /**
   * Applies one entry's batch (null where it held none) and moves the position to `seq`, atomically where the engine can.
   * An entry at or before the position changes nothing: zero counts, empty `outcome`.
   * Throws E_STORE_REJECTED (rows in `details.rejected`, position unmoved) for rows no store may hold,
   * E_STORE_UNAVAILABLE (retryable) when the engine does not answer; applying the same entry again completes it.
   */
  apply(entry: { seq: number; receivedS: EpochS }, batch: ReadingBatch | null): Promise<ApplyResult>;
  /**
   * Shows an entry at or before the position again and makes good only points that lack it; position and counts stay.
   * For entries up to the position, in order. Present on stores that several processes can reach.
   */
  repair?(entry: { seq: number; receivedS: EpochS }, batch: ReadingBatch | null): Promise<ApplyResult>;
  /** Another process may have written: what this one remembers of the store is read anew. Present where `repair` is. */
  forget?(): Promise<void>;
  /**
   * The rows that each entry of a range (both ends included) wrote and that the store holds, current or past, as batches that would write them again.
   */
  written?(fromSeq: number, throughSeq: number): Promise<Map<number, ReadingBatch>>;
  /** Sorted by time. Series in the order of `stations`, then `parameters`; one without a row in the window is left out. */
  series(query: SeriesQuery): Promise<SeriesColumns[]>;
  /** Which entry each reading of a window came from: the rows of `series`, of one station, as they stood at a position. */
  entries(query: EntriesQuery): Promise<SeriesEntries[]>;
  /** Newest row of each series of a provider and averaging with key time >= `sinceS`. */
  latest(query: {
    averaging: AveragingId;
    provider: string;
    sinceS: EpochS;
    stations?: readonly string[];
    /** Only what was known up to this journal position. */
    asOfSeq?: number;
  }): Promise<LatestRow[]>;
  past(point: SeriesKey & { timeS: EpochS }): Promise<PointVersion[]>;
  /**
   * Sums by civil period and group, computed in the engine; never a mean or a percentile. Groups in the order of the query,
   * then parameters. Throws E_BAD_REQUEST for a sliding averaging, decimals beyond 8, or more cells than one answer may have.
   */
  sums(query: SumsQuery): Promise<SumColumns[]>;
  /**
   * Readings counted and summed by civil day and flags, in the engine and in one pass. Series in the order of `stations`, then
   * `parameters`; one without a reading in the window is left out. Throws E_BAD_REQUEST for a sliding averaging, decimals
   * beyond 8, or a window without an end.
   */
  tallies(query: TalliesQuery): Promise<TallyColumns[]>;
  /**
   * What the applied entries after `cursor` (null: from the first) changed, in journal order, at most `limit` series changes.
   * From the projection log, so that a rebuild from the same journal tells the same. Throws E_BAD_REQUEST for another cursor.
   */
  changesSince(cursor: string | null, limit: number): Promise<ChangePage>;
  counts(): Promise<{ readings: number; past: number; series: number }>;
  /** Where old readings go by policy; reads of this store see them, too. */
  readonly archive?: ReadingArchive;
  /** What an archive needs of an engine. */
  readonly ageing?: Ageing;
  /** Null for a store that has not been told yet. */
  binding(): Promise<JournalBinding | null>;
  bind(binding: JournalBinding): Promise<void>;
  close(): Promise<void>;
}

/* ---------- state ---------- */

export interface RunReport {
  runId: string;
  source: string;
  startedS: EpochS;
  finishedS: EpochS | null;
  trigger: 'schedule' | 'catch-up' | 'backfill' | 'file' | 'manual';
  status: 'running' | 'ok' | 'with-issues' | 'failed';
  entries: number;
  cells: CellCounts & ApplyCounts;
  issues: Partial<Record<string, number>>;
  message: string | null;
}

export interface StoredIssue extends Issue {
  id: number;
  /** Journal entry it came from; null for a fault before anything was journaled (source unreachable). */
  seq: number | null;
  atS: EpochS;
}

export interface RunLog {
  start(run: Pick<RunReport, 'runId' | 'source' | 'startedS' | 'trigger'>): Promise<void>;
  finish(report: RunReport): Promise<void>;
  /** Newest first. */
  recent(query: { source?: string } & Page<Pick<RunReport, 'startedS' | 'runId'>>): Promise<RunReport[]>;
}

export interface IssueLog {
  /** Replaces all issues of this entry, so that applying it again adds none. */
  record(seq: number | null, atS: EpochS, issues: readonly Issue[]): Promise<void>;
  /** Newest first. */
  list(
    query: { source?: string; code?: string; seq?: number; record?: string } & Page<Pick<StoredIssue, 'id'>>,
  ): Promise<StoredIssue[]>;
  /** Notes stations that no registry knows; true for each whose first entry this one is, also when it is applied again. */
  noteUnknownStations(stations: readonly UnknownStation[], seq: number, atS: EpochS): Promise<boolean[]>;
  unknownStations(): Promise<(UnknownStation & { firstSeenS: EpochS })[]>;
}

export interface CursorStore {
  get(name: string): Promise<string | null>;
  set(name: string, value: string): Promise<void>;
  /** Sets a whole number unless a greater one is there: a process that slept does not turn it back. */
  raise(name: string, value: number): Promise<void>;
}

export interface Actor {
  id: string;
  role: Role;
  jurisdiction: string | null;
  /** What the key is limited to besides its role; absent or empty: nothing more. */
  scopes?: readonly string[];
}

/** A key as an administrator sees it: never the token, never its hash. */
export interface KeyInfo {
  keyId: string;
  name: string | null;
  /** Whom it acts as. */
  holder: string;
  role: Role;
  jurisdiction: string | null;
  scopes: readonly string[];
  createdS: EpochS;
  expiresS: EpochS | null;
  revokedS: EpochS | null;
  /** To the minute. */
  lastUsedS: EpochS | null;
}

export interface KeyStore {
  /** The actor of a token, null for an unknown, expired or revoked one. */
  actorOf(token: string, nowS: EpochS): Promise<Actor | null>;
  count(): Promise<number>;
  list(): Promise<KeyInfo[]>;
}

export interface StateStore {
  readonly kind: 'pglite' | 'postgres';
  runs: RunLog;
  issues: IssueLog;
  cursors: CursorStore;
  gaps: GapLog;
  backfills: BackfillLog;
  leases: LeaseTable;
  projections: ProjectionLog;
  readingActs: ReadingActStore;
  circumstances: CircumstanceStore;
  latestVerdicts: LatestVerdictStore;
  uploads: UploadStore;
  quality: QualityStore;
  deviceActs: DeviceActStore;
  keys: KeyStore;
  identity: IdentityStore;
  publications: PublicationStore;
  subscriptions: SubscriptionStore;
  readLog: ReadLog;
  publicIds: PublicIdStore;
  alerts: AlertStore;
  acts: ActLog;
  close(): Promise<void>;
}

/* ---------- clock ---------- */

/** The only source of "now" outside `domain` and `analysis`, so that tests and replays can hold it. */
export interface Clock {
  nowS(): EpochS;
}
