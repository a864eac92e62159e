import type { AveragingId } from '../../../domain/time.ts';
import type { AirColumn } from '../air-rows.ts';

/** A column by its name in the list of stations and in the plain table. */
interface CountyColumn extends AirColumn {
  plain: string;
}

const of = (archive: string, plain: string, parameter: string, averaging: AveragingId): CountyColumn => ({
  archive,
  plain,
  series: { parameter, averaging },
});

/** Every variant has these. */
const hours: readonly CountyColumn[] = [
  of('PM10', 'PM₁₀', 'pm10', 'PT1H'),
  of('PM25', 'PM₂.₅', 'pm25', 'PT1H'),
  of('SO2', 'SO₂', 'so2', 'PT1H'),
  of('NO2', 'NO₂', 'no2', 'PT1H'),
  of('O3', 'O₃', 'o3', 'PT1H'),
  of('CO', 'CO', 'co', 'PT1H'),
];

/** The short variant lacks them. */
const means: readonly CountyColumn[] = [
  of('O3H8', 'O₃-8h', 'o3', 'PT8H-sliding'),
  of('PM10H24', 'PM₁₀-24h', 'pm10', 'PT24H-sliding'),
  of('PM25H24', 'PM₂.₅-24h', 'pm25', 'PT24H-sliding'),
];

/** How one of the three variants names its fields. */
export interface Variant {
  columns: readonly AirColumn[];
  /** Name of each column, in their order. */
  names: readonly string[];
  /** Field of the code that is the station's key; absent: city and name are. */
  code: string | null;
  name: string;
  city: string;
  primary: string | null;
}

const listed = { code: 'sitecode', name: 'sitename', city: 'districtname', primary: 'SYWRW' };
const byArchive = (columns: readonly CountyColumn[]): readonly string[] => columns.map((one) => one.archive);
const all = [...hours, ...means];

export const variants: readonly Variant[] = [
  { columns: all, names: byArchive(all), ...listed },
  { columns: hours, names: byArchive(hours), ...listed },
  { columns: all, names: all.map((one) => one.plain), code: null, name: 'site', city: 'city', primary: null },
];

/** The variant of these fields; null where they are those of none. */
export function variantOf(fields: readonly string[]): Variant | null {
  const has = new Set(fields);
  return variants.find((variant) => needed(variant).every((field) => has.has(field))) ?? null;
}

export const needed = ({ names, code, name, city, primary }: Variant): string[] =>
  [...names, code, name, city, primary, 'AQI', 'time'].filter((field) => field !== null);

const besides = new Set([
  'capture_hour',
  'row',
  'sort',
  'regioncode',
  'districtcode',
  'latitude',
  'longitude',
]);

/** Colours and levels follow from the values and are not read. */
export const isKnown = (header: string): boolean =>
  besides.has(header) ||
  /^(AQI|PM10|PM25|SO2|NO2|O3|CO|O3H8|PM10H24|PM25H24)_(level|color)$/.test(header) ||
  variants.some((variant) => needed(variant).includes(header));
