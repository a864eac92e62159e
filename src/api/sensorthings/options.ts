import { badQuery, notSupported } from './faults.ts';
import { parseFilter, pathsOf, type Expression } from './filter.ts';
import { properties, relations, type SetName } from './model.ts';

export interface Order {
  segments: string[];
  descending: boolean;
}

/** Query options of one collection or entity; those of its expanded relations stand within. */
export interface Options {
  filter: Expression | null;
  /** As it was sent, for links. */
  filterText: string | null;
  count: boolean;
  orderBy: Order[];
  skip: number;
  top: number | null;
  /** Null: everything. */
  select: string[] | null;
  expand: Map<string, Options>;
  format: 'json' | 'dataArray';
  /** Where a page of observations goes on. */
  skipToken: string | null;
}

export const noOptions = (): Options => ({
  filter: null,
  filterText: null,
  count: false,
  orderBy: [],
  skip: 0,
  top: null,
  select: null,
  expand: new Map(),
  format: 'json',
  skipToken: null,
});

const deepestExpand = 3;

/** Splits at a separator outside of parentheses and quotes. */
function split(text: string, separator: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let quoted = false;
  let from = 0;
  for (let at = 0; at < text.length; at++) {
    const letter = text[at];
    if (letter === "'") quoted = !quoted;
    else if (!quoted && letter === '(') depth += 1;
    else if (!quoted && letter === ')') depth -= 1;
    else if (!quoted && depth === 0 && letter === separator) {
      parts.push(text.slice(from, at));
      from = at + 1;
    }
  }
  parts.push(text.slice(from));
  return parts.map((part) => part.trim());
}

function wholeNumber(option: string, text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw badQuery(option, null, 'a whole number from 0');
  return Number(text);
}

function orderOf(text: string, set: SetName): Order[] {
  return split(text, ',').map((part) => {
    const [path = '', direction = 'asc', more] = part.split(/\s+/);
    if (more !== undefined || !['asc', 'desc'].includes(direction))
      throw badQuery('$orderby', null, 'a property, then asc or desc');
    const segments = path.split('/');
    checkPath('$orderby', segments, set);
    checkSingle(segments, set);
    return { segments, descending: direction === 'desc' };
  });
}

const idNames = ['id', '@iot.id'];

/** That a path begins at a property or relation of the set, and goes on through relations. Throws E_BAD_REQUEST. */
export function checkPath(option: string, segments: readonly string[], set: SetName): void {
  const [first = '', ...rest] = segments;
  const relation = relations[set][first];
  if (relation !== undefined && rest.length > 0) {
    checkPath(option, rest, relation.to);
    return;
  }
  if (properties[set].includes(first) || (idNames.includes(first) && rest.length === 0)) return;
  const known = ['id', ...properties[set], ...Object.keys(relations[set]).map((name) => `${name}/…`)];
  throw badQuery(
    option,
    null,
    `a path that begins with one of ${known.join(', ')}; not "${segments.join('/')}"`,
  );
}

/** An order needs one value for each entity. Throws E_BAD_REQUEST for a path through a relation to many. */
function checkSingle([first = '', ...rest]: readonly string[], set: SetName): void {
  const relation = relations[set][first];
  if (relation === undefined) return;
  if (relation.many) throw badQuery('$orderby', null, `a path over relations to one; ${first} are many`);
  checkSingle(rest, relation.to);
}

/** Whether a path leads to a time of datastreams. */
function isDatastreamTime([first = '', ...rest]: readonly string[], set: SetName): boolean {
  const relation = relations[set][first];
  if (relation !== undefined) return isDatastreamTime(rest, relation.to);
  return set === 'Datastreams' && (first === 'phenomenonTime' || first === 'resultTime');
}

/** Whether options filter or order by the times of datastreams, which only the store knows; also deeper within. */
export function needsTimes({ filter, orderBy, expand }: Options, set: SetName): boolean {
  const paths = [
    ...(filter === null ? [] : pathsOf(filter)),
    ...orderBy.map(({ segments }): readonly string[] => segments),
  ];
  return (
    paths.some((path) => isDatastreamTime(path, set)) ||
    [...expand].some(([name, inner]) => needsTimes(inner, relations[set][name]!.to))
  );
}

