import { isScreened, isSuspect, type DatedRules, type Siblings } from '../../analysis/quality/rules.ts';
import { usable } from '../../analysis/quality/level.ts';
import { publishedUnknown, SeriesWindow } from '../../analysis/quality/series-window.ts';
import type { BatchSeries, ReadingBatch } from '../../domain/batch.ts';
import type { Config } from '../../domain/config/config.ts';
import { isSettled, isValid, qualifiers, validity } from '../../domain/flags.ts';
import type { ApplyResult, ReadingStore } from '../../domain/ports.ts';
import type { AveragingId, EpochS } from '../../domain/time.ts';
import { rulesOf } from '../../analysis/quality/dated-rules.ts';
import { extended, type ExtraRow } from './extended-batch.ts';

type Store = Pick<ReadingStore, 'series' | 'past'>;

/** A window, and between which times it holds every row of the store. */
interface Held {
  window: SeriesWindow;
  fromS: EpochS;
  toS: EpochS;
  /** Rows at which old ones are let go. */
  trimAt: number;
}

interface Watched {
  series: BatchSeries;
  index: number;
  held: Held;
  siblings: Siblings;
  partners: readonly string[];
}

/** Windows that are kept, at most; beyond it all are let go and read again as needed. */
const mostWindows = 200_000;
const trimFirst = 64;
/** Rows of a series that one look into the store brings, at most. */
const rowsPerLook = 512;
const endOfTime = 9e9;

/**
 * Screening of what a projector applies to one store, by the rules that look at other readings. A mark is a function of the
 * current values around a reading, whatever the order they came in and however they were cut into entries: where an entry
 * changes what a later reading is judged by, that reading is marked anew with the entry. What is remembered here is a copy of
 * recent rows of the store, read back (as of the entry before) where it is missing.
 */
export class StoreScreening {
  readonly #store: Store;
  readonly #windows = new Map<string, Held>();
  #throughSeq = 0;

  constructor(store: Store) {
    this.#store = store;
  }

