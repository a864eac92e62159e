import type { Agreement, AirStation, Section } from '../domain/config/region.ts';
import type { Config } from '../domain/config/config.ts';
import type {
  CircumstanceApplication,
  CircumstanceDecision,
  CircumstanceWithdrawal,
} from '../domain/circumstance.ts';
import type { ActLog, Clock, Journal, ReadingStore, RunReport, StateStore } from '../domain/ports.ts';
import type { Role } from '../domain/roles.ts';
import type { Registration, Review } from '../domain/reading-acts.ts';
import type { LoadService } from '../domain/loads.ts';
import type { DeviceApproval, DeviceRequest } from '../domain/device-acts.ts';
import type { SettlementFollowUp } from '../domain/settlement-follow-up.ts';
import type { SettlementService } from '../domain/settlement-service.ts';
import type { SilenceWatch } from '../domain/silence.ts';
import type { AcknowledgeByLink, AcknowledgeTokens, DeliveryStore } from '../domain/deliveries.ts';
import type { AveragingId, EpochS } from '../domain/time.ts';
import type {
  AcceptedRows,
  DecidedUpload,
  SheetPreview,
  TemplateFormat,
  TemplateLanguage,
  UploadStore,
} from '../domain/uploads.ts';
import type { QualityDesk } from './quality/quality-desk.ts';
import type { AirVerdict, WaterVerdict } from './verdicts/verdict-shapes.ts';

/** One moment of one station: what a provider reported for the intervals that end together. */
export interface JudgedRow {
  endS: EpochS;
  /** What was measured, without the source's own verdicts; null: no value, or one marked suspect or invalid. */
  readings: readonly { parameter: string; averaging: AveragingId; value: number | null }[];
  /** Lowest review stage of these readings; 0: at least one is raw. */
  stage: number;
}

/** The class and index engines, as the API asks for them. Pure; the edition is the one in force on the row's date. */
export interface Judges {
  water(section: Section, row: JudgedRow, config: Config): WaterVerdict;
  air(station: AirStation, row: JudgedRow, config: Config): AirVerdict;
}

/** How far the journal is, and how far its readings are projected into the store. */
export interface Progress {
  journalSeq: number;
  appliedSeq: number;
}

/** Where a command that runs inside this process writes; `signal` aborts when the caller hangs up. */
export interface CommandIo {
  stdout(text: string): void;
  stderr(text: string): void;
  /** Resolves when the caller has taken enough for more to follow; rejects when it hung up. */
  drained(): Promise<void>;
  signal: AbortSignal;
}

/** The command line, run inside the serving process for a `jiehe` beside it. Resolves with the exit code. */
export interface CommandBridge {
  /** The token of `serve.json`. */
  token: string;
  run(argv: readonly string[], io: CommandIo): Promise<number>;
}

/** A trial calculation of one agreement and period (`YYYY-MM`, a quarter or a year, as the scheme asks). Null: not built in. */
export type SettlementPreview = (request: {
  agreement: Agreement;
  period: string;
  config: Config;
}) => Promise<Record<string, unknown>>;

/** Acts on access keys, journaled. The token is shown once and kept nowhere. Both throw E_CONFLICT and E_NOT_FOUND. */
export interface KeyActs {
  create(key: {
    /** Who makes it. */
    actor: string;
    /** Whom it acts as. */
    holder: string;
    role: Role;
    jurisdiction: string | null;
    scopes: readonly string[];
    expiresS: EpochS | null;
    name: string | null;
    atS: EpochS;
  }): Promise<{ token: string; keyId: string; seq: number }>;
  /** Resolves with the journal position. */
  revoke(revocation: { keyId: string; actor: string; atS: EpochS }): Promise<number>;
}

/** Acts on readings, journaled. Resolve with the journal position. Throw E_BAD_REQUEST and E_CONFLICT. */
export interface ReadingActs {
  review(act: { actor: string; atS: EpochS; id: string; review: Review }): Promise<number>;
  register(act: { actor: string; atS: EpochS; id: string; registration: Registration }): Promise<number>;
}

/** Acts on special circumstances, journaled. Resolve with the journal position. Throw E_BAD_REQUEST, E_NOT_FOUND, E_CONFLICT. */
export interface CircumstanceActs {
  apply(act: { actor: string; atS: EpochS; id: string; payload: CircumstanceApplication }): Promise<number>;
  decide(act: { actor: string; atS: EpochS; id: string; payload: CircumstanceDecision }): Promise<number>;
  withdraw(act: { actor: string; atS: EpochS; id: string; payload: CircumstanceWithdrawal }): Promise<number>;
}

/** Keeps a secret that must be read again. `open` throws E_NOT_READY for what another key sealed. */
export interface Sealing {
  seal(text: string): string;
  open(sealed: string): string;
}

export interface OpenIdSettings {
  issuer: string;
  clientId: string;
  /** Null: a public client. */
  clientSecret: string | null;
}

