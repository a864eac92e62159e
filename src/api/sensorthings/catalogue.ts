import type { Config } from '../../domain/config/config.ts';
import type { Parameter } from '../../domain/config/parameter.ts';
import type { AirStation, FlowStation, Section } from '../../domain/config/region.ts';
import type { PublicId } from '../../domain/public-ids.ts';
import type { EpochS } from '../../domain/time.ts';
import type { Seen } from '../auth/seen-by.ts';
import { seriesName, type ListedSeries, type PublicIds, type SeriesList } from '../readings/series-list.ts';
import { parametersById } from '../readings/reading-shapes.ts';
import { registry } from '../region/stations-view.ts';
import type { SetName } from './model.ts';

/** Every set but Observations, which are read from the store. */
export type ListedSet = Exclude<SetName, 'Observations'>;

export interface Entity {
  id: number;
  body: Readonly<Record<string, unknown>>;
  /** Ids of related entities by relation; Observations are found through their series. */
  related: Readonly<Record<string, readonly number[]>>;
}

export type ListedDatastream = ListedSeries & { id: number; thing: number; unit: string | null };

export interface Catalogue {
  sets: Readonly<Record<ListedSet, ReadonlyMap<number, Entity>>>;
  datastreams: ReadonlyMap<number, ListedDatastream>;
}

type Station = Section | AirStation | FlowStation;

interface Ids {
  station: ReadonlyMap<string, PublicId>;
  series: ReadonlyMap<string, PublicId>;
  sensor: ReadonlyMap<string, PublicId>;
  parameter: ReadonlyMap<string, PublicId>;
}

const geojson = 'application/geo+json';
const sensorKey = ({ key }: ListedSeries): string => key.provider;

/** What of the listed series this reader sees. */
function shownSeries(all: readonly ListedSeries[], seen: Seen): ListedSeries[] {
  return all.filter(({ key }) => {
    const { raw, reviewed } = seen.audience.sees(key);
    return raw !== null || reviewed !== null;
  });
}

function pointOf(station: Station): object | null {
  const { position } = station;
  return position === null ? null : { type: 'Point', coordinates: [position.lon, position.lat] };
}

const isoMs = (atS: EpochS): string => new Date(atS * 1000).toISOString();

/** Stations with a position come first, so that the first entity of each set has all of its relations. */
async function idsOf(shown: readonly ListedSeries[], seen: Seen, publicIds: PublicIds): Promise<Ids> {
  const stations = registry(seen.config());
  const placed = (id: string): number => (stations.get(id)?.station.position === null ? 1 : 0);
  const inOrder = shown.toSorted((a, b) => placed(a.key.station) - placed(b.key.station));
  const names = (of: (series: ListedSeries) => string): string[] => [...new Set(inOrder.map(of))];
  return {
    station: await publicIds.of(
      'station',
      names(({ key }) => key.station),
    ),
    series: await publicIds.of(
      'series',
      names(({ key }) => seriesName(key)),
    ),
    sensor: await publicIds.of('sensor', names(sensorKey)),
    parameter: await publicIds.of(
      'parameter',
      names(({ key }) => key.parameter),
    ),
  };
}

const need = (ids: ReadonlyMap<string, PublicId>, key: string): PublicId => ids.get(key) ?? { id: 0, atS: 0 };

function thingsOf(
  stations: readonly Station[],
  ids: Ids,
  datastreams: readonly ListedDatastream[],
): Pick<Catalogue['sets'], 'Things' | 'Locations' | 'HistoricalLocations' | 'FeaturesOfInterest'> {
  const things = new Map<number, Entity>();
  const locations = new Map<number, Entity>();
  const histories = new Map<number, Entity>();
  const features = new Map<number, Entity>();
  const ofThing = Map.groupBy(datastreams, ({ thing }) => thing);
  for (const station of stations) {
    const { id, atS } = need(ids.station, station.id);
    const point = pointOf(station);
    const name = station.name.zh;
    const description = station.name.en;
    const place = point === null ? [] : [id];
    const own = (ofThing.get(id) ?? []).map((one) => one.id);
    const facts = { station: station.id, nameEn: station.name.en, locatedIn: station.locatedIn };
    things.set(id, {
      id,
      body: { name, description, properties: facts },
      related: { Locations: place, HistoricalLocations: place, Datastreams: own },
    });
    const uncertainty = { uncertaintyKm: station.position?.uncertaintyKm ?? null };
    const feature = { type: 'Feature', geometry: point, properties: { station: station.id, ...uncertainty } };
    const sampled = { name, description, encodingType: geojson, feature, properties: facts };
    features.set(id, { id, body: sampled, related: {} });
    if (point === null) continue;
    const located = { name, description, encodingType: geojson, location: point, properties: uncertainty };
    locations.set(id, { id, body: located, related: { Things: [id], HistoricalLocations: [id] } });
    // Since when this system has shown the station at this place.
    histories.set(id, { id, body: { time: isoMs(atS) }, related: { Thing: [id], Locations: [id] } });
  }
  return {
    Things: things,
    Locations: locations,
    HistoricalLocations: histories,
    FeaturesOfInterest: features,
  };
}

function unitOf(parameter: Parameter | undefined): object {
  const { unit = null, ucum = null } = parameter ?? {};
  const definition = ucum === null ? null : `http://www.opengis.net/def/uom/UCUM/${encodeURIComponent(ucum)}`;
  return { name: unit, symbol: unit, definition };
}

