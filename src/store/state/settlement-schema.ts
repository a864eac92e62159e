import type { GeneratedAlways } from 'kysely';

/** Tables of settlements. Nothing in them is ever changed: what happens to a statement is a further row. */
export const settlementStatements = [
  `create table signing_key (
     key_id text primary key check (key_id ~ '^[0-9a-f]{64}$'), algorithm text not null, party text not null,
     holder text not null, public_key text not null, certificate text, published_s int8 not null)`,
  `create table signing_key_revocation (
     key_id text primary key references signing_key, revoked_s int8 not null, reason text not null)`,
  `create table statement (
     id text primary key, agreement text not null, period text not null, number int8 not null check (number >= 1),
     corrects text references statement, sha256 text not null unique, document text not null, inputs text not null,
     facts text not null, issued_s int8 not null, unique (agreement, period, number),
     check (sha256 = encode(sha256(convert_to(document, 'UTF8')), 'hex')))`,
  `create table statement_withdrawal (
     statement text primary key references statement, withdrawn_s int8 not null, reason text not null)`,
  `create table statement_signature (
     statement text not null references statement, party text not null, purpose text not null,
     key_id text not null references signing_key, document text not null, accepted_s int8 not null,
     primary key (statement, party, purpose))`,
  `create table statement_effect (statement text primary key references statement, effective_s int8 not null)`,
  `create table dispute (
     id text primary key, statement text not null references statement, agreement text not null, party text not null,
     about text not null, section text not null, parameter text, lines text not null, grounds text not null,
     evidence text not null, raised_s int8 not null)`,
  `create index dispute_by_agreement on dispute (agreement, raised_s)`,
  `create table dispute_step (
     dispute text not null references dispute, position int8 not null, step text not null, state text not null,
     actor text not null, at_s int8 not null, note text not null, document_number text, evidence text not null,
     outcome text not null, primary key (dispute, position))`,
  `create table ledger_transaction (
     id text primary key, position int8 not null unique, agreement text not null,
     kind text not null check (kind in ('statement', 'hold', 'release', 'decision', 'payment')),
     statement text references statement, dispute text references dispute, at_s int8 not null, reference text)`,
  `create unique index ledger_posts_a_statement_once on ledger_transaction (statement) where kind = 'statement'`,
  `create index ledger_by_agreement on ledger_transaction (agreement, position)`,
  `create table ledger_posting (
     transaction text not null references ledger_transaction, position int8 not null, party text not null,
     counterparty text not null check (counterparty <> party), account text not null check (account in ('due', 'held', 'paid')),
     line text, amount_fen int8 not null check (amount_fen <> 0), primary key (transaction, position))`,
  `create function ledger_must_balance() returns trigger language plpgsql as $$
   begin
     if exists (select 1 from ledger_posting where transaction = new.transaction group by account having sum(amount_fen) <> 0) then
       raise exception 'ledger entry % does not sum to zero', new.transaction using errcode = 'check_violation';
     end if;
     return null;
   end $$`,
  `create constraint trigger ledger_balances after insert on ledger_posting
     deferrable initially deferred for each row execute function ledger_must_balance()`,
  ...[
    'signing_key',
    'signing_key_revocation',
    'statement',
    'statement_withdrawal',
    'statement_signature',
    'statement_effect',
    'dispute',
    'dispute_step',
    'ledger_transaction',
    'ledger_posting',
  ].map(
    (table) => `create trigger ${table}_is_append_only before update or delete or truncate on ${table}
     for each statement execute function refuse_change()`,
  ),
];

/** What is asked of every statement at each look at the terms, beside its document, which is thousands of times as long. */
export const statementTermStatements = [
  `alter table statement
     add column parties text generated always as ((document::json -> 'parties')::text) stored,
     add column procedure text generated always as ((document::json -> 'procedure')::text) stored`,
];

/** What A owes B is minus what B owes A in every entry, not only in the sum over all parties. */
export const pairBalanceStatements = [
  `create or replace function ledger_must_balance() returns trigger language plpgsql as $$
   begin
     if exists (
       select 1 from ledger_posting where transaction = new.transaction
       group by account, line, least(party, counterparty), greatest(party, counterparty) having sum(amount_fen) <> 0
     ) then
       raise exception 'ledger entry % does not sum to zero between two parties', new.transaction using errcode = 'check_violation';
     end if;
     return null;
   end $$`,
];

/** Objections to single readings. */
export const contestedReadingStatements = [
  `alter table dispute add column from_s int8, add column to_s int8`,
];

export interface SettlementTables {
  signing_key: {
    key_id: string;
    algorithm: string;
    party: string;
    holder: string;
    public_key: string;
    certificate: string | null;
    published_s: number;
  };
  signing_key_revocation: { key_id: string; revoked_s: number; reason: string };
  statement: {
    id: string;
    agreement: string;
    period: string;
    number: number;
    corrects: string | null;
    sha256: string;
    document: string;
    inputs: string;
    facts: string;
    issued_s: number;
    /** Parts of the document, as JSON. */
    parties: GeneratedAlways<string>;
    procedure: GeneratedAlways<string>;
  };
  statement_withdrawal: { statement: string; withdrawn_s: number; reason: string };
  statement_signature: {
    statement: string;
    party: string;
    purpose: string;
    key_id: string;
    document: string;
    accepted_s: number;
  };
  statement_effect: { statement: string; effective_s: number };
  dispute: {
    id: string;
    statement: string;
    agreement: string;
    party: string;
    about: string;
    section: string;
    parameter: string | null;
    from_s: number | null;
    to_s: number | null;
    lines: string;
    grounds: string;
    evidence: string;
    raised_s: number;
  };
  dispute_step: {
    dispute: string;
    position: number;
    step: string;
    state: string;
    actor: string;
    at_s: number;
    note: string;
    document_number: string | null;
    evidence: string;
    outcome: string;
  };
  ledger_transaction: {
    id: string;
    /** In the order of the acts, without gaps. */
    position: number;
    agreement: string;
    kind: string;
    statement: string | null;
    dispute: string | null;
    at_s: number;
    reference: string | null;
  };
  /** `amount_fen` goes in and out as text: money is never a binary number. */
  ledger_posting: {
    transaction: string;
    position: number;
    party: string;
    counterparty: string;
    account: string;
    line: string | null;
    amount_fen: string;
  };
}