function selectOf(text: string, set: SetName): string[] {
  const known = [...idNames, ...properties[set], ...Object.keys(relations[set])];
  const names = split(text, ',');
  for (const name of names)
    if (!known.includes(name)) throw badQuery('$select', null, `one of ${known.join(', ')}; not "${name}"`);
  return names.map((name) => (name === 'id' ? '@iot.id' : name));
}

/** `Datastreams($select=name;$expand=Observations($top=1)),Locations` and the short form `Datastreams/ObservedProperty`. */
function expandOf(text: string, set: SetName, depth: number): Map<string, Options> {
  if (depth > deepestExpand) throw badQuery('$expand', null, `at most ${deepestExpand} levels`);
  const expand = new Map<string, Options>();
  for (const item of split(text, ',')) {
    const match = /^([A-Za-z]+)((?:\/[A-Za-z]+)*)(?:\((.*)\))?$/s.exec(item);
    const [, name = '', deeper = '', nested] = match ?? [];
    const relation = relations[set][name];
    if (relation === undefined)
      throw badQuery('$expand', null, `one of ${Object.keys(relations[set]).join(', ')}; not "${item}"`);
    const known = expand.get(name) ?? noOptions();
    if (deeper !== '') {
      const inner = `${deeper.slice(1)}${nested === undefined ? '' : `(${nested})`}`;
      for (const [path, options] of expandOf(inner, relation.to, depth + 1)) known.expand.set(path, options);
      expand.set(name, known);
    } else {
      const given = nested === undefined ? [] : split(nested, ';').map((option) => pairOf(option));
      const options = parseOptions(given, relation.to, depth + 1);
      for (const [path, inner] of known.expand) options.expand.set(path, inner);
      expand.set(name, options);
    }
  }
  return expand;
}

function pairOf(option: string): [string, string] {
  const at = option.indexOf('=');
  return at < 0 ? [option, ''] : [option.slice(0, at).trim(), option.slice(at + 1).trim()];
}

function filterOf(text: string, set: SetName): Expression {
  const filter = parseFilter(text);
  for (const path of pathsOf(filter)) checkPath('$filter', path, set);
  return filter;
}

/** Options of a query, each at most once. Throws E_BAD_REQUEST for one that is unknown, doubled or malformed. */
export function parseOptions(pairs: Iterable<readonly [string, string]>, set: SetName, depth = 0): Options {
  const options = noOptions();
  const seen = new Set<string>();
  for (const [name, text] of pairs) {
    if (depth > 0 && (name === '$resultFormat' || name === '$skiptoken'))
      throw badQuery('$expand', null, `options of a collection within another; not "${name}"`);
    if (seen.has(name)) throw badQuery(name, null, 'each option once');
    seen.add(name);
    switch (name) {
      case '$filter':
        options.filter = filterOf(text, set);
        options.filterText = text;
        break;
      case '$count':
        if (text !== 'true' && text !== 'false') throw badQuery(name, null, 'true or false');
        options.count = text === 'true';
        break;
      case '$orderby':
        options.orderBy = orderOf(text, set);
        break;
      case '$skip':
        options.skip = wholeNumber(name, text);
        break;
      case '$top':
        options.top = wholeNumber(name, text);
        break;
      case '$select':
        options.select = selectOf(text, set);
        break;
      case '$expand':
        options.expand = expandOf(text, set, depth + 1);
        break;
      case '$resultFormat':
        options.format = formatOf(text, set);
        break;
      case '$skiptoken':
        options.skipToken = text;
        break;
      default:
        throw badQuery(
          name,
          null,
          'one of $filter, $count, $orderby, $skip, $top, $select, $expand, $resultFormat',
        );
    }
  }
  if (options.format === 'dataArray' && options.expand.size > 0)
    throw notSupported('$expand with $resultFormat=dataArray');
  return options;
}

function formatOf(text: string, set: SetName): Options['format'] {
  if (text === 'json' || (text === 'dataArray' && set === 'Observations')) return text;
  throw badQuery('$resultFormat', null, 'json, or dataArray on Observations');
}
