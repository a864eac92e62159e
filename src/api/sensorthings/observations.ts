import { averagings, type EpochS } from '../../domain/time.ts';
import type { SeriesColumns } from '../../domain/ports.ts';
import { qualifiers } from '../../domain/flags.ts';
import type { Seen } from '../auth/seen-by.ts';
import { intervals } from '../readings/reading-shapes.ts';
import type { ListedDatastream } from './catalogue.ts';
import type { Expression } from './filter.ts';
import { bounds, isTime } from './values.ts';

/** One reading with a value. */
export interface Observation {
  datastream: ListedDatastream;
  keyS: EpochS;
  beginMs: number;
  endMs: number;
  value: number;
  flags: number;
}

/** An observation's id is its series' id and the second of its key time (33 bits, to the year 2242), so that it never changes. */
const secondsPerSeries = 2 ** 33;

export const observationId = ({ datastream, keyS }: Observation): number =>
  datastream.id * secondsPerSeries + keyS;

export const seriesOfObservation = (id: number): { series: number; keyS: EpochS } => ({
  series: Math.floor(id / secondsPerSeries),
  keyS: id % secondsPerSeries,
});

/** Key times, half-open. */
export interface Window {
  fromS: EpochS;
  toS: EpochS;
}

const always: Window = { fromS: 0, toS: secondsPerSeries };
const timePaths = new Set(['phenomenonTime', 'resultTime']);
const longestCivilS = 31 * 86_400 + 3600;

/** Bounds of time that a filter implies, in milliseconds; whatever it does not settle stays open. */
function impliedMs(filter: Expression | null): { fromMs: number; toMs: number } {
  const open = { fromMs: -Infinity, toMs: Infinity };
  if (filter === null) return open;
  if (filter.kind === 'both') {
    const [left, right] = [impliedMs(filter.left), impliedMs(filter.right)];
    return { fromMs: Math.max(left.fromMs, right.fromMs), toMs: Math.min(left.toMs, right.toMs) };
  }
  if (filter.kind !== 'compare') return open;
  const { left, right, operator } = filter;
  const path = left.kind === 'path' && left.segments.length === 1 ? (left.segments[0] ?? '') : '';
  if (!timePaths.has(path) || right.kind !== 'value' || !isTime(right.value)) return open;
  const { beginMs, endMs } = bounds(right.value);
  if (operator === 'gt' || operator === 'ge') return { fromMs: beginMs, toMs: Infinity };
  if (operator === 'lt' || operator === 'le') return { fromMs: -Infinity, toMs: endMs };
  return operator === 'eq' ? { fromMs: beginMs, toMs: endMs } : open;
}

/** Key times that can hold what the filter asks for, widened by the length of a reading. */
function windowOf(filter: Expression | null, datastream: ListedDatastream): Window {
  const { fromMs, toMs } = impliedMs(filter);
  const marginS = averagings[datastream.key.averaging].seconds ?? longestCivilS;
  return {
    fromS: Math.max(always.fromS, Math.floor(fromMs / 1000) - marginS),
    toS: Math.min(always.toS, Math.floor(toMs / 1000) + marginS + 1),
  };
}

type Chunk = Observation[];

function chunkOf(columns: SeriesColumns, datastream: ListedDatastream, timeZone: string): Chunk {
  const interval = intervals(datastream.key.averaging, timeZone);
  const chunk: Chunk = [];
  for (let row = 0; row < columns.timeS.length; row++) {
    const value = columns.value[row] ?? Number.NaN;
    const flags = columns.flags[row] ?? 0;
    // A missing result is left out, as the standard has no null result.
    if (Number.isNaN(value) || (flags & qualifiers.missing) !== 0) continue;
    const keyS = columns.timeS[row] ?? 0;
    const { beginS, endS } = interval(keyS);
    chunk.push({ datastream, keyS, beginMs: beginS * 1000, endMs: endS * 1000, value, flags });
  }
  return chunk;
}

const queryOf = (datastreams: readonly ListedDatastream[], window: Window) => {
  const [first] = datastreams;
  return {
    stations: [...new Set(datastreams.map(({ key }) => key.station))],
    parameters: [...new Set(datastreams.map(({ key }) => key.parameter))],
    averaging: first?.key.averaging ?? 'instant',
    provider: first?.key.provider ?? '',
    ...window,
  } as const;
};

const rowsAtATime = 5000;

/** Observations of one datastream from the oldest on, in chunks; the first one is as small as is needed. */
export async function* ascending(
  seen: Seen,
  datastream: ListedDatastream,
  of: { filter: Expression | null; fromS?: EpochS; need: number },
): AsyncGenerator<Chunk> {
  const { timeZone } = seen.config().region;
  const window = windowOf(of.filter, datastream);
  let fromS = Math.max(window.fromS, of.fromS ?? window.fromS);
  for (
    let limitPerSeries = Math.min(of.need, rowsAtATime);
    fromS < window.toS;
    limitPerSeries = rowsAtATime
  ) {
    const query = { ...queryOf([datastream], { fromS, toS: window.toS }), limitPerSeries };
    const [columns] = await seen.readings.series(query);
    const lastS = columns?.timeS.at(-1);
    if (columns === undefined || lastS === undefined) return;
    yield chunkOf(columns, datastream, timeZone);
    if (columns.timeS.length < limitPerSeries) return;
    fromS = lastS + 1;
  }
}

const daySeconds = 86_400;

