import { decimalOf } from '../../domain/decimal.ts';
import { isNumber } from './hj212/segment.ts';

/** Kind of quantity and power of ten, so that two units convert exactly when their kinds are one. */
const units = {
  'g/L': ['mass in water', 3],
  'mg/L': ['mass in water', 0],
  'ug/L': ['mass in water', -3],
  'ng/L': ['mass in water', -6],
  'g/m3': ['mass in air', 3],
  'mg/m3': ['mass in air', 0],
  'ug/m3': ['mass in air', -3],
  'ng/m3': ['mass in air', -6],
  'm3/s': ['flow', 0],
  'L/s': ['flow', -3],
  m: ['length', 0],
  cm: ['length', -2],
  mm: ['length', -3],
  'uS/cm': ['conductivity', 0],
  'mS/cm': ['conductivity', 3],
  Cel: ['temperature', 0],
  '[pH]': ['acidity', 0],
  '{NTU}': ['turbidity', 0],
  '%': ['share', 0],
  kPa: ['pressure', 0],
  hPa: ['pressure', -1],
  'm/s': ['speed', 0],
  deg: ['angle', 0],
  '{cells}/L': ['count in water', 0],
  '/L': ['count in water', 0],
} as const satisfies Record<string, readonly [string, number]>;

export type UnitId = keyof typeof units;
export const unitIds = Object.keys(units) as UnitId[];

/** Ways in which the configured parameters write their units. */
const spellings: Record<string, UnitId> = {
  'µg/m³': 'ug/m3',
  'mg/m³': 'mg/m3',
  'm³/s': 'm3/s',
  'μS/cm': 'uS/cm',
  '℃': 'Cel',
  无量纲: '[pH]',
  NTU: '{NTU}',
  'cells/L': '{cells}/L',
  '个/L': '/L',
};

/** Power of ten from the unit a device sends to the unit a parameter is stored in; null where the two are not one quantity. */
export function powerBetween(from: UnitId, stored: string | null): number | null {
  const to =
    stored === null
      ? undefined
      : (spellings[stored] ?? (Object.hasOwn(units, stored) ? (stored as UnitId) : undefined));
  if (to === undefined || units[from][0] !== units[to][0]) return null;
  return units[from][1] - units[to][1];
}

/** The number a text stands for, times a power of ten, exactly; null when it is not a number. */
export function scaled(text: string, power: number): number | null {
  if (!isNumber(text)) return null;
  return power === 0 ? Number(text) : decimalOf(text).times(decimalOf(10).pow(power)).toNumber();
}