interface Named {
  stations: ReturnType<typeof registry>;
  parameters: ReadonlyMap<string, Parameter>;
}

function datastreamOf(one: ListedDatastream, { stations, parameters }: Named, ids: Ids): Entity {
  const { key } = one;
  const station = stations.get(key.station)?.station;
  const parameter = parameters.get(key.parameter);
  const point = station === undefined ? null : pointOf(station);
  return {
    id: one.id,
    body: {
      name: `${station?.name.zh ?? key.station} ${parameter?.name.zh ?? key.parameter} ${key.averaging}`,
      description: `${station?.name.en ?? key.station}: ${parameter?.name.en ?? key.parameter}, ${key.averaging}, ${key.provider}`,
      unitOfMeasurement: unitOf(parameter),
      observationType: 'http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement',
      ...(point === null ? {} : { observedArea: point }),
      properties: { ...key },
    },
    related: {
      Thing: [one.thing],
      Sensor: [need(ids.sensor, key.provider).id],
      ObservedProperty: [need(ids.parameter, key.parameter).id],
    },
  };
}

function sensorsOf(datastreams: readonly ListedDatastream[], config: Config, ids: Ids): Map<number, Entity> {
  const sensors = new Map<number, Entity>();
  for (const provider of new Set(datastreams.map(({ key }) => key.provider))) {
    const { id } = need(ids.sensor, provider);
    const sources = config.sources.filter((source) => source.provider === provider);
    const [source] = sources;
    const body = {
      name: source?.name.zh ?? provider,
      description: source?.name.en ?? `provider ${provider}`,
      encodingType: 'text/html',
      metadata: source?.url === undefined ? provider : new URL(source.url).origin,
      properties: { provider, licences: sources.map(({ licence }) => licence) },
    };
    const own = datastreams.filter(({ key }) => key.provider === provider).map((one) => one.id);
    sensors.set(id, { id, body, related: { Datastreams: own } });
  }
  return sensors;
}

function observedOf(datastreams: readonly ListedDatastream[], config: Config, ids: Ids): Map<number, Entity> {
  const observed = new Map<number, Entity>();
  for (const name of new Set(datastreams.map(({ key }) => key.parameter))) {
    const { id } = need(ids.parameter, name);
    const parameter = config.parameters.find((one) => one.id === name);
    const body = {
      name: parameter?.name.zh ?? name,
      definition: `urn:jiehe:parameter:${name}`,
      description: parameter?.name.en ?? name,
      properties: { parameter: name, medium: parameter?.medium ?? null, hj525: parameter?.hj525 ?? [] },
    };
    const own = datastreams.filter(({ key }) => key.parameter === name).map((one) => one.id);
    observed.set(id, { id, body, related: { Datastreams: own } });
  }
  return observed;
}

const inOrderOfId = <T>(map: ReadonlyMap<number, T>): Map<number, T> =>
  new Map([...map].toSorted(([a], [b]) => a - b));

async function build(seen: Seen, list: SeriesList, publicIds: PublicIds): Promise<Catalogue> {
  const config = seen.config();
  const shown = shownSeries(await list.all(), seen);
  const ids = await idsOf(shown, seen, publicIds);
  const named = { stations: registry(config), parameters: parametersById(config) };
  const datastreams = shown.map((series) => ({
    ...series,
    id: need(ids.series, seriesName(series.key)).id,
    thing: need(ids.station, series.key.station).id,
    unit: named.parameters.get(series.key.parameter)?.unit ?? null,
  }));
  const reported = new Set(shown.map(({ key }) => key.station));
  const stations = [...named.stations.values()]
    .map(({ station }) => station)
    .filter(({ id }) => reported.has(id));
  const { Things, Locations, HistoricalLocations, FeaturesOfInterest } = thingsOf(stations, ids, datastreams);
  const entities = new Map(datastreams.map((one) => [one.id, datastreamOf(one, named, ids)]));
  return {
    sets: {
      Things: inOrderOfId(Things),
      Locations: inOrderOfId(Locations),
      HistoricalLocations: inOrderOfId(HistoricalLocations),
      Datastreams: inOrderOfId(entities),
      Sensors: inOrderOfId(sensorsOf(datastreams, config, ids)),
      ObservedProperties: inOrderOfId(observedOf(datastreams, config, ids)),
      FeaturesOfInterest: inOrderOfId(FeaturesOfInterest),
    },
    datastreams: inOrderOfId(new Map(datastreams.map((one) => [one.id, one]))),
  };
}

const mostKept = 16;

/** Catalogues by circle of readers, each made once for a list of series and a configuration. */
export class Catalogues {
  readonly #list: SeriesList;
  readonly #publicIds: PublicIds;
  readonly #kept = new Map<string, { of: readonly ListedSeries[]; catalogue: Promise<Catalogue> }>();

  constructor(list: SeriesList, publicIds: PublicIds) {
    this.#list = list;
    this.#publicIds = publicIds;
  }

  async for(seen: Seen): Promise<Catalogue> {
    const all = await this.#list.all();
    const circle = `${seen.config().hash} ${seen.audience.name}`;
    const kept = this.#kept.get(circle);
    if (kept?.of === all) return kept.catalogue;
    const catalogue = build(seen, this.#list, this.#publicIds);
    const oldest = this.#kept.keys().next().value;
    if (this.#kept.size >= mostKept && oldest !== undefined) this.#kept.delete(oldest);
    this.#kept.set(circle, { of: all, catalogue });
    catalogue.catch(() => this.#kept.delete(circle));
    return catalogue;
  }
}
