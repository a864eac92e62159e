import type { Page } from './paging.ts';
import type { Role } from './roles.ts';
import type { EpochS } from './time.ts';

export type IdentityActKind =
  'create-user' | 'set-password' | 'disable-user' | 'enrol-totp' | 'confirm-totp' | 'reset-totp';

/** A person of a bureau. `issuer` and `subject` are what an OpenID provider calls them; null: signs in with a password only. */
export interface User {
  id: string;
  name: string;
  role: Role;
  jurisdiction: string | null;
  issuer: string | null;
  subject: string | null;
  createdS: EpochS;
  disabledS: EpochS | null;
}

/** What is needed to let somebody in; never leaves the server. */
export interface UserSecrets {
  /** PHC string of Argon2id; null: no password was set. */
  passwordHash: string | null;
  /** TOTP secret, sealed with the server's key; null: none enrolled. */
  sealedTotp: string | null;
  /** Whether a code was shown to work; a secret that was not does not count. */
  totpConfirmed: boolean;
  /** Last time step whose code was used: no code works twice. */
  totpStep: number;
}

export interface Session {
  /** SHA-256 of the cookie's token, hex. */
  tokenHash: string;
  userId: string;
  csrf: string;
  /** A second factor was shown when it was opened. */
  secondFactor: boolean;
  createdS: EpochS;
  lastSeenS: EpochS;
  expiresS: EpochS;
}

/** A sign-in that went out to an OpenID provider and has not come back. */
export interface SignInAttempt {
  state: string;
  nonce: string;
  verifier: string;
  atS: EpochS;
}

/** Users follow from acts; sessions, failures and attempts do not and end with the state. */
export interface IdentityStore {
  users(): Promise<(User & { hasPassword: boolean; hasTotp: boolean })[]>;
  user(id: string): Promise<(User & UserSecrets) | null>;
  userOf(issuer: string, subject: string): Promise<User | null>;
  openSession(session: Session): Promise<void>;
  /** The session with its user; null for one that is unknown, over, or whose user is disabled. */
  sessionOf(tokenHash: string, nowS: EpochS): Promise<{ session: Session; user: User } | null>;
  touchSession(tokenHash: string, times: { lastSeenS: EpochS; expiresS: EpochS }): Promise<void>;
  closeSession(tokenHash: string): Promise<void>;
  closeSessionsOf(userId: string): Promise<void>;
  noteFailure(failure: { user: string; address: string; atS: EpochS }): Promise<void>;
  /** Failed sign-ins as this user, and from this address, since then. */
  failures(query: {
    user: string;
    address: string;
    sinceS: EpochS;
  }): Promise<{ user: number; address: number }>;
  /** False where this or a later step was used already: one caller wins over all replicas. */
  useTotpStep(userId: string, step: number): Promise<boolean>;
  keepAttempt(attempt: SignInAttempt): Promise<void>;
  /** Gives an attempt back once; null for one that is unknown, used or older than `sinceS`. */
  takeAttempt(state: string, sinceS: EpochS): Promise<SignInAttempt | null>;
}

/** One look at readings that are not public, for their owner to see. */
export interface ReadEntry {
  atS: EpochS;
  actor: string;
  /** Jurisdiction of the reader; null: the joint office, an administrator. */
  readerJurisdiction: string | null;
  /** Which door: `api`, `sensorthings`, `ogc`, `feed`, `export`. */
  door: string;
  /** Owner's jurisdiction of the stations read. */
  owner: string;
  provider: string;
  stations: string;
  parameters: string;
  fromS: EpochS | null;
  toS: EpochS | null;
}

export interface ReadLog {
  note(entries: readonly ReadEntry[]): Promise<void>;
  /** Newest first; `owners` null: of every owner. */
  list(
    query: { owners: readonly string[] | null } & Page<{ id: number }>,
  ): Promise<(ReadEntry & { id: number })[]>;
}
