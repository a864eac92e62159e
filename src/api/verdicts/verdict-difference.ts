import { Type, type Static } from 'typebox';
import {
  averagingOf,
  boundsOf,
  firstRowAt,
  readingDifferences,
  type KnownSeries,
  type ReadingDifference,
} from '../../analysis/assessment/index.ts';
import type { StoredCircumstance } from '../../domain/circumstance.ts';
import type { Config } from '../../domain/config/config.ts';
import type { Text } from '../../domain/config/facts.ts';
import type { AveragingId } from '../../domain/time.ts';
import { airVerdictShape } from './air-shapes.ts';
import type { AirStationVerdict } from './air-verdicts.ts';
import type { ApiDeps } from '../deps.ts';
import { flagsOf, FlagsShape } from '../readings/reading-shapes.ts';
import { Instant, NullableInteger, NullableNumber, NullableText, oneOf, TextPair } from '../http/schemas.ts';
import { countedAssessment, type SectionVerdict } from './section-verdicts.ts';

const NullableFlags = Type.Unsafe<Static<typeof FlagsShape> | null>({
  anyOf: [FlagsShape, { type: 'null' }],
});

const StateShape = Type.Object({
  id: Type.String(),
  asOfSeq: Type.Integer(),
  configHash: Type.String(),
  outcome: TextPair,
});

const ReadingShape = Type.Object({
  provider: Type.String(),
  averaging: Type.String(),
  parameter: Type.String(),
  time: Instant,
  change: oneOf(['added', 'revised', 'marked', 'gone'] satisfies ReadingDifference['change'][]),
  before: NullableNumber,
  after: NullableNumber,
  flagsBefore: NullableFlags,
  flagsAfter: NullableFlags,
  seq: NullableInteger,
  journal: NullableText,
});

/** Why a verdict reads otherwise than it did: what came in, what was corrected or reviewed, decided, or brought into force between. */
export const DifferenceShape = Type.Object({
  station: Type.String(),
  period: Type.String(),
  before: StateShape,
  after: StateShape,
  same: Type.Boolean({ description: 'the same inputs and rules: the verdict is the same one' }),
  items: Type.Array(Type.Object({ parameter: Type.String(), before: NullableText, after: NullableText }), {
    description: 'values of items that read otherwise, as printed',
  }),
  readings: Type.Object({
    added: Type.Integer(),
    revised: Type.Integer(),
    marked: Type.Integer({ description: 'same value, other flags: a review or a quality mark' }),
    gone: Type.Integer(),
    shown: Type.Array(ReadingShape, { description: 'those furthest apart first' }),
  }),
  circumstances: Type.Array(
    Type.Object({
      id: Type.String(),
      before: NullableText,
      after: NullableText,
      journal: Type.Array(Type.String()),
    }),
  ),
  rules: Type.Object({
    changed: Type.Boolean(),
    editionsBefore: Type.Array(Type.String()),
    editionsAfter: Type.Array(Type.String()),
  }),
  text: TextPair,
});
export type DifferenceShape = Static<typeof DifferenceShape>;

/** What a verdict says and rests on, water or air alike. */
export interface ComparedVerdict {
  id: string;
  station: string;
  period: string;
  asOfSeq: number;
  configHash: string;
  rules: string;
  editions: string[];
  outcome: Text;
  values: Record<string, string | null>;
  series: KnownSeries[];
  circumstances: StoredCircumstance[];
}

