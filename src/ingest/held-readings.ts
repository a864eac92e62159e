import { BatchBuilder, type ReadingBatch } from '../domain/batch.ts';
import { finalStage, isValid, qualifiers, stageOf, validity } from '../domain/flags.ts';
import type { Act, JournalEntry, ReadingStore } from '../domain/ports.ts';
import { holdOfCheck, type Hold, type QualityCheck, type StoredHold } from '../domain/quality.ts';
import { averagings, type AveragingId } from '../domain/time.ts';

const endOfTime = 9e9;

/** Flags of a reading under review: suspect unless it is worse already, and held until someone reviews it. */
function held(flags: number, rule: string): number {
  const own = flags & ~qualifiers.screened;
  const doubtful = isValid(own) ? own | validity.suspect : own;
  return doubtful | qualifiers.held | (rule === 'maintenance' ? qualifiers.maintenance : 0);
}

/** The hold that an act asks for; null: a check that passed. */
export function holdOfAct(act: Act): Hold | null {
  // The state checked the payload before the act was journaled.
  if (act.kind === 'hold-readings') return act.payload as unknown as Hold;
  return holdOfCheck(act.payload as unknown as QualityCheck);
}

/**
 * The stored readings that an act puts under review, as of the entry before it; final ones stay as they are. null: none.
 * Shown at the moment of the act, like a review.
 */
export async function heldReadings(
  entry: JournalEntry,
  store: ReadingStore,
  parameters: readonly string[],
): Promise<ReadingBatch | null> {
  const act = JSON.parse(Buffer.from(entry.body).toString('utf8')) as Act;
  const hold = holdOfAct(act);
  if (hold === null) return null;
  const batch = new BatchBuilder(hold.provider);
  for (const averaging of Object.keys(averagings) as AveragingId[]) {
    const found = await store.series({
      stations: [hold.station],
      parameters: hold.parameters.length > 0 ? hold.parameters : parameters,
      averaging,
      provider: hold.provider,
      fromS: hold.fromS,
      toS: hold.toS ?? endOfTime,
      asOfSeq: entry.seq - 1,
    });
    for (const columns of found) {
      const series = batch.seriesOf(columns.key.station, columns.key.parameter, averaging);
      for (const [row, timeS] of columns.timeS.entries()) {
        const flags = columns.flags[row] ?? 0;
        const value = columns.value[row] ?? Number.NaN;
        if (Number.isNaN(value) || stageOf(flags) === finalStage || (flags & qualifiers.held) !== 0) continue;
        batch.add({ series, timeS, value, flags: held(flags, hold.rule), publishedS: act.atS });
      }
    }
  }
  return batch.length === 0 ? null : batch.build();
}

/** Marks what an entry brings for a time that an act before it holds. The same batch where nothing is held. */
export function markHeld(batch: ReadingBatch, holds: readonly StoredHold[], seq: number): ReadingBatch {
  const concerned = holds.filter((hold) => hold.seq < seq && hold.provider === batch.provider);
  if (concerned.length === 0) return batch;
  const bySeries = batch.series.map(({ station, parameter }) =>
    concerned.filter(
      (hold) =>
        hold.station === station && (hold.parameters.length === 0 || hold.parameters.includes(parameter)),
    ),
  );
  if (bySeries.every((list) => list.length === 0)) return batch;
  const flags = Uint16Array.from(batch.flags);
  for (let row = 0; row < batch.length; row++) {
    const bits = flags[row]!;
    if (Number.isNaN(batch.value[row]!) || stageOf(bits) === finalStage) continue;
    const timeS = batch.timeS[row]!;
    for (const hold of bySeries[batch.seriesIndex[row]!]!) {
      const ended = hold.released !== null && hold.released.seq < seq ? hold.released.toS : hold.toS;
      if (timeS >= hold.fromS && (ended === null || timeS < ended)) flags[row] = held(flags[row]!, hold.rule);
    }
  }
  return { ...batch, flags };
}
