import { decimalOf } from '../../../domain/decimal.ts';
import { numberOf } from '../collector.ts';

/**
 * What a measured cell says. `below`: less than the detection limit, whose value stands for it; `above`: more than could be counted;
 * `absent`: not measured; `missing`: should have been, and a word says why not.
 */
export type CellReading =
  | { kind: 'value' | 'below' | 'above'; value: number }
  | { kind: 'absent' }
  | { kind: 'missing' }
  | { kind: 'rejected'; message: string };

const notMeasured = new Set([
  '',
  '/',
  '-',
  '--',
  '—',
  '——',
  '*',
  '\\',
  '未测',
  '未监测',
  '不测',
  '无',
  'n/a',
  'na',
]);
const noWater = new Set(['断流', '干涸', '冰封', '停测', '未采样', '无法采样']);
const notDetected = new Set(['未检出', 'nd', 'n.d.', 'bdl', '<dl', '<mdl']);
/** The national list writes -1 for an item that was not measured. */
const minusOne = /^-1(\.0+)?$/;
const below = /^(?:nd)?[<≤]=?(\d+(?:\.\d+)?(?:e[+-]?\d+)?)$|^(\d+(?:\.\d+)?(?:e[+-]?\d+)?)l$/;
const above = /^[>≥]=?(\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/;

/** Reads one cell; `power` of ten converts its unit to the stored one. Full and half width are one. */
export function readCell(text: string, power: number): CellReading {
  const plain = text.normalize('NFKC').replaceAll(/\s/g, '').toLowerCase();
  if (notMeasured.has(plain) || minusOne.test(plain)) return { kind: 'absent' };
  if (noWater.has(plain)) return { kind: 'missing' };
  if (notDetected.has(plain)) {
    const message = 'below detection without its limit; write the limit with L or <, such as 0.025L';
    return { kind: 'rejected', message };
  }
  const lower = below.exec(plain);
  const upper = above.exec(plain);
  const number = lower?.[1] ?? lower?.[2] ?? upper?.[1] ?? plain;
  if (numberOf(number) === null) {
    const comma = /^\d{1,3}(,\d{3})+(\.\d+)?$/.test(plain) ? '; write it without commas' : '';
    return { kind: 'rejected', message: `not a number${comma}` };
  }
  const value = decimalOf(number).times(decimalOf(10).pow(power)).toNumber();
  return { kind: lower !== null ? 'below' : upper !== null ? 'above' : 'value', value };
}

/** Class 1 to 6 of `Ⅱ`, `II类`, `劣Ⅴ`, `2`; null for none given, undefined for a text that is no class. */
export function readClass(text: string, classes: ReadonlyMap<string, number>): number | null | undefined {
  const plain = text.normalize('NFKC').replaceAll(/\s/g, '').replace(/类$/, '').toUpperCase();
  if (notMeasured.has(plain.toLowerCase()) || plain === '0') return null;
  return classes.get(plain);
}

/** The table of class texts in the one spelling of {@link readClass}. */
export function classTexts(codes: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
  return new Map([...codes].map(([text, value]) => [text.normalize('NFKC').toUpperCase(), value]));
}
