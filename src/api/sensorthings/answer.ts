import type { Seen } from '../auth/seen-by.ts';
import type { Catalogue, Entity, ListedDatastream, ListedSet } from './catalogue.ts';
import { readerOf } from './entity-reader.ts';
import { holds, orderOf } from './evaluate.ts';
import { badQuery } from './faults.ts';
import { relations, type SetName } from './model.ts';
import { observationBody, observationPage, pagesOfMany, type ObservationPage } from './observation-pages.ts';
import { observationId, type Observation } from './observations.ts';
import type { Options } from './options.ts';
import type { DatastreamTimes } from './datastream-times.ts';

/** Page sizes: what is sent unless asked for, and at most. */
export const pageSizes = { preset: 100, most: 1000, mostInArrays: 10_000 };
const mostEntities = 50_000;

export interface Context {
  seen: Seen;
  catalogue: Catalogue;
  times: DatastreamTimes;
  /** Absolute address of the service, without a slash at its end. */
  root: string;
  /** Entities written so far, against the budget of one answer. */
  written: { count: number };
}

type Shown = Record<string, unknown>;

function spend(context: Context, entities: number): void {
  context.written.count += entities;
  if (context.written.count > mostEntities)
    throw badQuery('$expand', null, `a smaller answer: this one has more than ${mostEntities} entities`);
}

export function topOf(options: Options): number {
  const most = options.format === 'dataArray' ? pageSizes.mostInArrays : pageSizes.most;
  return Math.min(options.top ?? pageSizes.preset, most);
}

const wanted = (options: Options, name: string): boolean =>
  options.select === null || options.select.includes(name);

/** Control information and properties of an entity as its options ask for them; relations come after. */
function shownEntity(
  context: Context,
  of: { set: SetName; id: number; body: Readonly<Record<string, unknown>> },
  options: Options,
): Shown {
  const { set, id, body } = of;
  const self = `${context.root}/${set}(${id})`;
  const shown: Shown = {};
  if (wanted(options, '@iot.id')) shown['@iot.id'] = id;
  if (options.select === null) shown['@iot.selfLink'] = self;
  for (const [name, value] of Object.entries(body)) if (wanted(options, name)) shown[name] = value;
  for (const name of Object.keys(relations[set])) {
    if (!options.expand.has(name) && wanted(options, name))
      shown[`${name}@iot.navigationLink`] = `${self}/${name}`;
  }
  return shown;
}

/** Entities of a listed set, with their relations, each relation for all of them together. */
export async function shownEntities(
  context: Context,
  set: ListedSet,
  of: { ids: readonly number[]; options: Options },
): Promise<Shown[]> {
  const { ids, options } = of;
  spend(context, ids.length);
  const entities = ids.map((id) => context.catalogue.sets[set].get(id)).filter((one) => one !== undefined);
  const bodies =
    set === 'Datastreams' ? await context.times.added(context.seen, entities, options) : entities;
  const shown = bodies.map((entity) => shownEntity(context, { set, ...entity }, options));
  for (const [name, inner] of options.expand) {
    const relation = relations[set][name];
    if (relation === undefined) continue;
    const expanded =
      relation.to === 'Observations'
        ? await observationsOfEach(context, set, { entities, name, options: inner })
        : await relatedOfEach(
            context,
            { from: set, entities, name, to: relation.to, many: relation.many },
            inner,
          );
    for (const [at, one] of shown.entries()) Object.assign(one, expanded[at]);
  }
  return shown;
}

async function relatedOfEach(
  context: Context,
  of: { from: ListedSet; entities: readonly Entity[]; name: string; to: ListedSet; many: boolean },
  options: Options,
): Promise<Shown[]> {
  const { entities, name, to, many } = of;
  const pages = entities.map((entity) =>
    pageOfIds(context, to, { ids: entity.related[name] ?? [], options }),
  );
  const ids = [...new Set(pages.flatMap((page) => page.ids))];
  const all = await shownEntities(context, to, { ids, options });
  const byId = new Map(ids.map((id, at) => [id, all[at]]));
  return pages.map((page, at) => {
    const members = page.ids.map((id) => byId.get(id)).filter((member) => member !== undefined);
    if (!many) return { [name]: members[0] ?? null };
    const shown: Shown = { [name]: members };
    if (page.count !== null) shown[`${name}@iot.count`] = page.count;
    if (page.nextSkip !== null) {
      const url = `${context.root}/${of.from}(${entities[at]?.id ?? 0})/${name}`;
      shown[`${name}@iot.nextLink`] = `${url}?${nestedQuery(options, { $skip: String(page.nextSkip) })}`;
    }
    return shown;
  });
}

/** Options of a nested collection as names and texts, without where its page begins. */
function nestedPairs(options: Options): [string, string][] {
  const { filterText, count, orderBy, select, top, expand } = options;
  const order = orderBy.map(
    ({ segments, descending }) => `${segments.join('/')}${descending ? ' desc' : ''}`,
  );
  return [
    ...(filterText === null ? [] : [['$filter', filterText] satisfies [string, string]]),
    ...(count ? [['$count', 'true'] satisfies [string, string]] : []),
    ...(order.length === 0 ? [] : [['$orderby', order.join(',')] satisfies [string, string]]),
    ...(select === null ? [] : [['$select', select.join(',')] satisfies [string, string]]),
    ...(top === null ? [] : [['$top', String(top)] satisfies [string, string]]),
    ...(expand.size === 0 ? [] : [['$expand', expandText(expand)] satisfies [string, string]]),
  ];
}

