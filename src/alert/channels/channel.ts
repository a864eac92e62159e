import type { ChannelType } from '../../domain/config/channels.ts';
import type { StoredNotification } from '../../domain/deliveries.ts';

/** What a channel sends: the same at every attempt. */
export interface Message {
  notification: StoredNotification;
  title: string;
  /** Lines of plain text. */
  body: string;
  /** Null where this system has no address that people can reach, or no position or page is known. */
  mapUrl: string | null;
  /** Null where the channel's region does not allow it or the kind needs no answer. */
  acknowledgeUrl: string | null;
}

/**
 * What became of one attempt. `later`: worth another one, not before `afterS`. `never`: this message will not be taken, however
 * often it is sent. `error` never holds a secret.
 */
export type Outcome =
  | { result: 'delivered' }
  | { result: 'later'; error: string; afterS?: number }
  | { result: 'never'; error: string };

export const delivered: Outcome = { result: 'delivered' };
export const later = (error: string, afterS?: number): Outcome =>
  afterS === undefined ? { result: 'later', error } : { result: 'later', error, afterS };
export const never = (error: string): Outcome => ({ result: 'never', error });

/** One way to reach people or systems. `deliver` never throws for what the other side does; `signal` ends it. */
export interface Channel {
  readonly id: string;
  readonly type: ChannelType;
  deliver(message: Message, signal: AbortSignal): Promise<Outcome>;
  close(): Promise<void>;
}

/** What channels are opened with. */
export interface ChannelSurroundings {
  /** A secret by the name of its variable; undefined where it is not set. */
  secret(variable: string): string | undefined;
  /** Text of a file of certificates. Throws where it cannot be read. */
  certificates(file: string): string;
  /** The river of a section, for topics; null where it has none. */
  riverOf(station: string): string | null;
}

/** Collects what a channel's environment lacks, so that a start names all of it at once. */
export class Secrets {
  readonly missing: string[] = [];
  readonly #surroundings: ChannelSurroundings;

  constructor(surroundings: ChannelSurroundings) {
    this.#surroundings = surroundings;
  }

  /** Empty text, noted as missing, where the variable is not set. */
  of(variable: string): string {
    const value = this.#surroundings.secret(variable);
    if (value === undefined || value === '') this.missing.push(variable);
    return value ?? '';
  }

  ofOptional(variable: string | undefined): string | null {
    return variable === undefined ? null : this.of(variable);
  }

  /** Certificates to trust; undefined: the usual authorities. */
  authorities(file: string | undefined): string | undefined {
    return file === undefined ? undefined : this.#surroundings.certificates(file);
  }
}
