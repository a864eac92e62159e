import type { SeriesChange } from '../../domain/changes.ts';
import type { ReadingStore } from '../../domain/ports.ts';
import { averagings, civilDate, instantOfCivil, type AveragingId, type EpochS } from '../../domain/time.ts';

/** One file's worth of readings: a civil month of one parameter as one provider reports it. */
export interface Partition {
  provider: string;
  parameter: string;
  /** `YYYY-MM`, in the zone of the region. A reading belongs to the month of its last moment. */
  month: string;
}

export const hivePath = ({ provider, parameter, month }: Partition): string =>
  [
    `provider=${encodeURIComponent(provider)}`,
    `parameter=${encodeURIComponent(parameter)}`,
    `year=${month.slice(0, 4)}`,
    `month=${month.slice(5, 7)}`,
  ].join('/');

/** Key times of a month, half-open. */
export function keyWindowOf(
  month: string,
  averaging: AveragingId,
  timeZone: string,
): { fromS: EpochS; toS: EpochS } {
  const shift = averagings[averaging].sliding ? 1 : 0;
  return {
    fromS: instantOfCivil(`${month}-01T00:00`, timeZone) + shift,
    toS: instantOfCivil(`${monthAfter(month)}-01T00:00`, timeZone) + shift,
  };
}

function monthAfter(month: string): string {
  const [year = 0, nth = 1] = month.split('-').map(Number);
  return nth === 12 ? `${year + 1}-01` : `${year}-${String(nth + 1).padStart(2, '0')}`;
}

/** Stations by averaging by provider and parameter. */
export type KnownSeries = Record<string, Partial<Record<AveragingId, string[]>>>;
export const seriesName = (provider: string, parameter: string): string => `${provider} ${parameter}`;

const changesPerLook = 5000;

/** What changed since a cursor: which months, whether by revision, and which series there are. Holds names only, no reading. */
export class Touched {
  readonly #timeZone: string;
  readonly #months = new Map<string, { partition: Partition; revised: boolean }>();
  readonly #stations = new Map<string, Map<AveragingId, Set<string>>>();
  #cursor: string | null;

  constructor(timeZone: string, before: { cursor: string | null; series: KnownSeries }) {
    this.#timeZone = timeZone;
    this.#cursor = before.cursor;
    for (const [name, byAveraging] of Object.entries(before.series)) {
      const known = new Map(
        Object.entries(byAveraging).map(([averaging, stations]) => [
          // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by this class
          averaging as AveragingId,
          new Set(stations),
        ]),
      );
      this.#stations.set(name, known);
    }
  }

  async gather(store: Pick<ReadingStore, 'changesSince'>): Promise<void> {
    for (;;) {
      const page = await store.changesSince(this.#cursor, changesPerLook);
      this.#cursor = page.cursor;
      for (const { series } of page.entries) for (const change of series) this.#add(change);
      if (!page.more) return;
    }
  }

  get cursor(): string {
    return this.#cursor ?? '0';
  }

  /** In the order of their paths. */
  partitions(): { partition: Partition; revised: boolean }[] {
    return [...this.#months].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
  }

  series(): KnownSeries {
    const sorted = [...this.#stations].sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(
      sorted.map(([name, byAveraging]) => [
        name,
        Object.fromEntries(
          [...byAveraging]
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([averaging, stations]) => [averaging, [...stations].sort()]),
        ),
      ]),
    );
  }

  #add(change: SeriesChange): void {
    if (change.accepted === 0 && change.revised === 0) return;
    const { station, parameter, averaging, provider } = change.key;
    const name = seriesName(provider, parameter);
    const byAveraging = this.#stations.get(name) ?? new Map<AveragingId, Set<string>>();
    this.#stations.set(name, byAveraging);
    const stations = byAveraging.get(averaging) ?? new Set<string>();
    byAveraging.set(averaging, stations);
    stations.add(station);
    const last = this.#monthOf(change.lastS, averaging);
    for (let month = this.#monthOf(change.firstS, averaging); month <= last; month = monthAfter(month))
      this.#touch({ provider, parameter, month }, false);
    for (const timeS of change.revisedS)
      this.#touch({ provider, parameter, month: this.#monthOf(timeS, averaging) }, true);
  }

  #monthOf(keyS: EpochS, averaging: AveragingId): string {
    return civilDate(averagings[averaging].sliding ? keyS - 1 : keyS, this.#timeZone).slice(0, 7);
  }

  #touch(partition: Partition, revised: boolean): void {
    const name = hivePath(partition);
    const known = this.#months.get(name);
    if (known === undefined) this.#months.set(name, { partition, revised });
    else known.revised ||= revised;
  }
}
