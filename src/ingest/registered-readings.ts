import { BatchBuilder, type ReadingBatch } from '../domain/batch.ts';
import type { Config } from '../domain/config/config.ts';
import type { Issue } from '../domain/errors.ts';
import { qualifiers } from '../domain/flags.ts';
import type { Act, JournalEntry, ReadingStore, SeriesColumns } from '../domain/ports.ts';
import type { Registration } from '../domain/reading-acts.ts';
import { averagings, instantOfCivil, type AveragingId } from '../domain/time.ts';
import { unregisteredId } from './sources/collector.ts';

const daySeconds = 86_400;
const endOfTime = 9e9;

/**
 * What was kept under the name while no registry knew it, as readings of the station from the registered days on; the rows under
 * the name stay as evidence. Where the station has a reading of its own at that time, that one stands, and an issue counts them.
 */
export async function registeredReadings(
  entry: JournalEntry,
  store: ReadingStore,
  config: Config,
): Promise<{ batch: ReadingBatch | null; issues: Issue[] }> {
  const act = JSON.parse(Buffer.from(entry.body).toString('utf8')) as Act;
  // The state checked the payload before the act was journaled.
  const { provider, naturalKey, station, from, to } = act.payload as unknown as Registration;
  const { timeZone } = config.region;
  const window = {
    parameters: config.parameters.map(({ id }) => id),
    provider,
    fromS: instantOfCivil(`${from}T00:00`, timeZone),
    toS: to === null ? endOfTime : instantOfCivil(`${to}T00:00`, timeZone) + daySeconds,
    asOfSeq: entry.seq - 1,
  };
  const stranger = unregisteredId(provider, naturalKey);
  // A folder of before may hold rows under the name without the provider, until it is rebuilt.
  const strangers = new Set([stranger, stranger.replace(`u-${provider}-`, 'u-cnemc-')]);
  const batch = new BatchBuilder(provider);
  let standing = 0;
  for (const averaging of Object.keys(averagings) as AveragingId[]) {
    const found = await store.series({ ...window, stations: [...strangers], averaging });
    if (found.length === 0) continue;
    const own = await store.series({ ...window, stations: [station], averaging });
    for (const columns of found) {
      const { parameter } = columns.key;
      const taken = new Set(own.find(({ key }) => key.parameter === parameter)?.timeS);
      const series = batch.seriesOf(station, parameter, averaging);
      for (const [row, timeS] of columns.timeS.entries()) {
        if (taken.has(timeS)) standing += 1;
        else
          batch.add({
            series,
            timeS,
            ...(await reading(store, columns, row, entry.seq)),
            publishedS: act.atS,
          });
      }
    }
  }
  const issues: Issue[] = [];
  if (standing > 0)
    issues.push({
      code: 'DUPLICATE_ROW',
      path: `journal entry ${entry.seq}`,
      message: `${standing} readings kept as ${stranger} have a reading of ${station} at their time, which stands`,
      source: { id: provider, record: naturalKey },
    });
  return { batch: batch.length === 0 ? null : batch.build(), issues };
}

/** The limit of detection travels beside a value; what else the source wrote stays with the row under its name. */
async function reading(store: ReadingStore, columns: SeriesColumns, row: number, seq: number) {
  const flags = columns.flags[row] ?? 0;
  const value = columns.value[row] ?? Number.NaN;
  const plain = {
    value: Number.isNaN(value) ? null : value,
    flags: (flags & qualifiers.screened) === 0 ? flags : flags & ~(qualifiers.screened | 3),
  };
  if ((flags & qualifiers.belowDetection) === 0) return plain;
  const versions = await store.past({ ...columns.key, timeS: columns.timeS[row] ?? 0 });
  const side = versions.findLast((version) => version.seq < seq)?.side;
  return side === undefined ? plain : { ...plain, side };
}
