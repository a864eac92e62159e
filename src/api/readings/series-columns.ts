import { Type, type Static } from 'typebox';
import type { Config } from '../../domain/config/config.ts';
import type { SeriesColumns } from '../../domain/ports.ts';
import { flagsOf, FlagsShape, intervals, parametersById } from './reading-shapes.ts';
import { isoTimes } from '../http/iso-times.ts';
import { Meta, NullableInteger, NullableNumber, NullableText } from '../http/schemas.ts';
import { ObjectionMarks } from './objection-marks.ts';

const shared = {
  station: Type.String(),
  parameter: Type.String(),
  averaging: Type.String(),
  provider: Type.String(),
  unit: NullableText,
  decimals: NullableInteger,
  count: Type.Integer(),
  values: Type.Array(NullableNumber, { description: 'null: no value' }),
  flags: Type.Array(Type.Integer(), {
    description: 'flag word of each value; `flagMeanings` explains those that occur',
  }),
};

/** One series as columns of equal length, ordered by time. */
export const SeriesShape = Type.Object({
  ...shared,
  begin: Type.Array(Type.String()),
  end: Type.Array(Type.String()),
});
/** The same with epoch seconds: `stepS` where ends are evenly spaced (then `endS` holds the first only), else null. */
export const DenseSeriesShape = Type.Object({
  ...shared,
  beginS: Type.Array(Type.Integer()),
  endS: Type.Array(Type.Integer()),
  stepS: NullableInteger,
});
const flagMeanings = Type.Record(Type.String(), FlagsShape);
export const SeriesAnswer = Type.Object({
  meta: Meta,
  flagMeanings,
  objections: ObjectionMarks,
  results: Type.Array(SeriesShape),
});
export const DenseSeriesAnswer = Type.Object({
  meta: Meta,
  flagMeanings,
  objections: ObjectionMarks,
  results: Type.Array(DenseSeriesShape),
});

export interface SeriesContext {
  config: Config;
  synthetic: boolean;
}

/** Members of a series without its times, as JSON without the closing brace: columns are written as text, never as objects. */
function described(columns: SeriesColumns, config: Config): string {
  const parameter = config.parameters.find((candidate) => candidate.id === columns.key.parameter);
  const head = JSON.stringify({
    ...columns.key,
    unit: parameter?.unit ?? null,
    decimals: parameter?.decimals ?? null,
    count: columns.timeS.length,
  });
  // Numbers only: NaN can stand for nothing but "no value".
  const values = columns.value.join(',').replaceAll('NaN', 'null');
  const flags = columns.flags.every((bits) => bits === 0)
    ? '0,'.repeat(columns.flags.length).slice(0, -1)
    : columns.flags.join(',');
  return `${head.slice(0, -1)},"values":[${values}],"flags":[${flags}]`;
}

/** Meanings of the flag words that occur in these series. */
export function meaningsOf(all: readonly SeriesColumns[]): Record<string, Static<typeof FlagsShape>> {
  const words = new Set<number>();
  for (const { flags } of all) {
    let last = -1;
    for (const bits of flags) {
      if (bits !== last) words.add(bits);
      last = bits;
    }
  }
  return Object.fromEntries([...words].sort((a, b) => a - b).map((bits) => [String(bits), flagsOf(bits)]));
}

/** {@link SeriesShape} as JSON: ISO times with the region's offset. */
export function seriesJson(columns: SeriesColumns, { config }: SeriesContext): string {
  const iso = isoTimes(config.region.timeZone);
  const interval = intervals(columns.key.averaging, config.region.timeZone);
  let begin = '';
  let end = '';
  for (const keyS of columns.timeS) {
    const { beginS, endS } = interval(keyS);
    const first = iso(beginS);
    begin += `"${first}",`;
    end += beginS === endS ? `"${first}",` : `"${iso(endS)}",`;
  }
  return `${described(columns, config)},"begin":[${begin.slice(0, -1)}],"end":[${end.slice(0, -1)}]}`;
}

function evenStep(times: Float64Array): number | null {
  const [first, second] = times;
  if (first === undefined || second === undefined) return null;
  const step = second - first;
  return times.every((time, at) => time === first + at * step) ? step : null;
}

/** {@link DenseSeriesShape} as JSON: epoch seconds, and only the first of them where the step is even; the form for charts. */
export function denseSeriesJson(columns: SeriesColumns, { config }: SeriesContext): string {
  const interval = intervals(columns.key.averaging, config.region.timeZone);
  const beginS = new Float64Array(columns.timeS.length);
  const endS = new Float64Array(columns.timeS.length);
  for (const [at, keyS] of columns.timeS.entries()) {
    const span = interval(keyS);
    beginS[at] = span.beginS;
    endS[at] = span.endS;
  }
  const length = (endS[0] ?? 0) - (beginS[0] ?? 0);
  const alike = endS.every((time, at) => time === length + (beginS[at] ?? 0));
  const stepS = alike ? evenStep(endS) : null;
  const shown = stepS === null ? endS.length : 1;
  const [begin, end] = [beginS.subarray(0, shown).join(','), endS.subarray(0, shown).join(',')];
  return `${described(columns, config)},"beginS":[${begin}],"endS":[${end}],"stepS":${stepS}}`;
}

export const csvHeader =
  'station,station_name,parameter,unit,averaging,provider,begin,end,value,validity,stage,qualifiers,synthetic\r\n';

/** RFC 4180: quoted only where needed. */
export function csvCell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Long form, one line a value, ordered by series then time, without the header; chunks of whole lines. An empty value cell is "no value". */
export function* seriesCsv(
  all: readonly SeriesColumns[],
  names: ReadonlyMap<string, string>,
  context: SeriesContext,
): Generator<string> {
  const { config, synthetic } = context;
  const iso = isoTimes(config.region.timeZone);
  const parameters = parametersById(config);
  const ends = new Map<number, string>();
  const endOf = (bits: number): string => {
    let end = ends.get(bits);
    if (end === undefined) {
      const { validity, stage, qualifiers } = flagsOf(bits);
      ends.set(bits, (end = `,${validity},${stage},${qualifiers.join(' ')},${synthetic}\r\n`));
    }
    return end;
  };
  for (const { key, timeS, value, flags } of all) {
    const interval = intervals(key.averaging, config.region.timeZone);
    const unit = parameters.get(key.parameter)?.unit ?? '';
    const head = [key.station, names.get(key.station) ?? '', key.parameter, unit, key.averaging, key.provider]
      .map(csvCell)
      .join(',');
    let chunk = '';
    for (let at = 0; at < timeS.length; at++) {
      const { beginS, endS } = interval(timeS[at]!);
      const shown = Number.isNaN(value[at]) ? '' : String(value[at]);
      chunk += `${head},${iso(beginS)},${iso(endS)},${shown}${endOf(flags[at]!)}`;
      if (chunk.length > 65_536) {
        yield chunk;
        chunk = '';
      }
    }
    if (chunk !== '') yield chunk;
  }
}
