import type { ReadingStore, SeriesColumns, SeriesQuery } from '../domain/ports.ts';

type Readings = Pick<ReadingStore, 'series'>;

/** Rows of one read: enough that an engine's pass over a period serves many series, and a few megabytes. */
const rowsPerRead = 400_000;
/** Before anything is known of how many rows a station has. */
const stationsAtFirst = 2;

interface Read {
  stations: readonly string[];
  columns: Promise<SeriesColumns[]>;
}

/**
 * Answers queries for single stations that come in the order of a list from reads of many stations, the next one under way while the
 * answers of the last are used. An engine passes over the rows of a period once a read. Any other query is passed on.
 */
export function readAhead(readings: Readings, lists: readonly (readonly string[])[]): Readings {
  /** By query without its stations: the read that answers now, and the one under way. */
  const underWay = new Map<string, Read[]>();

  function begin(query: SeriesQuery, stations: readonly string[]): Read {
    const columns = stations.length === 0 ? Promise.resolve([]) : readings.series({ ...query, stations });
    // Whoever asks hears of it; perhaps nobody does.
    columns.catch(() => undefined);
    return { stations, columns };
  }

  async function from(
    query: SeriesQuery,
    station: string,
    list: readonly string[],
  ): Promise<SeriesColumns[]> {
    const key = JSON.stringify({ ...query, stations: null });
    const known = underWay.get(key) ?? [];
    const at = known.findIndex((one) => one.stations.includes(station));
    const begins = list.indexOf(station);
    const reads = at < 0 ? [begin(query, list.slice(begins, begins + stationsAtFirst))] : known.slice(at);
    underWay.set(key, reads);
    const { stations, columns } = reads[0]!;
    const found = await columns;
    if (reads.length === 1) {
      const rows = found.reduce((sum, one) => sum + one.timeS.length, 0);
      const atOnce = Math.ceil((rowsPerRead * stations.length) / Math.max(rows, rowsPerRead / 64));
      const next = list.indexOf(stations.at(-1)!) + 1;
      reads.push(begin(query, list.slice(next, next + atOnce)));
    }
    return found.filter((one) => one.key.station === station);
  }

  return {
    series(query) {
      const [station] = query.stations;
      const list = query.stations.length === 1 ? lists.find((one) => one.includes(station!)) : undefined;
      return list === undefined ? readings.series(query) : from(query, station!, list);
    },
  };
}
