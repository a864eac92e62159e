export interface IdentityTables {
  user_account: {
    id: string;
    name: string;
    role: string;
    jurisdiction: string | null;
    issuer: string | null;
    subject: string | null;
    password_hash: string | null;
    sealed_totp: string | null;
    totp_confirmed: boolean;
    created_s: number;
    disabled_s: number | null;
  };
  session: {
    token_hash: string;
    user_id: string;
    csrf: string;
    second_factor: boolean;
    created_s: number;
    last_seen_s: number;
    expires_s: number;
  };
  sign_in_failure: { user_id: string; address: string; at_s: number };
  sign_in_attempt: { state: string; nonce: string; verifier: string; at_s: number };
  totp_step: { user_id: string; step: number };
  public_id: { kind: string; natural_key: string; id: number; at_s: number };
  publication: {
    id: string;
    publication: string;
    state: string;
    asked_by: string;
    asked_s: number;
    decided_by: string | null;
    decided_s: number | null;
    reason: string | null;
  };
}

/** People and what they published. Sessions, failures, attempts and used codes do not follow from acts. */
export const identityStatements = [
  `create table user_account (
     id text primary key, name text not null, role text not null, jurisdiction text, issuer text, subject text,
     password_hash text, sealed_totp text, totp_confirmed boolean not null default false, created_s int8 not null,
     disabled_s int8, unique (issuer, subject))`,
  `create table session (
     token_hash text primary key, user_id text not null, csrf text not null, second_factor boolean not null,
     created_s int8 not null, last_seen_s int8 not null, expires_s int8 not null)`,
  `create index session_by_user on session (user_id)`,
  `create table sign_in_failure (user_id text not null, address text not null, at_s int8 not null)`,
  `create index sign_in_failure_by_time on sign_in_failure (at_s)`,
  `create table sign_in_attempt (state text primary key, nonce text not null, verifier text not null, at_s int8 not null)`,
  `create table totp_step (user_id text primary key, step int8 not null)`,
  `create table publication (
     id text primary key, publication text not null,
     state text not null check (state in ('asked', 'in-force', 'refused', 'withdrawn')),
     asked_by text not null, asked_s int8 not null, decided_by text, decided_s int8, reason text)`,
  `create table read_log (
     id int8 generated always as identity primary key, at_s int8 not null, actor text not null, reader_jurisdiction text,
     door text not null, owner text not null, provider text not null, stations text not null, parameters text not null,
     from_s int8, to_s int8)`,
  `create index read_log_by_owner on read_log (owner, id desc)`,
  `create trigger read_log_is_append_only before update or delete or truncate on read_log
     for each statement execute function refuse_change()`,
];

/** Numbers that stand for natural keys in standards that want numbers. */
export const publicIdStatements = [
  `create table public_id (
     kind text not null, natural_key text not null, id int8 not null check (id > 0), at_s int8 not null,
     primary key (kind, natural_key), unique (kind, id))`,
  `create trigger public_id_is_append_only before update or delete or truncate on public_id
     for each statement execute function refuse_change()`,
];