export function comparedSection(verdict: SectionVerdict, config: Config): ComparedVerdict {
  const counted = countedAssessment(verdict);
  const { beginS, endS } = boundsOf(verdict.key.period, verdict.facts.timeZone);
  const cut = <T extends Float64Array | Uint16Array>(column: T, timeS: Float64Array) =>
    column.subarray(firstRowAt(timeS, beginS), firstRowAt(timeS, endS)) as T;
  return {
    id: verdict.id,
    station: verdict.key.section,
    period: verdict.key.period.id,
    asOfSeq: verdict.key.asOfSeq,
    configHash: config.hash,
    rules: verdict.rules,
    editions: [counted.edition, counted.method, counted.periodRules],
    outcome: counted.className ?? { zh: '无法评价', en: 'cannot be judged' },
    values: Object.fromEntries(counted.items.map(({ parameter, value }) => [parameter, value])),
    series: verdict.sources.flatMap(({ provider, method, series }) =>
      series.map(({ parameter, timeS, value, flags }) => ({
        provider,
        averaging: averagingOf(config, verdict.key.section, { provider, method }),
        parameter,
        timeS: cut(timeS, timeS),
        value: cut(value, timeS),
        flags: cut(flags, timeS),
      })),
    ),
    circumstances: verdict.circumstances,
  };
}

function airOutcome(shape: ReturnType<typeof airVerdictShape>): Text {
  const aqi = shape.hour?.aqi ?? shape.day?.aqi ?? null;
  const attains = shape.day?.attains ?? shape.span?.attains ?? null;
  const composite = shape.span?.composite?.composite ?? null;
  const words = [
    ...(aqi === null ? [] : [{ zh: `AQI ${aqi}`, en: `AQI ${aqi}` }]),
    ...(attains === null
      ? []
      : [attains ? { zh: '达标', en: 'attains' } : { zh: '不达标', en: 'does not attain' }]),
    ...(composite === null ? [] : [{ zh: `综合指数${composite}`, en: `composite index ${composite}` }]),
  ];
  if (words.length === 0) return { zh: '无法评价', en: 'cannot be judged' };
  return { zh: words.map(({ zh }) => zh).join('，'), en: words.map(({ en }) => en).join(', ') };
}

export function comparedAir(verdict: AirStationVerdict, config: Config): ComparedVerdict {
  const shape = airVerdictShape(verdict);
  const { hour, day, span, key, provider, hours } = verdict;
  const edition = hour?.edition ?? day?.aqi?.edition ?? span?.edition ?? null;
  const spanValues = span?.items.map(({ parameter, mean, percentile }) => [
    parameter,
    mean === null ? null : `${mean} / ${percentile ?? ''}`,
  ]);
  return {
    id: verdict.id,
    station: key.section,
    period: key.period.id,
    asOfSeq: key.asOfSeq,
    configHash: config.hash,
    rules: verdict.rules,
    editions: edition === null ? [] : [edition],
    outcome: airOutcome(shape),
    values: Object.fromEntries(spanValues ?? shape.values.map(({ parameter, value }) => [parameter, value])),
    series: hours.map((series) => ({ ...series, provider, averaging: 'PT1H' })),
    circumstances: [],
  };
}

function circumstanceChanges(
  before: ComparedVerdict,
  after: ComparedVerdict,
): DifferenceShape['circumstances'] {
  const word = (one: StoredCircumstance | undefined) =>
    one === undefined ? null : `${one.state}: ${one.effect}`;
  const ids = new Set([...before.circumstances, ...after.circumstances].map(({ id }) => id));
  return [...ids].flatMap((id) => {
    const old = before.circumstances.find((one) => one.id === id);
    const now = after.circumstances.find((one) => one.id === id);
    const known = new Set(old?.steps.map(({ seq }) => seq));
    const steps = (now ?? old)!.steps.filter(({ seq }) => !known.has(seq));
    if (steps.length === 0 && old !== undefined && now !== undefined) return [];
    return [
      { id, before: word(old), after: word(now), journal: steps.map(({ seq }) => `/api/v1/journal/${seq}`) },
    ];
  });
}