/** Files that people hand in. Throw E_NOT_FOUND, E_BAD_REQUEST, E_CONFLICT, E_MIXED_DATA. */
export interface UploadService {
  readonly store: Pick<UploadStore, 'uploads'>;
  /** Ids of the sources that take files. */
  sources(): string[];
  receive(
    sourceId: string,
    file: { name: string; bytes: Uint8Array; month: string | null },
    actor: string,
  ): Promise<{ upload: DecidedUpload; preview: SheetPreview }>;
  show(upload: string): Promise<{ upload: DecidedUpload; preview: SheetPreview }>;
  accept(of: {
    upload: string;
    sha256: string;
    rows: AcceptedRows;
    reason: string | null;
    actor: string;
  }): Promise<RunReport>;
  refuse(of: { upload: string; sha256: string; reason: string; actor: string }): Promise<number>;
  template(
    sourceId: string,
    form: { format: TemplateFormat; language: TemplateLanguage },
  ): Promise<Uint8Array>;
}

/** Acts on devices, journaled. Resolve with the journal position. Throw E_BAD_REQUEST, E_NOT_FOUND and E_CONFLICT. */
export interface DeviceActs {
  approve(approval: DeviceApproval, by: { actor: string; atS: EpochS; id: string }): Promise<number>;
  withdraw(
    withdrawal: { source: string; device: string; reason: string },
    by: { actor: string; atS: EpochS; id: string },
  ): Promise<number>;
  request(request: DeviceRequest, by: { actor: string; atS: EpochS; id: string }): Promise<number>;
}

export interface RateLimit {
  /** Requests of one actor or address in a window. */
  requests: number;
  windowSeconds: number;
}

/** Messages of alerts as people and systems read them here, and the links that acknowledge. */
export interface AlertLinks {
  messages: Pick<DeliveryStore, 'get' | 'list' | 'published' | 'newest'>;
  tokens: Pick<AcknowledgeTokens, 'find' | 'use' | 'release'>;
  /** Told when this process has delivered something; answers how to end it. */
  onDelivered(listener: () => void): () => void;
  acknowledge: AcknowledgeByLink;
}

/** All that the API needs, as ports; nothing is reached in any other way. */
export interface ApiDeps {
  config(): Config;
  readings: Pick<
    ReadingStore,
    | 'kind'
    | 'place'
    | 'latest'
    | 'series'
    | 'past'
    | 'position'
    | 'sums'
    | 'tallies'
    | 'changesSince'
    | 'written'
  >;
  state: Pick<
    StateStore,
    | 'kind'
    | 'runs'
    | 'issues'
    | 'keys'
    | 'readingActs'
    | 'quality'
    | 'identity'
    | 'publications'
    | 'subscriptions'
    | 'readLog'
    | 'circumstances'
    | 'latestVerdicts'
    | 'deviceActs'
    | 'publicIds'
    | 'alerts'
  > &
    Partial<Pick<StateStore, 'gaps'>>;
  journal: Pick<Journal, 'get' | 'head'>;
  clock: Clock;
  progress(): Progress;
  /** True for a data folder stamped synthetic: every answer then says so. */
  synthetic: boolean;
  /** Absent: the engines of `analysis`, through `judges.ts`. */
  judges?: Judges;
  preview: SettlementPreview | null;
  /** Absent or null where no alerts are sent. */
  alertLinks?: AlertLinks | null;
  /** Metrics of other parts, in the format of `/metrics`. */
  moreMetrics?(): Promise<string>;
  /** Loads and attributions; absent or null where this process computes none. */
  loads?: LoadService | null;
  /** Statements and what follows from them; absent or null where this process keeps none. */
  settlements?: SettlementService | null;
  /** Arrears, accounts, the fund and printed statements; absent or null where this process keeps none. */
  followUp?: SettlementFollowUp | null;
  /** When the schedule fires a source next, epoch seconds; null where it is disabled or not scheduled in this process. */
  nextDueS(sourceId: string): EpochS | null;
  /** Hash of the configuration in force where this process has another one: its answers then say that they are stale. */
  staleAgainst?(): string | null;
  /** Whether this process is the one that projects into the readings. */
  projecting?(): boolean;
  /** Health, readiness, metrics and the command bridge only: a worker. */
  operationsOnly?: boolean;
  /** Private networks that webhooks may go to all the same; absent: none. */
  webhookPrivateNetworks?: readonly string[];
  /** Folder of the open data; absent or null serves none. */
  openDataDir?: string | null;
  /** Folder of the built dashboard; null serves none. */
  webDist: string | null;
  command: CommandBridge | null;
  keyActs: KeyActs;
  /** Acts on people and publications; they need nothing besides the queue. */
  acts: Pick<ActLog, 'perform' | 'revision'>;
  /** Keeps second factors readable for this server only. */
  sealing: Sealing;
  /** Address under which people reach this system; null: the one of the request. */
  publicUrl: string | null;
  /** Sign-in through an OpenID provider; null: there is none. */
  openId: OpenIdSettings | null;
  readingActs: ReadingActs;
  circumstanceActs: CircumstanceActs;
  /** The configuration as it stood at a journal position; absent: the one in force. */
  configAt?(seq: number): Promise<Config>;
  /** Absent or null where this process takes no files. */
  uploads?: UploadService | null;
  /** Absent where this process keeps no quality records. */
  quality?: QualityDesk;
  silence?: SilenceWatch;
  deviceActs: DeviceActs;
  version: string;
  rateLimit?: RateLimit;
  /** Receives what a request failed with when the fault is ours (status 500 and above). */
  onFault?(fault: { requestId: string; method: string; path: string; error: unknown }): void;
}