/** Observations of one datastream from the newest back, in windows that double until the beginning. */
export async function* descending(
  seen: Seen,
  datastream: ListedDatastream,
  of: { filter: Expression | null; beforeS?: EpochS },
): AsyncGenerator<Chunk> {
  const { timeZone } = seen.config().region;
  const window = windowOf(of.filter, datastream);
  // The list of series is up to a minute old: newer rows lie in the first window.
  const newestS = Math.max(datastream.lastS, seen.audience.nowS) + longestCivilS;
  let toS = Math.min(window.toS, of.beforeS ?? window.toS, newestS);
  let spanS = Math.max(daySeconds, toS - datastream.lastS + daySeconds);
  while (toS > window.fromS) {
    const fromS = Math.max(window.fromS, toS - spanS);
    const [columns] = await seen.readings.series(queryOf([datastream], { fromS, toS }));
    if (columns !== undefined) yield chunkOf(columns, datastream, timeZone).toReversed();
    toS = fromS;
    spanS *= 2;
  }
}

/** The newest or the first observations of many datastreams at once: one question for each averaging and provider. */
export async function batched(
  seen: Seen,
  datastreams: readonly ListedDatastream[],
  of: { most: number; newest: boolean },
): Promise<Map<number, Observation[]>> {
  const { timeZone } = seen.config().region;
  const found = new Map<number, Observation[]>();
  for (const group of groups(datastreams)) {
    const byKey = new Map(group.map((one) => [`${one.key.station}\n${one.key.parameter}`, one]));
    const put = (all: readonly SeriesColumns[]): void => {
      for (const columns of all) {
        const one = byKey.get(`${columns.key.station}\n${columns.key.parameter}`);
        if (one === undefined) continue;
        const chunk = chunkOf(columns, one, timeZone);
        found.set(one.id, of.newest ? chunk.toReversed().slice(0, of.most) : chunk.slice(0, of.most));
      }
    };
    const wanted = { most: of.most, put, found };
    await (of.newest ? newestOf(seen, group, wanted) : oldestOf(seen, group, wanted));
  }
  return found;
}

interface Wanted {
  most: number;
  put(all: readonly SeriesColumns[]): void;
  found: ReadonlyMap<number, Observation[]>;
}

/** The first of each series, further where missing values take the place of readings. */
async function oldestOf(seen: Seen, group: readonly ListedDatastream[], of: Wanted): Promise<void> {
  let wanting = [...group];
  for (let limitPerSeries = of.most; wanting.length > 0; limitPerSeries *= 4) {
    const all = await seen.readings.series({ ...queryOf(wanting, always), limitPerSeries });
    of.put(all);
    const goOn = new Set(
      all
        .filter(({ timeS }) => timeS.length >= limitPerSeries)
        .map(({ key }) => `${key.station}\n${key.parameter}`),
    );
    wanting = wanting.filter(
      ({ id, key }) =>
        goOn.has(`${key.station}\n${key.parameter}`) && (of.found.get(id)?.length ?? 0) < of.most,
    );
  }
}

/** Windows back from the newest of each series that double until every series has enough or began. */
async function newestOf(seen: Seen, group: readonly ListedDatastream[], of: Wanted): Promise<void> {
  const toS = Math.max(...group.map(({ lastS }) => lastS), seen.audience.nowS) + longestCivilS;
  let wanting = [...group];
  for (let spanS = daySeconds * Math.max(1, of.most / 24); wanting.length > 0; spanS *= 4) {
    const fromS = Math.max(0, Math.min(...wanting.map(({ lastS }) => lastS)) - spanS);
    of.put(await seen.readings.series(queryOf(wanting, { fromS, toS })));
    if (fromS === 0) return;
    wanting = wanting.filter(({ id }) => (of.found.get(id)?.length ?? 0) < of.most);
  }
}

/** Datastreams that one question to the store can cover. */
export function groups(datastreams: readonly ListedDatastream[]): ListedDatastream[][] {
  const byName = new Map<string, ListedDatastream[]>();
  for (const one of datastreams) {
    const name = `${one.key.averaging}\n${one.key.provider}`;
    const group = byName.get(name) ?? [];
    group.push(one);
    byName.set(name, group);
  }
  return [...byName.values()];
}

const stationsAtATime = 40;

/** How many observations there are, counted in the engine; null where it may not or cannot be (sliding means, rows held back). */
export async function countedByEngine(
  seen: Seen,
  datastreams: readonly ListedDatastream[],
): Promise<number | null> {
  const { timeZone } = seen.config().region;
  const countable = datastreams.every(({ key }) => {
    const { raw, reviewed } = seen.audience.sees(key);
    return raw === 0 && reviewed === 0 && !averagings[key.averaging].sliding;
  });
  if (!countable) return null;
  let total = 0;
  for (const group of groups(datastreams)) {
    const wanted = new Set(group.map(({ key }) => `${key.station}\n${key.parameter}`));
    const { stations, parameters, averaging, provider } = queryOf(group, always);
    const toS = Math.max(...group.map(({ lastS }) => lastS), seen.audience.nowS) + daySeconds;
    for (let from = 0; from < stations.length; from += stationsAtATime) {
      const some = stations.slice(from, from + stationsAtATime);
      const sums = await seen.readings.sums({
        groups: some.map((id) => ({ id, stations: [id] })),
        parameters: parameters.map((id) => ({ id, decimals: 0 })),
        averaging,
        provider,
        fromS: 0,
        toS,
        period: 'year',
        timeZone,
        cadenceS: null,
      });
      for (const { group: station, parameter, observed } of sums)
        if (wanted.has(`${station}\n${parameter}`)) for (const count of observed) total += count;
    }
  }
  return total;
}
