import { Type, type Static } from 'typebox';
import type { Config } from '../../domain/config/config.ts';
import type { SeriesColumns } from '../../domain/ports.ts';
import { flagsOf, FlagsShape, intervals, parametersById } from './reading-shapes.ts';
import { isoTimes } from '../http/iso-times.ts';
import { Meta, NullableInteger, NullableNumber, NullableText } from '../http/schemas.ts';
import { ObjectionMarks } from './objection-marks.ts';

const described = {
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
  ...described,
  begin: Type.Array(Type.String()),
  end: Type.Array(Type.String()),
});
/** The same with epoch seconds: `stepS` where ends are evenly spaced (then `endS` holds the first only), else null. */
export const DenseSeriesShape = Type.Object({
  ...described,
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

interface Context {
  config: Config;
  synthetic: boolean;
}

function describe(columns: SeriesColumns, config: Config) {
  const parameter = config.parameters.find((candidate) => candidate.id === columns.key.parameter);
  return {
    ...columns.key,
    unit: parameter?.unit ?? null,
    decimals: parameter?.decimals ?? null,
    count: columns.timeS.length,
    values: Array.from(columns.value, (value) => (Number.isNaN(value) ? null : value)),
    flags: Array.from(columns.flags),
  };
}

/** Meanings of the flag words that occur in these series. */
export function meaningsOf(all: readonly SeriesColumns[]): Record<string, Static<typeof FlagsShape>> {
  const words = new Set<number>();
  for (const columns of all) for (const bits of columns.flags) words.add(bits);
  return Object.fromEntries([...words].sort((a, b) => a - b).map((bits) => [String(bits), flagsOf(bits)]));
}

/** ISO times with the region's offset. */
export function seriesShape(columns: SeriesColumns, { config }: Context): Static<typeof SeriesShape> {
  const iso = isoTimes(config.region.timeZone);
  const interval = intervals(columns.key.averaging, config.region.timeZone);
  const begin: string[] = [];
  const end: string[] = [];
  for (const keyS of columns.timeS) {
    const { beginS, endS } = interval(keyS);
    begin.push(iso(beginS));
    end.push(iso(endS));
  }
  return { ...describe(columns, config), begin, end };
}

function evenStep(times: readonly number[]): number | null {
  const [first, second] = times;
  if (first === undefined || second === undefined) return null;
  const step = second - first;
  return times.every((time, at) => time === first + at * step) ? step : null;
}

/** Epoch seconds, and only the first of them where the step is even: the form for charts. */
export function denseSeriesShape(
  columns: SeriesColumns,
  { config }: Context,
): Static<typeof DenseSeriesShape> {
  const interval = intervals(columns.key.averaging, config.region.timeZone);
  const spans = Array.from(columns.timeS, (keyS) => interval(keyS));
  const endS = spans.map((span) => span.endS);
  const beginS = spans.map((span) => span.beginS);
  const [first, second] = spans;
  const alike =
    first !== undefined && spans.every((span) => span.endS - span.beginS === first.endS - first.beginS);
  const stepS = second !== undefined && alike ? evenStep(endS) : null;
  if (stepS === null) return { ...describe(columns, config), beginS, endS, stepS };
  return { ...describe(columns, config), beginS: beginS.slice(0, 1), endS: endS.slice(0, 1), stepS };
}

export const csvHeader =
  'station,station_name,parameter,unit,averaging,provider,begin,end,value,validity,stage,qualifiers,synthetic\r\n';

/** RFC 4180: quoted only where needed. */
function cell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Long form, one line a value, ordered by series then time; chunks of whole lines. An empty value cell is "no value". */
export function* seriesCsv(
  all: readonly SeriesColumns[],
  names: ReadonlyMap<string, string>,
  context: Context,
): Generator<string> {
  const { config, synthetic } = context;
  const iso = isoTimes(config.region.timeZone);
  const parameters = parametersById(config);
  yield csvHeader;
  for (const { key, timeS, value, flags } of all) {
    const interval = intervals(key.averaging, config.region.timeZone);
    const unit = parameters.get(key.parameter)?.unit ?? '';
    const head = [key.station, names.get(key.station) ?? '', key.parameter, unit, key.averaging, key.provider]
      .map(cell)
      .join(',');
    let chunk = '';
    for (let at = 0; at < timeS.length; at++) {
      const { beginS, endS } = interval(timeS[at] ?? 0);
      const { validity, stage, qualifiers } = flagsOf(flags[at] ?? 0);
      const shown = Number.isNaN(value[at]) ? '' : String(value[at]);
      chunk += `${head},${iso(beginS)},${iso(endS)},${shown},${validity},${stage},${qualifiers.join(' ')},${synthetic}\r\n`;
      if (chunk.length > 65_536) {
        yield chunk;
        chunk = '';
      }
    }
    if (chunk !== '') yield chunk;
  }
}
