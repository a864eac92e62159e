import type { Catalogue, ListedSet } from './catalogue.ts';
import type { Reader } from './evaluate.ts';
import { notSupported } from './faults.ts';
import { relations } from './model.ts';
import { valueOf, type Value } from './values.ts';

function under(property: unknown, segments: readonly string[]): Value {
  let at = property;
  for (const segment of segments) {
    if (typeof at !== 'object' || at === null) return null;
    at = Object.entries(at).find(([name]) => name === segment)?.[1];
  }
  return valueOf(at);
}

/** Reads paths of an entity of the catalogue, through relations and into objects. */
export function readerOf(set: ListedSet, id: number, catalogue: Catalogue): Reader {
  return (segments) => {
    const [first = '', ...rest] = segments;
    if (first === 'id' || first === '@iot.id') return [id];
    const entity = catalogue.sets[set].get(id);
    const relation = relations[set][first];
    if (relation === undefined) return [under(entity?.body[first], rest)];
    const { to } = relation;
    if (to === 'Observations')
      throw notSupported('a filter or order over the observations of other entities');
    return (entity?.related[first] ?? []).flatMap((other) => readerOf(to, other, catalogue)(rest));
  };
}
