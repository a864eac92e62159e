import type { Journal, JournalEntry } from '../../domain/ports.ts';

/** An append that is not on disk yet. */
export interface Waiting {
  entry: Parameters<Journal['append']>[0];
  /** A copy of another journal's entry: its time stays as it is. */
  copied?: boolean;
  resolve(entry: JournalEntry): void;
  reject(error: unknown): void;
}

/** Bytes of bodies that one commit takes, unless a single body is larger. */
export const mostBytesPerCommit = 16 * 1024 * 1024;

/** Takes the appends off the head of `waiting` that share the next commit: at most `mostEntries`, at least one where any waits. */
export function takeBatch(waiting: Waiting[], mostEntries: number): Waiting[] {
  let bytes = 0;
  let count = 0;
  for (const { entry } of waiting) {
    if (count > 0 && (count === mostEntries || bytes + entry.body.length > mostBytesPerCommit)) break;
    bytes += entry.body.length;
    count += 1;
  }
  return waiting.splice(0, count);
}
