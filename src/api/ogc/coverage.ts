import type { Config } from '../../domain/config/config.ts';
import type { SeriesColumns } from '../../domain/ports.ts';
import { intervals, parametersById } from '../readings/reading-shapes.ts';
import { registry } from '../region/stations-view.ts';

const ucum = 'http://www.opengis.net/def/uom/UCUM/';

export type ParameterForm = 'edr' | 'covjson';

/** A parameter as EDR metadata (plain labels) or as CoverageJSON (labels by language). */
export function parameterOf(config: Config, id: string, form: ParameterForm): Record<string, unknown> {
  const parameter = parametersById(config).get(id);
  const zh = parameter?.name.zh ?? id;
  const en = parameter?.name.en ?? id;
  const label = form === 'edr' ? `${zh} · ${en}` : { zh, en };
  const observed = `urn:jiehe:parameter:${id}`;
  const symbol = parameter?.ucum ?? parameter?.unit ?? null;
  return {
    type: 'Parameter',
    ...(form === 'edr' ? { label } : {}),
    description: label,
    ...(symbol === null ? {} : { unit: { label, symbol: { value: symbol, type: ucum } } }),
    observedProperty: { id: observed, label },
  };
}

const referencing = [
  {
    coordinates: ['x', 'y'],
    system: { type: 'GeographicCRS', id: 'http://www.opengis.net/def/crs/OGC/1.3/CRS84' },
  },
  { coordinates: ['t'], system: { type: 'TemporalRS', calendar: 'Gregorian' } },
];

/** Series of one station as a PointSeries with explicit times: the end of each interval; null where a factor has no value then. */
function coverageOf(
  config: Config,
  all: readonly SeriesColumns[],
  withParameters: boolean,
): Record<string, unknown> {
  const [first] = all;
  const { timeZone } = config.region;
  const position = registry(config).get(first?.key.station ?? '')?.station.position ?? null;
  const ends = all.map(({ key, timeS }) =>
    Array.from(timeS, (keyS) => intervals(key.averaging, timeZone)(keyS).endS),
  );
  const times = [...new Set(ends.flat())].toSorted((a, b) => a - b);
  const at = new Map(times.map((endS, index) => [endS, index]));
  const ranges = all.map((columns, series) => {
    const values: (number | null)[] = Array.from({ length: times.length }, () => null);
    for (const [row, value] of columns.value.entries()) {
      const index = at.get(ends[series]?.[row] ?? Number.NaN);
      if (index !== undefined) values[index] = Number.isNaN(value) ? null : value;
    }
    const range = { type: 'NdArray', dataType: 'float', axisNames: ['t'], shape: [times.length], values };
    return [columns.key.parameter, range] as const;
  });
  const parameters = all.map(
    ({ key }) => [key.parameter, parameterOf(config, key.parameter, 'covjson')] as const,
  );
  return {
    type: 'Coverage',
    id: `${first?.key.station ?? ''}:${first?.key.provider ?? ''}`,
    domain: {
      type: 'Domain',
      domainType: 'PointSeries',
      axes: {
        x: { values: [position?.lon ?? null] },
        y: { values: [position?.lat ?? null] },
        t: { values: times.map((endS) => new Date(endS * 1000).toISOString()) },
      },
      referencing,
    },
    ...(withParameters ? { parameters: Object.fromEntries(parameters) } : {}),
    ranges: Object.fromEntries(ranges),
  };
}

/** One coverage for each station and provider; a collection where there are several. */
export function coverages(config: Config, all: readonly SeriesColumns[]): Record<string, unknown> {
  const groups = new Map<string, SeriesColumns[]>();
  for (const columns of all) {
    const name = `${columns.key.station}\n${columns.key.provider}`;
    groups.set(name, [...(groups.get(name) ?? []), columns]);
  }
  const each = [...groups.values()];
  if (each.length === 1) return coverageOf(config, each[0] ?? [], true);
  const names = [...new Set(all.map(({ key }) => key.parameter))];
  return {
    type: 'CoverageCollection',
    domainType: 'PointSeries',
    parameters: Object.fromEntries(names.map((id) => [id, parameterOf(config, id, 'covjson')])),
    referencing,
    coverages: each.map((group) => coverageOf(config, group, false)),
  };
}
