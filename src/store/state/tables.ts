import type { Generated, Kysely, Transaction } from 'kysely';
import type { AcknowledgeTokenTables } from './acknowledge-tokens.ts';
import type { CircumstanceTables } from './circumstances.ts';
import type { DeviceTables } from './device-acts.ts';
import type { AlertTables } from './alerts-schema.ts';
import type { IdentityTables } from './identity-schema.ts';
import type { GapTables } from './gap-schema.ts';
import type { LatestVerdictTables } from './latest-verdicts.ts';
import type { NotificationTables } from './notifications.ts';
import type { QualityTables } from './quality-schema.ts';
import type { FollowUpTables } from './settlement-follow-up.ts';
import type { SubscriptionTables } from './subscriptions.ts';
import type { SettlementTables } from './settlement-schema.ts';

/** Instants are whole epoch seconds in int8; both drivers give them as numbers. */
export interface StateTables
  extends
    SettlementTables,
    FollowUpTables,
    NotificationTables,
    AcknowledgeTokenTables,
    IdentityTables,
    CircumstanceTables,
    LatestVerdictTables,
    GapTables,
    QualityTables,
    DeviceTables,
    AlertTables,
    SubscriptionTables {
  run: RunTable;
  issue: IssueTable;
  unknown_station: UnknownStationTable;
  cursor: { name: string; value: string };
  api_key: KeyTable;
  key_use: { key_id: string; last_used_s: number };
  act: ActTable;
  act_position: { id: 1; applied_through: number };
  journal_anchor: { id: 1; seq: number; hash: string; at_s: number };
  cron_slot: { name: string; slot: string; claimed_s: number };
  lease: LeaseRow;
  projection_log: { store: string; seq: number; outcome: string };
  review: ReviewTable;
  registration: RegistrationTable;
  upload: UploadTable;
  upload_decision: UploadDecisionTable;
  read_log: ReadLogTable;
}

interface ReadLogTable {
  id: Generated<number>;
  at_s: number;
  actor: string;
  reader_jurisdiction: string | null;
  door: string;
  owner: string;
  provider: string;
  stations: string;
  parameters: string;
  from_s: number | null;
  to_s: number | null;
}

interface LeaseRow {
  name: string;
  holder: string;
  token: number;
  expires_at: Date;
  safe_seq: number;
  repair_seq: number | null;
  clean: boolean;
}

interface ReviewTable {
  id: string;
  station: string;
  provider: string;
  from_s: number;
  to_s: number;
  actor: string;
  at_s: number;
  review: string;
}

interface RegistrationTable {
  id: string;
  provider: string;
  natural_key: string;
  station: string;
  from_day: string;
  to_day: string | null;
  actor: string;
  at_s: number;
  /** JSON; null for a registration of version 1. */
  grounds: string | null;
}

interface UploadTable {
  id: string;
  entry: number;
  source: string;
  sha256: string;
  name: string;
  month: string | null;
  bytes: number;
  actor: string;
  at_s: number;
}

interface UploadDecisionTable {
  id: string;
  upload: string;
  decision: 'accepted' | 'refused';
  /** JSON: `"all"` or a list of rows. */
  accepted_rows: string;
  reason: string | null;
  actor: string;
  at_s: number;
}

interface RunTable {
  run_id: string;
  source: string;
  started_s: number;
  finished_s: number | null;
  trigger: string;
  status: string;
  entries: number;
  cells: string;
  issues: string;
  message: string | null;
}

interface IssueTable {
  id: Generated<number>;
  seq: number | null;
  at_s: number;
  code: string;
  path: string;
  message: string;
  source_id: string;
  record: string;
}

interface UnknownStationTable {
  provider: string;
  natural_key: string;
  id: string;
  name: string;
  lon: number | null;
  lat: number | null;
  first_seen_s: number;
  /** Journal entry that named it first; null for one that was noted before entries were kept. */
  first_seq: number | null;
}

interface KeyTable {
  id: string;
  token_sha256: string;
  name: string | null;
  holder: string;
  role: string;
  jurisdiction: string | null;
  scopes: string;
  created_s: number;
  expires_s: number | null;
  revoked_s: number | null;
}

interface ActTable {
  seq: number;
  id: string;
  kind: string;
  version: number;
  actor: string;
  at_s: number;
  payload: string;
}

export type StateDatabase = Kysely<StateTables>;
export type StateTransaction = Transaction<StateTables>;