  /** The batch with marks, and at its end rows of the store whose marks change with it. The same one where nothing is screened. */
  async screen(seq: number, batch: ReadingBatch, config: Config): Promise<ReadingBatch> {
    if (seq !== this.#throughSeq + 1 || this.#windows.size > mostWindows) this.#windows.clear();
    const rules = rulesOf(config);
    if (rules.lookbackS === 0) return batch;
    const watched = await this.#watch(seq, batch, rules);
    if (watched.every((one) => one === null)) return batch;
    const changed = await this.#put(seq, batch, watched);
    const flags = Uint16Array.from(batch.flags);
    for (let row = 0; row < batch.length; row++) {
      const one = watched[batch.seriesIndex[row]!];
      if (one !== null && one !== undefined) flags[row] = judgeRow(one, batch, row, rules);
    }
    const marked = extended(batch, flags, remarked(changed, rules));
    // Only now: until here every row of the batch is looked at, however long the span that it brings.
    for (const one of watched) if (one !== null) trim(one.held);
    return marked;
  }

  /** After each entry: what the store made of it. Anything but a batch taken whole means that the store has to be asked again. */
  applied(seq: number, batch: ReadingBatch | null, result: ApplyResult | null): void {
    if (result === null || (batch !== null && result.outcome.length !== batch.length)) this.#windows.clear();
    this.#throughSeq = seq;
  }

  /** Rows of this station were changed by an act. */
  forget(): void {
    this.#windows.clear();
  }

  async #watch(seq: number, batch: ReadingBatch, rules: DatedRules): Promise<(Watched | null)[]> {
    const { least, most } = timesOf(batch);
    const of = batch.series.map((series, index) => {
      const partners = rules.partners.get(series.parameter);
      return partners === undefined || !isScreened(series.averaging) || least[index] === Infinity
        ? null
        : { series, index, partners };
    });
    const needed = new Map<AveragingId, { stations: Set<string>; parameters: Set<string>; fromS: EpochS }>();
    for (const one of of) {
      if (one === null) continue;
      const { station, averaging, parameter } = one.series;
      // The reading before one of the batch may be judged again by it, and looks back from where it stands.
      const fromS = least[one.index]! - rules.lookbackS - rules.aheadS;
      const toS = most[one.index]! + rules.lookbackS;
      for (const id of [parameter, ...one.partners]) {
        const held = this.#windows.get(`${batch.provider}\n${averaging}\n${station}\n${id}`);
        if (held !== undefined && held.fromS <= fromS && toS < held.toS) continue;
        const need = needed.get(averaging) ?? { stations: new Set(), parameters: new Set(), fromS };
        needed.set(averaging, need);
        need.stations.add(station);
        need.parameters.add(id);
        need.fromS = Math.min(need.fromS, fromS);
      }
    }
    for (const [averaging, need] of needed) await this.#load(seq, batch.provider, averaging, need);
    return of.map((one) => (one === null ? null : this.#watched(batch.provider, one)));
  }

  #watched(provider: string, one: Pick<Watched, 'series' | 'index' | 'partners'>): Watched {
    const { station, averaging, parameter } = one.series;
    const key = `${provider}\n${averaging}\n${station}\n`;
    const held = this.#windows.get(key + parameter);
    if (held === undefined) throw new Error(`no window of ${station} ${parameter}`);
    return { ...one, held, siblings: (id) => this.#windows.get(key + id)?.window };
  }

  async #load(
    seq: number,
    provider: string,
    averaging: AveragingId,
    need: { stations: Set<string>; parameters: Set<string>; fromS: EpochS },
  ): Promise<void> {
    const [stations, parameters] = [[...need.stations], [...need.parameters]];
    for (const station of stations)
      for (const parameter of parameters)
        this.#windows.set(`${provider}\n${averaging}\n${station}\n${parameter}`, {
          window: new SeriesWindow(),
          fromS: need.fromS,
          toS: Infinity,
          trimAt: trimFirst,
        });
    if (seq === 1) return;
    const found = await this.#store.series({
      stations,
      parameters,
      averaging,
      provider,
      fromS: need.fromS,
      toS: endOfTime,
      asOfSeq: seq - 1,
      limitPerSeries: rowsPerLook,
    });
    for (const { key, timeS, value, flags } of found) {
      const held = this.#windows.get(`${provider}\n${averaging}\n${key.station}\n${key.parameter}`);
      if (held === undefined) continue;
      for (let row = 0; row < timeS.length; row++)
        held.window.insert(row, {
          timeS: timeS[row]!,
          value: value[row]!,
          flags: flags[row]!,
          publishedS: publishedUnknown,
        });
      if (timeS.length >= rowsPerLook) held.toS = timeS.at(-1)!;
    }
  }

  /** Brings the batch into the windows as the store will take it; answers the points whose value or own flags change. */
  async #put(
    seq: number,
    batch: ReadingBatch,
    watched: readonly (Watched | null)[],
  ): Promise<{ one: Watched; timeS: EpochS }[]> {
    const changed: { one: Watched; timeS: EpochS }[] = [];
    for (let row = 0; row < batch.length; row++) {
      const one = watched[batch.seriesIndex[row]!];
      if (one === null || one === undefined) continue;
      const { window } = one.held;
      const timeS = batch.timeS[row]!;
      const shown = {
        timeS,
        value: batch.value[row]!,
        flags: batch.flags[row]!,
        publishedS: batch.publishedS[row]!,
      };
      const at = window.find(timeS);
      if (at < 0) {
        window.insert(-1 - at, shown);
      } else if (!(await this.#replaces(seq, { one, provider: batch.provider, at, shown }))) continue;
      changed.push({ one, timeS });
    }
    return changed;
  }

  /** Whether the shown reading becomes the current one (`store/readings/versions.ts`); then it stands in the window. */
  async #replaces(
    seq: number,
    of: {
      one: Watched;
      provider: string;
      at: number;
      shown: { timeS: EpochS; value: number; flags: number; publishedS: number };
    },
  ): Promise<boolean> {
    const { one, at, shown } = of;
    const { window } = one.held;
    const stored = window.flags[at]!;
    const same =
      window.value[at] === shown.value || (Number.isNaN(window.value[at]!) && Number.isNaN(shown.value));
    if (same && (ownFlags(stored) === shown.flags || isSettled(stored))) return false;
    if (!Number.isNaN(shown.publishedS) && window.publishedS[at] === publishedUnknown) {
      const versions = await this.#store.past({ ...one.series, provider: of.provider, timeS: shown.timeS });
      const current = versions.find(
        (version) => version.seq < seq && (version.seqEnd === null || version.seqEnd >= seq),
      );
      window.publishedS[at] = current?.publishedS ?? Number.NaN;
    }
    if (shown.publishedS < window.publishedS[at]!) return false;
    window.set(at, shown);
    return true;
  }
}

/** The batch as it was before screening, to be screened again. */
export function withoutMarks(batch: ReadingBatch): ReadingBatch {
  return { ...batch, flags: batch.flags.map(ownFlags) };
}

