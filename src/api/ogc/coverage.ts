import { isValid } from '../../domain/flags.ts';
import type { Config } from '../../domain/config/config.ts';
import type { SeriesColumns } from '../../domain/ports.ts';
import { flagsOf, intervals, parametersById } from '../readings/reading-shapes.ts';
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
  const unitText = parameter?.unit ?? symbol;
  const unitLabel = form === 'edr' ? unitText : { zh: unitText, en: unitText };
  return {
    type: 'Parameter',
    ...(form === 'edr' ? { label } : {}),
    description: label,
    ...(symbol === null ? {} : { unit: { label: unitLabel, symbol: { value: symbol, type: ucum } } }),
    observedProperty: { id: observed, label },
  };
}

const times = { coordinates: ['t'], system: { type: 'TemporalRS', calendar: 'Gregorian' } };
const referencing = [
  {
    coordinates: ['x', 'y'],
    system: { type: 'GeographicCRS', id: 'http://www.opengis.net/def/crs/OGC/1.3/CRS84' },
  },
  times,
];

/** Name of the range that tells which values of a parameter may be used. */
const validityOf = (parameter: string): string => `${parameter}-validity`;

function validityParameter(config: Config, id: string): Record<string, unknown> {
  const { zh, en } = parametersById(config).get(id)?.name ?? { zh: id, en: id };
  const label = { zh: `${zh}：数据有效性`, en: `${en}: validity` };
  return {
    type: 'Parameter',
    description: label,
    observedProperty: { id: 'urn:jiehe:validity', label },
  };
}

/** Parameters of series, each with its validity where not all of its values are valid: those may not be judged. */
function parametersOf(config: Config, all: readonly SeriesColumns[]): Record<string, unknown> {
  const entries = all.flatMap(({ key, flags }) => {
    const own = [key.parameter, parameterOf(config, key.parameter, 'covjson')] as const;
    const validity = [validityOf(key.parameter), validityParameter(config, key.parameter)] as const;
    return allValid(flags) ? [own] : [own, validity];
  });
  return Object.fromEntries(entries);
}

const allValid = (flags: SeriesColumns['flags']): boolean => flags.every(isValid);

/** Where a station without a known position has its values: in time only, as the standard has no unknown coordinate. */
function domainOf(position: { lon: number; lat: number } | null, endsS: readonly number[]): object {
  const t = { values: endsS.map((endS) => new Date(endS * 1000).toISOString()) };
  if (position === null) return { type: 'Domain', axes: { t }, referencing: [times] };
  const axes = { x: { values: [position.lon] }, y: { values: [position.lat] }, t };
  return { type: 'Domain', domainType: 'PointSeries', axes, referencing };
}

/** Series of one station with explicit times: the end of each interval; null where a factor has no value then. */
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
  const endsS = [...new Set(ends.flat())].toSorted((a, b) => a - b);
  const at = new Map(endsS.map((endS, index) => [endS, index]));
  const range = (dataType: string, series: number, of: (row: number) => number | string | null): object => {
    const values: (number | string | null)[] = Array.from({ length: endsS.length }, () => null);
    for (const [row, endS] of (ends[series] ?? []).entries()) values[at.get(endS) ?? 0] = of(row);
    return { type: 'NdArray', dataType, axisNames: ['t'], shape: [endsS.length], values };
  };
  const ranges = all.flatMap(({ key, value, flags }, series) => {
    const shown = (row: number): number | null => (Number.isNaN(value[row]) ? null : (value[row] ?? null));
    const own = [key.parameter, range('float', series, shown)] as const;
    const validity = (row: number): string | null =>
      shown(row) === null ? null : flagsOf(flags[row] ?? 0).validity;
    return allValid(flags)
      ? [own]
      : [own, [validityOf(key.parameter), range('string', series, validity)] as const];
  });
  return {
    type: 'Coverage',
    id: `${first?.key.station ?? ''}:${first?.key.provider ?? ''}`,
    domain: domainOf(position, endsS),
    ...(withParameters ? { parameters: parametersOf(config, all) } : {}),
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
  return {
    type: 'CoverageCollection',
    parameters: parametersOf(config, all),
    coverages: each.map((group) => coverageOf(config, group, false)),
  };
}
