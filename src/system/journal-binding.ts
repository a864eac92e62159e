import { MonitorError } from '../domain/errors.ts';
import type { Journal, ReadingStore } from '../domain/ports.ts';

const shown = (hash: string): string => hash.slice(0, 12);

/**
 * Binds readings to the journal they come from, and refuses those of another one: they would be taken for this journal's, and
 * entries up to their position would never be applied. Call it before the first entry is applied.
 * Throws E_MIXED_DATA naming both.
 */
export async function bindReadings(journal: Journal, store: ReadingStore, place: string): Promise<void> {
  const position = await store.position();
  const first = await hashOf(journal, 1);
  const bound = await store.binding();
  const refuse = (what: string): never => {
    throw new MonitorError(
      'E_MIXED_DATA',
      `the readings in ${place} (applied up to entry ${position}) ${what}. Name another place for readings, or move these ` +
        `away: they are built again from the journal (docs/operations.md)`,
      { details: { place, position, readingsOf: bound?.first ?? null, journal: first } },
    );
  };
  if (first === null) {
    if (position > 0 || bound !== null)
      refuse(
        `come from ${bound === null ? 'another journal' : `journal ${shown(bound.first)}`}, this journal is empty`,
      );
    return;
  }
  if (bound !== null && bound.first !== first)
    refuse(`come from journal ${shown(bound.first)}, this is journal ${shown(first)}`);
  if (bound !== null && (await hashOf(journal, bound.seq)) !== bound.hash)
    refuse(
      `come from a journal ${shown(bound.first)} whose entry ${bound.seq} is ${shown(bound.hash)}; here that entry is missing or another`,
    );
  const seq = Math.max(position, 1);
  const hash = await hashOf(journal, seq);
  if (hash === null) return refuse(`are ahead of the journal, which ends at entry ${journal.head().seq}`);
  if (bound?.seq !== seq) await store.bind({ first, seq, hash });
}

/** Null where the journal has no such entry. A journal that others append to is asked itself, not what is known of its head. */
async function hashOf(journal: Journal, seq: number): Promise<string | null> {
  if (journal.readKinds === undefined && seq > journal.head().seq) return null;
  try {
    return (await journal.get(seq)).hash;
  } catch (cause) {
    if (cause instanceof MonitorError && cause.code === 'E_NOT_FOUND') return null;
    throw cause;
  }
}
