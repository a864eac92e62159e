import type { JournalEntry } from '../../domain/ports.ts';

/** A large reply; while a store is away, no more than this waits for it in memory. */
const mostBytes = 2 * 1024 * 1024;
const mostEntries = 1024;

/** The newest entries as they were written: who follows the journal reads neither the disk nor a hash again for them. */
export class RecentEntries {
  readonly #entries: JournalEntry[] = [];
  #bytes = 0;

  /** The entry follows the one added before. */
  add(entry: JournalEntry): void {
    this.#entries.push(entry);
    this.#bytes += entry.body.length;
    while (this.#bytes > mostBytes || this.#entries.length > mostEntries)
      this.#bytes -= this.#entries.shift()?.body.length ?? 0;
  }

  /** Undefined for an entry that is not kept, or not written yet. */
  get(seq: number): JournalEntry | undefined {
    const [first] = this.#entries;
    return first === undefined ? undefined : this.#entries[seq - first.seq];
  }
}
