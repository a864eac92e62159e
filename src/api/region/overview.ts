import { Type, type Static } from 'typebox';
import type { Config } from '../../domain/config/config.ts';
import { editionInForce } from '../../domain/config/config.ts';
import { Decimal } from '../../domain/decimal.ts';
import type { RunReport } from '../../domain/ports.ts';
import { civilDate, type EpochS } from '../../domain/time.ts';
import { freshnessOf, type JudgedStation, type LatestKind } from '../readings/latest-view.ts';
import { isoTimes } from '../http/iso-times.ts';
import { Instant, NullableInstant, NullableInteger, NullableText, TextPair } from '../http/schemas.ts';

const GradeCount = Type.Object({ grade: Type.Integer(), name: TextPair, count: Type.Integer() });

const heard = {
  registered: Type.Integer({ description: 'stations of the configuration' }),
  withSource: Type.Integer({ description: 'of these, stations that a source of this system reports' }),
  fresh: Type.Integer(),
  late: Type.Integer(),
  silent: Type.Integer({ description: 'of those with a source' }),
  judged: Type.Integer({ description: 'heard (fresh or late) and with a class or index' }),
  newestEnd: NullableInstant,
  grades: Type.Array(GradeCount, { description: 'heard stations by class or level, best first' }),
  overLimitStations: Type.Integer(),
  overLimitValues: Type.Integer(),
};

/** Counts of the newest state, for the head of a page. Stations with several providers count once, by the worst of them. */
export const SummaryShape = Type.Object({
  now: Instant,
  journalSeq: Type.Integer(),
  appliedSeq: Type.Integer(),
  lagEntries: Type.Integer({ description: 'journal entries that are not yet projected' }),
  water: Type.Object({
    ...heard,
    targets: Type.Object({
      met: Type.Integer({ description: 'heard sections that meet every target that can be judged' }),
      notMet: Type.Integer(),
      undetermined: Type.Integer({
        description: 'heard sections with a target, none of which can be judged',
      }),
      metPercent: Type.Unsafe<string | null>({
        type: ['string', 'null'],
        description: 'met / (met + notMet), one decimal, half to even; null where nothing was judged',
      }),
    }),
  }),
  air: Type.Object(heard),
  sources: Type.Object({
    enabled: Type.Integer(),
    failing: Type.Integer({ description: 'enabled sources whose newest run failed' }),
    withIssues: Type.Integer({ description: 'enabled sources whose newest run reported issues' }),
  }),
});
export type Summary = Static<typeof SummaryShape>;

const WaterGrade = Type.Object({
  grade: Type.Integer(),
  name: TextPair,
  roman: Type.String(),
  status: TextPair,
  colour: Type.String(),
});
const AirGrade = Type.Object({
  grade: Type.Integer(),
  name: TextPair,
  above: NullableInteger,
  upTo: NullableInteger,
  colour: Type.String(),
  polluted: Type.Boolean({ description: 'above the index from which the edition speaks of pollution' }),
});
/** Names and colours of classes and index levels in force now; `edition` null where none is. */
export const ScalesShape = Type.Object({
  water: Type.Object({ edition: NullableText, grades: Type.Array(WaterGrade) }),
  air: Type.Object({ edition: NullableText, grades: Type.Array(AirGrade) }),
});
export type Scales = Static<typeof ScalesShape>;

export function scalesAt(config: Config, nowS: EpochS): Scales {
  const date = civilDate(nowS, config.region.timeZone);
  const water = editionInForce(config.waterStandards, date);
  const air = editionInForce(config.aqiStandards, date);
  return {
    water: {
      edition: water?.id ?? null,
      grades: (water?.classes ?? []).map(({ class: grade, name, roman, status, colour }) => ({
        grade,
        name,
        roman,
        status,
        colour,
      })),
    },
    air: {
      edition: air?.id ?? null,
      grades: (air?.levels ?? []).map(({ level, name, upTo, colour }, at, levels) => ({
        grade: level,
        name,
        above: levels[at - 1]?.upTo ?? null,
        upTo,
        colour,
        polluted: (levels[at - 1]?.upTo ?? -1) >= (air?.pollutedAbove ?? Infinity),
      })),
    },
  };
}

interface StationState {
  hasSource: boolean;
  state: 'fresh' | 'late' | 'silent';
  grade: number | null;
  met: boolean | null;
  hasTarget: boolean;
  overValues: number;
  endS: EpochS | null;
}

const byFreshness = ['fresh', 'late', 'silent'] as const;

