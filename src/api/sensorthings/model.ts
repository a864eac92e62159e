/** Sets and relations of SensorThings 1.1, part 1, 8.2, as far as this service has them: all but MultiDatastreams. */
export const setNames = [
  'Things',
  'Locations',
  'HistoricalLocations',
  'Datastreams',
  'Sensors',
  'ObservedProperties',
  'Observations',
  'FeaturesOfInterest',
] as const;
export type SetName = (typeof setNames)[number];

export interface Relation {
  to: SetName;
  many: boolean;
}

const one = (to: SetName): Relation => ({ to, many: false });
const many = (to: SetName): Relation => ({ to, many: true });

/** Relations of each set by the name that stands in paths, `$expand` and navigation links. */
export const relations: Readonly<Record<SetName, Readonly<Record<string, Relation>>>> = {
  Things: {
    Locations: many('Locations'),
    HistoricalLocations: many('HistoricalLocations'),
    Datastreams: many('Datastreams'),
  },
  Locations: { Things: many('Things'), HistoricalLocations: many('HistoricalLocations') },
  HistoricalLocations: { Thing: one('Things'), Locations: many('Locations') },
  Datastreams: {
    Thing: one('Things'),
    Sensor: one('Sensors'),
    ObservedProperty: one('ObservedProperties'),
    Observations: many('Observations'),
  },
  Sensors: { Datastreams: many('Datastreams') },
  ObservedProperties: { Datastreams: many('Datastreams') },
  Observations: { Datastream: one('Datastreams'), FeatureOfInterest: one('FeaturesOfInterest') },
  FeaturesOfInterest: { Observations: many('Observations') },
};

/** Properties of each set; objects among them can be followed by a path. */
export const properties: Readonly<Record<SetName, readonly string[]>> = {
  Things: ['name', 'description', 'properties'],
  Locations: ['name', 'description', 'encodingType', 'location', 'properties'],
  HistoricalLocations: ['time'],
  Datastreams: [
    'name',
    'description',
    'unitOfMeasurement',
    'observationType',
    'observedArea',
    'phenomenonTime',
    'resultTime',
    'properties',
  ],
  Sensors: ['name', 'description', 'encodingType', 'metadata', 'properties'],
  ObservedProperties: ['name', 'definition', 'description', 'properties'],
  Observations: ['phenomenonTime', 'result', 'resultTime', 'resultQuality', 'validTime', 'parameters'],
  FeaturesOfInterest: ['name', 'description', 'encodingType', 'feature', 'properties'],
};

export const isSetName = (text: string): text is SetName => setNames.some((name) => name === text);
