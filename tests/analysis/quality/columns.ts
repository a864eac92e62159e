import { explainMarks } from '../../../src/analysis/quality/explain.ts';
import { rulesOf } from '../../../src/analysis/quality/dated-rules.ts';
import { fixtureConfig } from '../../ingest/sources/fixture-config.ts';
import { standards } from '../standards.ts';

export const screeningConfig = { ...fixtureConfig(), ...standards };
export const rules = rulesOf(screeningConfig);
export const startS = Date.UTC(2021, 3, 1) / 1000;
export const hourS = 3600;

/** Series of one station, `[hours after the start, value, flags]` by parameter. */
export function columnsOf(series: Record<string, readonly (readonly [number, number, number?])[]>) {
  return Object.entries(series).map(([parameter, rows]) => ({
    key: { station: 's', parameter },
    timeS: Float64Array.from(rows, ([hour]) => startS + hour * hourS),
    value: Float64Array.from(rows, ([, value]) => value),
    flags: Uint16Array.from(rows, ([, , flags = 0]) => flags),
  }));
}

/** `parameter@hour rule` of every mark. */
export function marksOf(series: Parameters<typeof columnsOf>[0]): string[] {
  const marks = explainMarks(columnsOf(series), rules, { fromS: -Infinity, toS: Infinity });
  return marks.map((mark) => `${mark.parameter}@${(mark.timeS - startS) / hourS} ${mark.rule}`);
}
