import type { Issue, IssueCode } from '../../../domain/errors.ts';

/** Kinds of issue that are told apart at most; a flood of made-up numbers is one kind. */
const KINDS_LIMIT = 500;

interface Line {
  code: IssueCode;
  path: string;
  message: string;
  record: string;
  count: number;
}

/**
 * Counts faults that have no journal entry of their own, so that a flood becomes one issue with its number instead of a
 * million issues. `take` empties it.
 */
export class Tally {
  readonly #sourceId: string;
  #lines = new Map<string, Line>();

  constructor(sourceId: string) {
    this.#sourceId = sourceId;
  }

  note(code: IssueCode, path: string, message: string, record: string): void {
    const crowded = this.#lines.size >= KINDS_LIMIT;
    const key = crowded ? code : `${code}\n${path}\n${message}`;
    const line = this.#lines.get(key);
    if (line !== undefined) line.count += 1;
    else this.#lines.set(key, { code, path: crowded ? 'many' : path, message, record, count: 1 });
  }

  take(): Issue[] {
    const lines = [...this.#lines.values()];
    this.#lines = new Map();
    return lines.map(({ code, path, message, record, count }) => ({
      code,
      path,
      message: count === 1 ? message : `${message} (${count} times)`,
      source: { id: this.#sourceId, record },
    }));
  }
}