function textOf(answer: Omit<DifferenceShape, 'text'>): Text {
  const { before, after, same, readings, circumstances, rules, items } = answer;
  if (same) return { zh: `未变：${before.outcome.zh}`, en: `Unchanged: ${before.outcome.en}` };
  const count = (number: number, zh: string, en: string) =>
    number === 0 ? [] : [{ zh: `${zh}${number}个`, en: `${number} readings ${en}` }];
  const causes = [
    ...count(readings.added, '新到读数', 'came in'),
    ...count(readings.revised, '修订读数', 'were revised'),
    ...count(readings.marked, '审核或标记读数', 'were reviewed or marked'),
    ...count(readings.gone, '不再有的读数', 'are no longer there'),
    ...circumstances.map(({ id }) => ({ zh: `特殊情形 ${id}`, en: `special circumstance ${id}` })),
    ...(rules.changed
      ? [{ zh: '标准、规则或断面设置变更', en: 'standards, rules or the facts of the station changed' }]
      : []),
  ];
  const moved = items.map(
    ({ parameter, before: old, after: now }) => `${parameter} ${old ?? '-'} → ${now ?? '-'}`,
  );
  const list = moved.length === 0 ? '' : ` (${moved.join('; ')})`;
  return {
    zh: `${before.outcome.zh} → ${after.outcome.zh}${list}：${causes.map(({ zh }) => zh).join('，')}`,
    en: `${before.outcome.en} → ${after.outcome.en}${list}: ${causes.map(({ en }) => en).join(', ')}`,
  };
}

const state = ({ id, asOfSeq, configHash, outcome }: ComparedVerdict): Static<typeof StateShape> => ({
  id,
  asOfSeq,
  configHash,
  outcome,
});

const digestOf = (id: string): string => id.slice(id.lastIndexOf('~') + 1);

async function shownReadings(
  deps: { readings: Pick<ApiDeps['readings'], 'past'> },
  changes: readonly ReadingDifference[],
  of: { station: string; asOfSeq: number; limit: number; iso: (atS: number) => string },
): Promise<DifferenceShape['readings']['shown']> {
  const apart = ({ before, after }: ReadingDifference) =>
    before === null || after === null ? 0 : Math.abs(before - after);
  const chosen = changes.toSorted((a, b) => apart(b) - apart(a)).slice(0, of.limit);
  const shown: DifferenceShape['readings']['shown'] = [];
  for (const { timeS, flagsBefore, flagsAfter, ...change } of chosen) {
    const averaging = change.averaging as AveragingId;
    const versions = await deps.readings.past({ ...change, station: of.station, averaging, timeS });
    if (versions.length === 0) continue;
    const seqs = versions.map(({ seq }) => seq).filter((seq) => seq <= of.asOfSeq);
    const seq = seqs.length === 0 ? null : Math.max(...seqs);
    shown.push({
      ...change,
      time: of.iso(timeS),
      flagsBefore: flagsBefore === null ? null : flagsOf(flagsBefore),
      flagsAfter: flagsAfter === null ? null : flagsOf(flagsAfter),
      seq,
      journal: seq === null ? null : `/api/v1/journal/${seq}`,
    });
  }
  return shown;
}

/** What became of a verdict between two states of knowledge, and why; at most `limit` readings are listed. */
export async function verdictDifference(
  deps: { readings: Pick<ApiDeps['readings'], 'past'> },
  before: ComparedVerdict,
  after: ComparedVerdict,
  at: { limit: number; iso: (atS: number) => string },
): Promise<DifferenceShape> {
  const changes = readingDifferences(before.series, after.series);
  const number = (kind: ReadingDifference['change']) =>
    changes.filter(({ change }) => change === kind).length;
  const names = [...new Set([...Object.keys(before.values), ...Object.keys(after.values)])];
  const answer = {
    station: after.station,
    period: after.period,
    before: state(before),
    after: state(after),
    same: digestOf(before.id) === digestOf(after.id),
    items: names.flatMap((parameter) => {
      const [old, now] = [before.values[parameter] ?? null, after.values[parameter] ?? null];
      return old === now ? [] : [{ parameter, before: old, after: now }];
    }),
    readings: {
      added: number('added'),
      revised: number('revised'),
      marked: number('marked'),
      gone: number('gone'),
      shown: await shownReadings(deps, changes, { ...at, station: after.station, asOfSeq: after.asOfSeq }),
    },
    circumstances: circumstanceChanges(before, after),
    rules: {
      changed: before.rules !== after.rules,
      editionsBefore: before.editions,
      editionsAfter: after.editions,
    },
  };
  return { ...answer, text: textOf(answer) };
}