function gradeOf({ verdict }: JudgedStation): number | null {
  if (verdict === null) return null;
  return verdict.kind === 'water' ? verdict.class : verdict.level;
}

/** All entries of one station as one state: the freshest provider, the worst grade, a target missed by any is missed. */
function stateOf(
  entries: readonly JudgedStation[],
  nowS: EpochS,
  iso: (atS: EpochS) => string,
): StationState {
  const states = entries.map((entry) => freshnessOf(entry, nowS, iso).state);
  const current = entries.filter((_entry, at) => states[at] !== 'silent');
  const grades = current.map(gradeOf).filter((grade) => grade !== null);
  const targets = current.flatMap(({ verdict }) => (verdict?.kind === 'water' ? verdict.targets : []));
  const judged = targets.map((target) => target.met).filter((met) => met !== null);
  const ends = entries.map((entry) => entry.endS).filter((endS) => endS !== null);
  return {
    hasSource: entries.some((entry) => entry.provider !== null),
    state: byFreshness.find((state) => states.includes(state)) ?? 'silent',
    grade: grades.length === 0 ? null : Math.max(...grades),
    met: judged.length === 0 ? null : judged.every(Boolean),
    hasTarget: targets.length > 0,
    overValues: current.reduce((sum, { verdict }) => sum + (verdict?.overLimits.length ?? 0), 0),
    endS: ends.length === 0 ? null : Math.max(...ends),
  };
}

function statesOf(
  judged: readonly JudgedStation[],
  nowS: EpochS,
  iso: (atS: EpochS) => string,
): StationState[] {
  const byStation = new Map<string, JudgedStation[]>();
  for (const entry of judged) byStation.set(entry.station, [...(byStation.get(entry.station) ?? []), entry]);
  return [...byStation.values()].map((entries) => stateOf(entries, nowS, iso));
}

function heardCounts(
  states: readonly StationState[],
  grades: readonly { grade: number; name: Static<typeof TextPair> }[],
  iso: (atS: EpochS) => string,
) {
  const count = (test: (state: StationState) => boolean) => states.filter(test).length;
  const current = states.filter(({ state }) => state !== 'silent');
  const ends = states.map(({ endS }) => endS).filter((endS) => endS !== null);
  return {
    registered: states.length,
    withSource: count(({ hasSource }) => hasSource),
    fresh: count(({ state }) => state === 'fresh'),
    late: count(({ state }) => state === 'late'),
    silent: count(({ state, hasSource }) => state === 'silent' && hasSource),
    judged: current.filter(({ grade }) => grade !== null).length,
    newestEnd: ends.length === 0 ? null : iso(Math.max(...ends)),
    grades: grades.map(({ grade, name }) => ({
      grade,
      name,
      count: current.filter((state) => state.grade === grade).length,
    })),
    overLimitStations: count(({ overValues }) => overValues > 0),
    overLimitValues: states.reduce((sum, { overValues }) => sum + overValues, 0),
  };
}

/** `runs`: the newest run of each enabled source, null where it never ran. */
export function summaryOf(
  config: Config,
  judged: Readonly<Record<LatestKind, readonly JudgedStation[]>>,
  runs: readonly (Pick<RunReport, 'status'> | null)[],
  at: { nowS: EpochS; journalSeq: number; appliedSeq: number },
): Summary {
  const { nowS, journalSeq, appliedSeq } = at;
  const iso = isoTimes(config.region.timeZone);
  const scales = scalesAt(config, nowS);
  const water = statesOf(judged.water, nowS, iso);
  const current = water.filter(({ state }) => state !== 'silent');
  const met = current.filter((state) => state.met === true).length;
  const notMet = current.filter((state) => state.met === false).length;
  const percent = met + notMet === 0 ? null : new Decimal(met).times(100).div(met + notMet);
  return {
    now: iso(nowS),
    journalSeq,
    appliedSeq,
    lagEntries: Math.max(0, journalSeq - appliedSeq),
    water: {
      ...heardCounts(water, scales.water.grades, iso),
      targets: {
        met,
        notMet,
        undetermined: current.filter((state) => state.hasTarget && state.met === null).length,
        metPercent: percent === null ? null : percent.toFixed(1, Decimal.ROUND_HALF_EVEN),
      },
    },
    air: heardCounts(statesOf(judged.air, nowS, iso), scales.air.grades, iso),
    sources: {
      enabled: runs.length,
      failing: runs.filter((run) => run?.status === 'failed').length,
      withIssues: runs.filter((run) => run?.status === 'with-issues').length,
    },
  };
}