/** The query of the next page of a nested collection. */
const nestedQuery = (options: Options, next: Record<string, string>): string =>
  new URLSearchParams([...nestedPairs(options), ...Object.entries(next)]).toString();

function expandText(expand: ReadonlyMap<string, Options>): string {
  return [...expand]
    .map(([name, inner]) => {
      const skip: [string, string][] = inner.skip > 0 ? [['$skip', String(inner.skip)]] : [];
      const pairs = [...nestedPairs(inner), ...skip];
      return pairs.length === 0 ? name : `${name}(${pairs.map((pair) => pair.join('=')).join(';')})`;
    })
    .join(',');
}

/** Datastreams whose observations belong to an entity. */
export function datastreamsOf(context: Context, set: SetName, id: number): ListedDatastream[] {
  const { datastreams } = context.catalogue;
  if (set === 'FeaturesOfInterest') return [...datastreams.values()].filter(({ thing }) => thing === id);
  const one = datastreams.get(id);
  return one === undefined ? [] : [one];
}

async function observationsOfEach(
  context: Context,
  set: ListedSet,
  of: { entities: readonly Entity[]; name: string; options: Options },
): Promise<Shown[]> {
  const { entities, name, options } = of;
  const top = Math.min(options.top ?? pageSizes.preset, pageSizes.most);
  const each = entities.map(({ id }) => datastreamsOf(context, set, id));
  const single = each.every((one) => one.length <= 1);
  const together = single
    ? await pagesOfMany(context.seen, { datastreams: each.flat(), options, top })
    : null;
  const shown: Shown[] = [];
  for (const [at, datastreams] of each.entries()) {
    const page =
      together?.get(datastreams[0]?.id ?? 0) ??
      (together === null
        ? await observationPage({ ...context, datastreams, options, top })
        : { rows: [], count: null, next: null });
    spend(context, page.rows.length);
    const members: Shown = { [name]: await shownObservations(context, page.rows, options) };
    if (page.count !== null) members[`${name}@iot.count`] = page.count;
    if (page.next !== null) {
      const link = `${context.root}/${set}(${entities[at]?.id ?? 0})/${name}`;
      members[`${name}@iot.nextLink`] = `${link}?${nestedQuery(options, nextOptions(page.next))}`;
    }
    shown.push(members);
  }
  return shown;
}

export const nextOptions = (next: NonNullable<ObservationPage['next']>): Record<string, string> =>
  'skip' in next ? { $skip: String(next.skip) } : { $skiptoken: next.skipToken };

/** Observations with their relations: each datastream and feature is written once and shared. */
export async function shownObservations(
  context: Context,
  rows: readonly Observation[],
  options: Options,
): Promise<Shown[]> {
  const shown = rows.map((row) =>
    shownEntity(
      context,
      { set: 'Observations', id: observationId(row), body: observationBody(row) },
      options,
    ),
  );
  for (const [name, inner] of options.expand) {
    const to = name === 'Datastream' ? 'Datastreams' : 'FeaturesOfInterest';
    const idOf = (row: Observation): number =>
      name === 'Datastream' ? row.datastream.id : row.datastream.thing;
    const ids = [...new Set(rows.map(idOf))];
    const all = await shownEntities(context, to, { ids, options: inner });
    const byId = new Map(ids.map((id, at) => [id, all[at]]));
    for (const [at, row] of rows.entries())
      Object.assign(shown[at] ?? {}, { [name]: byId.get(idOf(row)) ?? null });
  }
  return shown;
}

/** Ids of one page of a listed set: filtered, counted, ordered, cut, in this order (9.3.1). */
export function pageOfIds(
  { catalogue, seen }: Context,
  set: ListedSet,
  of: { ids: Iterable<number>; options: Options },
): { ids: number[]; count: number | null; nextSkip: number | null } {
  const { options } = of;
  const { filter } = options;
  const nowMs = seen.audience.nowS * 1000;
  const found = [...of.ids].filter(
    (id) =>
      catalogue.sets[set].has(id) && (filter === null || holds(filter, readerOf(set, id, catalogue), nowMs)),
  );
  found.sort((a, b) => {
    for (const { segments, descending } of options.orderBy) {
      const order = orderOf(readerOf(set, a, catalogue)(segments), readerOf(set, b, catalogue)(segments));
      if (order !== 0) return descending ? -order : order;
    }
    return a - b;
  });
  const top = topOf(options);
  const end = options.skip + top;
  return {
    ids: found.slice(options.skip, end),
    count: options.count ? found.length : null,
    // Whoever asks for nothing has all of it; a link would lead to itself.
    nextSkip: top > 0 && found.length > end ? end : null,
  };
}
