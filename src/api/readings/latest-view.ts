import { Type, type Static } from 'typebox';
import type { Config } from '../../domain/config/config.ts';
import type { AirStation, Section } from '../../domain/config/region.ts';
import type { LatestRow } from '../../domain/ports.ts';
import { intervalOf, type AveragingId, type EpochS } from '../../domain/time.ts';
import type { Seen } from '../auth/seen-by.ts';
import type { ApiDeps, JudgedRow } from '../deps.ts';
import { judges as analysisJudges } from '../verdicts/judges.ts';
import { isoTimes } from '../http/iso-times.ts';
import { flagsOf, parametersById, ReadingShape, usable } from './reading-shapes.ts';
import { NullableInstant, NullableInteger, NullableNumber, NullableText, TextPair } from '../http/schemas.ts';
import { providersOf } from '../region/stations-view.ts';
import { AirVerdict, WaterVerdict } from '../verdicts/verdict-shapes.ts';

export const latestKinds = ['water', 'air'] as const;
export type LatestKind = (typeof latestKinds)[number];

/** What a source itself says, as it says it: `text` in words where the code has them. */
const Published = Type.Object({
  ...ReadingShape.properties,
  text: Type.Unsafe<Static<typeof TextPair>[] | null>({ anyOf: [Type.Array(TextPair), { type: 'null' }] }),
});

export const Freshness = Type.Object({
  state: Type.String({
    description:
      'fresh: within two cadences of the source; late: within six; silent: longer, or nothing at all',
  }),
  lastEnd: NullableInstant,
  ageMinutes: NullableInteger,
  cadenceMinutes: NullableNumber,
});

/** A station by one provider: the newest readings, our verdict of the newest moment, and beside it the source's own. */
export const LatestShape = Type.Object({
  station: Type.String(),
  name: TextPair,
  kind: Type.String(),
  locatedIn: Type.String(),
  provider: NullableText,
  freshness: Freshness,
  readings: Type.Array(ReadingShape),
  published: Type.Array(Published),
  withheld: Type.Boolean({ description: 'true: what is judged of it is not for this reader' }),
  verdict: Type.Unsafe<Static<typeof WaterVerdict> | Static<typeof AirVerdict> | null>({
    anyOf: [WaterVerdict, AirVerdict, { type: 'null' }],
    description: 'null: the station has never reported, or the verdict is withheld',
  }),
});
export type LatestShape = Static<typeof LatestShape>;

/** A station's newest state without what depends on "now". */
export interface JudgedStation extends Omit<LatestShape, 'freshness'> {
  endS: EpochS | null;
  cadenceSeconds: number | null;
}

const lookBackDays = 35;
const daySeconds = 86_400;
const newestOf: readonly AveragingId[] = ['instant', 'PT1H', 'PT8H-sliding', 'PT24H-sliding'];

interface Moment {
  row: LatestRow;
  beginS: EpochS;
  endS: EpochS;
}

async function newestRows(
  deps: ApiDeps,
  config: Config,
  provider: string,
  sinceS: EpochS,
): Promise<Map<string, Moment[]>> {
  const byStation = new Map<string, Moment[]>();
  for (const averaging of newestOf) {
    for (const row of await deps.readings.latest({ averaging, provider, sinceS })) {
      const { beginS, endS } = intervalOf(averaging, row.timeS, config.region.timeZone);
      const moments = byStation.get(row.key.station) ?? [];
      moments.push({ row, beginS, endS });
      byStation.set(row.key.station, moments);
    }
  }
  return byStation;
}

function codeTexts(
  config: ReturnType<typeof parametersById>,
  id: string,
  value: number | null,
): Static<typeof TextPair>[] | null {
  const parameter = config.get(id);
  if (parameter?.codes === undefined || value === null) return null;
  const bits = parameter.type === 'bits';
  return parameter.codes
    .filter((code) => (bits ? (value & code.value) !== 0 : value === code.value))
    .map((code) => code.name);
}

type Verdict = NonNullable<LatestShape['verdict']>;

/** Verdicts of one configuration and circle by station and provider, with what they were judged of. */
type Judged = Map<string, { of: string; verdict: Verdict }>;

