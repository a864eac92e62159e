import { MonitorError } from '../../domain/errors.ts';
import type { ListedDatastream, ListedSet } from './catalogue.ts';
import {
  datastreamsOf,
  nextOptions,
  pageOfIds,
  shownEntities,
  shownObservations,
  topOf,
  type Context,
} from './answer.ts';
import type { SetName } from './model.ts';
import { observationBody, observationPage, phenomenonTime } from './observation-pages.ts';
import { ascending, observationId, seriesOfObservation, type Observation } from './observations.ts';
import { noOptions, type Options } from './options.ts';
import type { ResourcePath, Step } from './path.ts';

/** What a path leads to: some entities of a set, observations of some datastreams, or one observation. */
export type Found =
  | { kind: 'listed'; set: ListedSet; ids: readonly number[]; single: boolean }
  | { kind: 'observations'; datastreams: readonly ListedDatastream[] }
  | { kind: 'observation'; row: Observation };

function nothing(step: Step): MonitorError {
  const name = step.id === null ? step.name : `${step.name}(${step.id})`;
  return new MonitorError('E_NOT_FOUND', `no such entity: ${name}`, { details: { entity: name } });
}

async function observationOf(context: Context, id: number): Promise<Observation | null> {
  const { series, keyS } = seriesOfObservation(id);
  const datastream = context.catalogue.datastreams.get(series);
  if (datastream === undefined) return null;
  for await (const chunk of ascending(context.seen, datastream, { filter: null, fromS: keyS, need: 1 }))
    return chunk.find((row) => row.keyS === keyS) ?? null;
  return null;
}

function start({ catalogue }: Context, step: Step): Found {
  if (step.set === 'Observations')
    return { kind: 'observations', datastreams: [...catalogue.datastreams.values()] };
  return { kind: 'listed', set: step.set, ids: [...catalogue.sets[step.set].keys()], single: false };
}

function follow(context: Context, from: Found, step: Step): Found {
  if (from.kind === 'observation') {
    const { datastream } = from.row;
    const id = step.name === 'Datastream' ? datastream.id : datastream.thing;
    const set = step.name === 'Datastream' ? 'Datastreams' : 'FeaturesOfInterest';
    return { kind: 'listed', set, ids: [id], single: true };
  }
  if (from.kind === 'observations') throw nothing(step);
  const [id = 0] = from.ids;
  if (step.set === 'Observations')
    return { kind: 'observations', datastreams: datastreamsOf(context, from.set, id) };
  const related = context.catalogue.sets[from.set].get(id)?.related[step.name] ?? [];
  return { kind: 'listed', set: step.set, ids: related, single: !step.many };
}

async function choose(context: Context, found: Found, step: Step): Promise<Found> {
  const { id } = step;
  if (id === null) {
    if (found.kind === 'listed' && found.single && found.ids.length === 0) throw nothing(step);
    return found;
  }
  if (found.kind === 'observations') {
    const row = await observationOf(context, id);
    const belongs = row !== null && found.datastreams.some((one) => one.id === row.datastream.id);
    if (!belongs) throw nothing(step);
    return { kind: 'observation', row };
  }
  if (found.kind === 'observation' || !found.ids.includes(id)) throw nothing(step);
  return { ...found, ids: [id], single: true };
}

/** Walks a path from its set on. Throws E_NOT_FOUND where a step leads to nothing. */
export async function resolve(context: Context, path: ResourcePath): Promise<Found> {
  let found: Found | null = null;
  for (const step of path.steps) {
    const next: Found = found === null ? start(context, step) : follow(context, found, step);
    found = await choose(context, next, step);
  }
  if (found === null) throw new MonitorError('E_NOT_FOUND', 'an empty path');
  return found;
}

export const setOf = (found: Found): SetName => (found.kind === 'listed' ? found.set : 'Observations');

export interface Collection {
  value: unknown[];
  count: number | null;
  next: Record<string, string> | null;
}

/** One page of a collection. */
export async function collectionOf(
  context: Context,
  found: Exclude<Found, { kind: 'observation' }>,
  options: Options,
): Promise<Collection> {
  if (found.kind === 'listed') {
    const page = pageOfIds(context, found.set, { ids: found.ids, options });
    const value = await shownEntities(context, found.set, { ids: page.ids, options });
    const next = page.nextSkip === null ? null : { $skip: String(page.nextSkip) };
    return { value, count: page.count, next };
  }
  const top = topOf(options);
  const page = await observationPage({ ...context, datastreams: found.datastreams, options, top });
  const value =
    options.format === 'dataArray'
      ? dataArrays(context, page.rows, options)
      : await shownObservations(context, page.rows, options);
  return { value, count: page.count, next: page.next === null ? null : nextOptions(page.next) };
}

/** A result that may not be used is told by its quality, so that stands beside it unless something else is selected. */
const shownInArrays = ['id', 'phenomenonTime', 'result', 'resultTime', 'resultQuality'];

/** Observations as arrays, one group a datastream (SensorThings 1.1, part 1, 12). */
function dataArrays(context: Context, rows: readonly Observation[], options: Options): unknown[] {
  const columns: Record<string, (row: Observation) => unknown> = {
    id: observationId,
    phenomenonTime,
    result: (row) => row.value,
    resultTime: (row) => new Date(row.endMs).toISOString(),
    resultQuality: (row) => observationBody(row)['resultQuality'],
    validTime: () => null,
    parameters: () => null,
  };
  const names = options.select?.map((name) => (name === '@iot.id' ? 'id' : name)) ?? shownInArrays;
  const components = names.filter((name) => name in columns);
  const groups = new Map<number, unknown[][]>();
  for (const row of rows) {
    const group = groups.get(row.datastream.id) ?? [];
    group.push(components.map((name) => columns[name]?.(row) ?? null));
    groups.set(row.datastream.id, group);
  }
  return [...groups].map(([id, dataArray]) => ({
    'Datastream@iot.navigationLink': `${context.root}/Datastreams(${id})`,
    components,
    'dataArray@iot.count': dataArray.length,
    dataArray,
  }));
}

/** The one entity that was found. */
export async function entityOf(
  context: Context,
  found: Exclude<Found, { kind: 'observations' }>,
  options: Options,
): Promise<Record<string, unknown>> {
  const [entity = {}] =
    found.kind === 'observation'
      ? await shownObservations(context, [found.row], options)
      : await shownEntities(context, found.set, { ids: found.ids, options });
  return entity;
}

export const isSingle = (found: Found): found is Exclude<Found, { kind: 'observations' }> =>
  found.kind === 'observation' || (found.kind === 'listed' && found.single);

/** Self links of what was found, one page of them for a collection. */
export async function referencesOf(context: Context, found: Found, options: Options): Promise<Collection> {
  const bare = { ...options, select: ['@iot.id'], expand: noOptions().expand, format: 'json' as const };
  const page: Collection = isSingle(found)
    ? { value: [await entityOf(context, found, bare)], count: null, next: null }
    : await collectionOf(context, found, bare);
  const value = page.value.map((entity) => {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written just above
    const id = (entity as { '@iot.id': number })['@iot.id'];
    return { '@iot.selfLink': `${context.root}/${setOf(found)}(${id})` };
  });
  return { ...page, value };
}
