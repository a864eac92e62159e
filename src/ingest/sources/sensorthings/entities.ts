import { isRecord, plainText } from '../reply.ts';

/** What is known of where an Observation belongs, gathered on the way down to it. */
export interface Surroundings {
  thing: { id: string; name: string; properties: Record<string, unknown> } | null;
  lon: number | null;
  lat: number | null;
  datastream: { id: string; name: string; unit: string | null } | null;
  observedProperty: { name: string; definition: string } | null;
}

export const nowhere: Surroundings = {
  thing: null,
  lon: null,
  lat: null,
  datastream: null,
  observedProperty: null,
};

const idOf = (entity: Record<string, unknown>): string => plainText(entity['@iot.id'] ?? entity['id']);

/** Adds what an entity and its expanded relations to one say. */
export function around(entity: Record<string, unknown>, outer: Surroundings): Surroundings {
  let inner = outer;
  if (Array.isArray(entity['Datastreams'])) inner = withThing(entity, inner);
  if (isRecord(entity['Thing'])) inner = withThing(entity['Thing'], inner);
  if (isRecord(entity['unitOfMeasurement']) || Array.isArray(entity['Observations']))
    inner = withDatastream(entity, inner);
  if (isRecord(entity['Datastream']))
    inner = withDatastream(entity['Datastream'], around(entity['Datastream'], inner));
  return inner;
}

function withThing(thing: Record<string, unknown>, outer: Surroundings): Surroundings {
  const locations = Array.isArray(thing['Locations']) ? thing['Locations'] : [];
  const [lon, lat] = locations.map(pointOf).find((point) => point !== null) ?? [outer.lon, outer.lat];
  const properties = isRecord(thing['properties']) ? thing['properties'] : {};
  return { ...outer, lon, lat, thing: { id: idOf(thing), name: plainText(thing['name']), properties } };
}

function pointOf(location: unknown): [number, number] | null {
  const geometry = isRecord(location) && isRecord(location['location']) ? location['location'] : {};
  const point = isRecord(geometry['geometry']) ? geometry['geometry'] : geometry;
  const pair = point['coordinates'];
  if (!Array.isArray(pair) || typeof pair[0] !== 'number' || typeof pair[1] !== 'number') return null;
  return [pair[0], pair[1]];
}

function withDatastream(datastream: Record<string, unknown>, outer: Surroundings): Surroundings {
  const unit = isRecord(datastream['unitOfMeasurement'])
    ? plainText(datastream['unitOfMeasurement']['symbol'])
    : null;
  const property = isRecord(datastream['ObservedProperty']) ? datastream['ObservedProperty'] : null;
  return {
    ...outer,
    datastream: { id: idOf(datastream), name: plainText(datastream['name']), unit },
    observedProperty:
      property === null
        ? outer.observedProperty
        : { name: plainText(property['name']), definition: plainText(property['definition']) },
  };
}

/** Key of a Thing by the setting; empty where it has no such member. */
export function stationKeyOf(thing: NonNullable<Surroundings['thing']>, setting: string): string {
  if (setting === 'id') return thing.id;
  if (setting === 'name') return thing.name;
  return plainText(thing.properties[setting.slice('properties.'.length)]);
}