function judgeStation(
  context: {
    deps: Seen;
    config: Config;
    kind: LatestKind;
    parameters: ReturnType<typeof parametersById>;
    iso: (atS: EpochS) => string;
    judged: Judged;
  },
  station: Section | AirStation,
  provider: string | null,
  moments: readonly Moment[],
): JudgedStation {
  const { deps, config, kind, parameters, iso } = context;
  const judges = deps.judges ?? analysisJudges;
  const shapes = moments.map(({ row, beginS, endS }) => ({
    parameter: row.key.parameter,
    averaging: row.key.averaging,
    value: row.value,
    unit: parameters.get(row.key.parameter)?.unit ?? null,
    decimals: parameters.get(row.key.parameter)?.decimals ?? null,
    flags: flagsOf(row.flags),
    begin: iso(beginS),
    end: iso(endS),
    seq: row.seq,
  }));
  const isPublished = (id: string) => parameters.get(id)?.published === true;
  const measured = moments.filter(({ row }) => !isPublished(row.key.parameter));
  const endS = measured.length === 0 ? null : Math.max(...measured.map((moment) => moment.endS));
  const newest = measured.filter((moment) => moment.endS === endS);
  const readings = newest.map(({ row }) => ({
    ...row.key,
    value: usable(flagsOf(row.flags)) ? row.value : null,
  }));
  const stage = Math.min(...newest.map(({ row }) => flagsOf(row.flags).stage));
  const judge = (row: JudgedRow): Verdict => {
    const [name, of] = [`${station.id} ${provider}`, JSON.stringify(row)];
    const before = context.judged.get(name);
    if (before?.of === of) return before.verdict;
    const verdict =
      'zoneClass' in station ? judges.air(station, row, config) : judges.water(station, row, config);
    context.judged.set(name, { of, verdict });
    return verdict;
  };
  const withheld =
    provider !== null && deps.audience.seesProduct('assessments', station.id, provider).raw === null;
  const verdict = endS === null || withheld ? null : judge({ endS, readings, stage });
  const cadences = config.sources
    .filter((source) => source.provider === provider && (source.medium ?? kind) === kind)
    .map((source) => source.cadenceSeconds);
  return {
    station: station.id,
    name: station.name,
    kind,
    locatedIn: station.locatedIn,
    provider,
    readings: shapes.filter((shape) => !isPublished(shape.parameter)),
    published: shapes
      .filter((shape) => isPublished(shape.parameter))
      .map((shape) => ({ ...shape, text: codeTexts(parameters, shape.parameter, shape.value) })),
    withheld,
    verdict,
    endS,
    cadenceSeconds: cadences.length === 0 ? null : Math.min(...cadences),
  };
}

async function judgeAll(
  deps: Seen,
  config: Config,
  kind: LatestKind,
  { sinceS, judged }: { sinceS: EpochS; judged: Judged },
): Promise<JudgedStation[]> {
  const stations: (Section | AirStation)[] = kind === 'water' ? config.sections : config.airStations;
  const context = {
    deps,
    config,
    kind,
    parameters: parametersById(config),
    iso: isoTimes(config.region.timeZone),
    judged,
  };
  const rowsOf = new Map<string, Map<string, Moment[]>>();
  for (const provider of new Set(stations.flatMap((station) => providersOf(station)))) {
    rowsOf.set(provider, await newestRows(deps, config, provider, sinceS));
  }
  return stations.flatMap((station) => {
    const providers = providersOf(station);
    if (providers.length === 0) return [judgeStation(context, station, null, [])];
    return providers.map((provider) =>
      judgeStation(context, station, provider, rowsOf.get(provider)?.get(station.id) ?? []),
    );
  });
}

/** Circles of readers whose newest verdicts are kept at once, a kind each. */
const mostKept = 24;

/**
 * The newest verdicts, computed once for each (applied position, configuration, circle of readers who see the same) and shared by
 * all of them who ask meanwhile. A station whose newest row is the same after another entry keeps its verdict.
 */
export class LatestVerdicts {
  readonly #cached = new Map<
    string,
    { key: string; by: Seen; config: Config; judged: Judged; value: Promise<JudgedStation[]> }
  >();

  /** One entry for each station and provider, in the order of the configuration; rejects when the store does. */
  async of(kind: LatestKind, seen: Seen): Promise<JudgedStation[]> {
    const config = seen.config();
    const sinceS = (Math.floor(seen.clock.nowS() / daySeconds) - lookBackDays) * daySeconds;
    const circle = `${kind} ${seen.audience.name}`;
    const key = `${seen.progress().appliedSeq}/${seen.readings.place ?? ''}/${config.hash}/${sinceS}/${seen.audience.delayed ? seen.clock.nowS() : ''}`;
    const cached = this.#cached.get(circle);
    if (cached?.key === key) {
      const stations = await cached.value;
      if (cached.by !== seen) seen.noteAgain(cached.by.noted);
      return stations;
    }
    const judged: Judged = cached?.config === config ? cached.judged : new Map();
    const value = judgeAll(seen, config, kind, { sinceS, judged });
    const oldest = this.#cached.keys().next().value;
    if (this.#cached.size >= mostKept && oldest !== undefined && !this.#cached.has(circle))
      this.#cached.delete(oldest);
    this.#cached.set(circle, { key, by: seen, config, judged, value });
    value.catch(() => {
      if (this.#cached.get(circle)?.value === value) this.#cached.delete(circle);
    });
    return value;
  }
}

/** How old a station's newest reading is, against the cadence of its source, at `nowS`. */
export function freshnessOf(
  judged: JudgedStation,
  nowS: EpochS,
  iso: (atS: EpochS) => string,
): Static<typeof Freshness> {
  const { endS, cadenceSeconds } = judged;
  const cadenceMinutes = cadenceSeconds === null ? null : cadenceSeconds / 60;
  if (endS === null) return { state: 'silent', lastEnd: null, ageMinutes: null, cadenceMinutes };
  const ageS = Math.max(0, nowS - endS);
  const cadences = ageS / (cadenceSeconds ?? daySeconds);
  const state = cadences <= 2 ? 'fresh' : cadences <= 6 ? 'late' : 'silent';
  return { state, lastEnd: iso(endS), ageMinutes: Math.floor(ageS / 60), cadenceMinutes };
}

/** As answered: without the inner fields, with the freshness of `nowS`. */
export function latestShape(judged: JudgedStation, nowS: EpochS, iso: (atS: EpochS) => string): LatestShape {
  const { endS: _end, cadenceSeconds: _cadence, ...shown } = judged;
  return { ...shown, freshness: freshnessOf(judged, nowS, iso) };
}