function timesOf(batch: ReadingBatch): { least: Float64Array; most: Float64Array } {
  const least = new Float64Array(batch.series.length).fill(Infinity);
  const most = new Float64Array(batch.series.length).fill(-Infinity);
  for (let row = 0; row < batch.length; row++) {
    const index = batch.seriesIndex[row]!;
    const timeS = batch.timeS[row]!;
    if (timeS < least[index]!) least[index] = timeS;
    if (timeS > most[index]!) most[index] = timeS;
  }
  return { least, most };
}

/** Lets go of rows that no rule looks at any more; where more remain, a larger window is kept. */
function trim(held: Held): void {
  const { window } = held;
  if (window.length < held.trimAt) return;
  const beforeS = window.timeS[window.length - 1]! - 3 * 86_400;
  if (beforeS > held.fromS) {
    window.dropBefore(beforeS);
    held.fromS = beforeS;
  }
  while (window.length > held.trimAt / 2) held.trimAt *= 2;
}

/** The flags without the mark of screening. */
function ownFlags(flags: number): number {
  return (flags & qualifiers.screened) === 0 ? flags : flags & ~(qualifiers.screened | 3);
}

function marked(own: number, suspect: boolean): number {
  return suspect && isValid(own) ? own | validity.suspect | qualifiers.screened : own;
}

function judgeRow(one: Watched, batch: ReadingBatch, row: number, rules: DatedRules): number {
  const { window } = one.held;
  const value = batch.value[row]!;
  const own = batch.flags[row]!;
  const timeS = batch.timeS[row]!;
  const item = rules.at(timeS)?.byParameter.get(one.series.parameter);
  if (item === undefined || Number.isNaN(value)) return own;
  const at = window.find(timeS);
  if (at < 0) return own;
  const flags = marked(own, isSuspect(item, { window, row: at, value, siblings: one.siblings }));
  if (window.value[at] === value && !isSettled(window.flags[at]!)) window.flags[at] = flags;
  return flags;
}

/** Rows of the store that the changed points made suspect, or no longer so. */
function remarked(changed: readonly { one: Watched; timeS: EpochS }[], rules: DatedRules): ExtraRow[] {
  const extra: ExtraRow[] = [];
  for (const { one, parameter, window, spans } of lookedAtAgain(changed, rules)) {
    let row = 0;
    for (const { fromS, toS } of spans.toSorted((a, b) => a.fromS - b.fromS)) {
      row = Math.max(row, window.firstFrom(fromS));
      for (; row < window.length && window.timeS[row]! <= toS; row++) {
        const [timeS, value, flags] = [window.timeS[row]!, window.value[row]!, window.flags[row]!];
        const item = rules.at(timeS)?.byParameter.get(parameter);
        if (item === undefined || Number.isNaN(value) || isSettled(flags)) continue;
        const now = marked(ownFlags(flags), isSuspect(item, { window, row, value, siblings: one.siblings }));
        if (now === flags) continue;
        window.flags[row] = now;
        extra.push({ series: { ...one.series, parameter }, timeS, value, flags: now });
      }
    }
  }
  return extra;
}

interface LookedAtAgain {
  one: Watched;
  parameter: string;
  window: SeriesWindow;
  spans: { fromS: EpochS; toS: EpochS }[];
}

/** What a changed point may change the mark of: its item and those compared with it, from the result before it on. */
function lookedAtAgain(
  changed: readonly { one: Watched; timeS: EpochS }[],
  rules: DatedRules,
): Iterable<LookedAtAgain> {
  const found = new Map<SeriesWindow, LookedAtAgain>();
  for (const { one, timeS } of changed) {
    const fromS = neighbourS(one.held.window, timeS, rules.aheadS);
    const toS = timeS + rules.lookbackS;
    for (const parameter of [one.series.parameter, ...one.partners]) {
      const window = one.siblings(parameter);
      if (window === undefined) continue;
      const known = found.get(window) ?? { one, parameter, window, spans: [] };
      found.set(window, known);
      const last = known.spans.at(-1);
      // Rows mostly come in order of time: one span grows.
      if (last !== undefined && last.fromS <= fromS && fromS <= last.toS) last.toS = Math.max(last.toS, toS);
      else known.spans.push({ fromS, toS });
    }
  }
  return found.values();
}

/** Time of the last row with a value before this one, within so many seconds; its own where there is none. */
function neighbourS(window: SeriesWindow, timeS: EpochS, withinS: number): EpochS {
  for (let row = window.firstFrom(timeS) - 1; row >= 0; row--) {
    if (timeS - window.timeS[row]! > withinS) break;
    if (usable(window, row)) return window.timeS[row]!;
  }
  return timeS;
}
