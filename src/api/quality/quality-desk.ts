import {
  suggestMatches,
  type KnownStation,
  type MatchSuggestion,
} from '../../analysis/identity/match-names.ts';
import { judgeCheck } from '../../analysis/quality/checks.ts';
import { disagreeing, unlikeNeighbours, type Finding } from '../../analysis/quality/comparisons.ts';
import { rulesOf } from '../../analysis/quality/dated-rules.ts';
import { explainMarks, type Mark } from '../../analysis/quality/explain.ts';
import { editionInForce, type Config } from '../../domain/config/config.ts';
import type { Text } from '../../domain/config/facts.ts';
import { networkOf, type Network, type ReviewLevel } from '../../domain/config/network.ts';
import type { CheckKind } from '../../domain/config/quality-checks.ts';
import type { Screening } from '../../domain/config/screening.ts';
import { MonitorError } from '../../domain/errors.ts';
import { finalStage, stageOf } from '../../domain/flags.ts';
import type {
  ActLog,
  Clock,
  Journal,
  ReadingStore,
  SeriesColumns,
  StateStore,
  UnknownStation,
} from '../../domain/ports.ts';
import type { Hold, QualityCheck, ReadingObjection } from '../../domain/quality.ts';
import type { Role } from '../../domain/roles.ts';
import type { LevelReview, Review } from '../../domain/reading-acts.ts';
import { civilDate, instantOfCivil, type AveragingId, type EpochS } from '../../domain/time.ts';
import { registry } from '../region/stations-view.ts';

export interface QualityParts {
  config(): Config;
  readings: Pick<ReadingStore, 'series' | 'sums'>;
  state: Pick<StateStore, 'quality' | 'readingActs' | 'issues'> & { acts: Pick<ActLog, 'perform'> };
  journal: Pick<Journal, 'head'>;
  clock: Clock;
  /** After an act that changes names or holds. */
  refresh(): Promise<void>;
}

/** Who acts, under which id: sent again under it, an act is done once. */
export interface By {
  id: string;
  actor: string;
  role: Role;
}

export interface SeriesWindowQuery {
  stations: readonly string[];
  averaging: AveragingId;
  provider: string;
  fromS: EpochS;
  toS: EpochS;
}

export interface CheckRequest {
  station: string;
  provider: string;
  parameters: readonly string[];
  check: CheckKind;
  fromS?: EpochS;
  atS: EpochS;
  expected: string | null;
  measured: string | null;
  detectionLimit: string | null;
  note: string;
}

export type LevelReviewRequest = Omit<Review, 'stage'> & Pick<LevelReview, 'level' | 'reviewer' | 'reopens'>;

/** Readings of one civil day that a level has not reviewed. */
export interface DueReview {
  station: string;
  provider: string;
  network: string;
  networkName: Text;
  level: string;
  levelName: Text;
  dayS: EpochS;
  readings: number;
  dueS: EpochS;
  overdue: boolean;
}

const hourS = 3600;
const daySeconds = 86_400;
const stationsPerLook = 20;
const mostMarks = 5000;

/** Quality control as people use it: what is marked and why, checks, reviews by level, objections, suggested identities. */
export class QualityDesk {
  readonly #parts: QualityParts;

  constructor(parts: QualityParts) {
    this.#parts = parts;
  }

  /** The same desk, for a person who sees these readings. */
  seeing(readings: QualityParts['readings']): QualityDesk {
    return new QualityDesk({ ...this.#parts, readings });
  }

  /** Marks of screening with rule, figures and inputs; at most 5,000, the first by station, item and time. */
  async marks(query: SeriesWindowQuery & { asOfSeq?: number }): Promise<Mark[]> {
    const config = this.#parts.config();
    const rules = rulesOf(config);
    const parameters = [...rules.partners.keys()];
    const around = { fromS: query.fromS - rules.lookbackS, toS: query.toS + rules.aheadS };
    const columns = await this.#parts.readings.series({ ...query, ...around, parameters });
    return explainMarks(columns, rules, query).slice(0, mostMarks);
  }

  /** Readings unlike those of neighbouring stations (`stations` of one provider), or of the other providers of a station. */
  async comparisons(
    query: Omit<SeriesWindowQuery, 'provider'> & { providers: readonly string[] },
  ): Promise<Finding[]> {
    const config = this.#parts.config();
    const screening = this.#screening(config, query.fromS);
    if (screening === null) return [];
    const { neighbours, providers } = screening;
    const parameters = [
      ...new Set([...neighbours.items, ...providers.items].map(({ parameter }) => parameter)),
    ];
    const columns: SeriesColumns[] = [];
    for (const provider of query.providers)
      columns.push(...(await this.#parts.readings.series({ ...query, provider, parameters })));
    const places = new Map(
      config.airStations.flatMap(({ id, position }) => (position === null ? [] : [[id, position] as const])),
    );
    const near = query.providers.flatMap((provider) =>
      unlikeNeighbours(
        columns.filter(({ key }) => key.provider === provider),
        places,
        neighbours,
      ),
    );
    return [...near, ...disagreeing(columns, providers)].slice(0, mostMarks);
  }

  #screening(config: Config, atS: EpochS): Screening | null {
    const day = civilDate(atS, config.region.timeZone);
    return editionInForce(config.stationQuality, day)?.screening ?? null;
  }

  /** Judges a check by the edition of its day and records it. A failed one puts readings under review since the last passed one. */
  async recordCheck(by: By, request: CheckRequest): Promise<{ seq: number; check: QualityCheck }> {
    const { state } = this.#parts;
    const check = await this.#judged(request);
    const seq = await state.acts.perform({
      ...this.#act(by, 'check'),
      kind: 'record-check',
      payload: { ...check, parameters: [...check.parameters] },
    });
    await this.#parts.refresh();
    return { seq, check };
  }

  async #judged(request: CheckRequest): Promise<QualityCheck> {
    const config = this.#parts.config();
    const day = civilDate(request.atS, config.region.timeZone);
    const quality = editionInForce(config.stationQuality, day);
    if (quality === null)
      throw new MonitorError(
        'E_BAD_REQUEST',
        `no edition of the station-quality rules is in force on ${day}`,
      );
    const { fromS = request.atS, ...rest } = request;
    const base = { ...rest, fromS, edition: quality.id };
    if (request.check === 'maintenance') return { ...base, passed: null, figures: {}, holdsFromS: fromS };
    const [parameter] = request.parameters;
    if (parameter === undefined || request.parameters.length !== 1)
      throw new MonitorError('E_BAD_REQUEST', `a ${request.check} is of one item`);
    const section = config.sections.find(({ id }) => id === request.station);
    const bodyType = section?.bodyType?.value ?? null;
    const water = editionInForce(config.waterStandards, day);
    const { passed, figures } = judgeCheck({ ...request, parameter, bodyType }, quality, water);
    if (passed === true) return { ...base, passed, figures, holdsFromS: null };
    const { station, provider, check, atS } = request;
    const last = await this.#parts.state.quality.lastPassed({
      station,
      provider,
      parameter,
      check,
      beforeS: atS,
    });
    const longest = quality.checks?.longestHours ?? 0;
    return { ...base, passed, figures, holdsFromS: last ?? atS - longest * hourS };
  }

  /** Puts readings under review by the name of a rule, as an operator or a comparison asks. */
  async hold(by: By, hold: Hold & { toS: EpochS }): Promise<number> {
    const payload = { ...hold, parameters: [...hold.parameters], figures: { ...hold.figures } };
    const seq = await this.#parts.state.acts.perform({
      ...this.#act(by, 'hold'),
      kind: 'hold-readings',
      payload,
    });
    await this.#parts.refresh();
    return seq;
  }

  /**
   * A review at a named level. Throws E_BAD_REQUEST for a level that the network does not have, E_FORBIDDEN for a role that may not
   * review at it, E_CONFLICT for what a provider delivered as final.
   */
  async review(by: By, request: LevelReviewRequest): Promise<number> {
    const config = this.#parts.config();
    const network = this.network(request.station, request.provider);
    const level = network.reviewLevels.find(({ id }) => id === request.level);
    if (level === undefined) {
      const known = network.reviewLevels.map(({ id }) => id).join(', ');
      throw new MonitorError(
        'E_BAD_REQUEST',
        `network ${network.id} has no review level "${request.level}" (${known})`,
      );
    }
    if (by.role !== 'administrator' && !level.roles.includes(by.role))
      throw new MonitorError(
        'E_FORBIDDEN',
        `level ${level.id} is reviewed by ${level.roles.join(', ')}, not ${by.role}`,
      );
    if (network.finalBy === 'provider' && (request.reopens || (await this.#anyFinal(request))))
      throw new MonitorError(
        'E_CONFLICT',
        'the provider delivered these values as final: object to them instead',
      );
    const { reopens, ...rest } = request;
    const dueS = dueOf(level, request.fromS, config.region.timeZone);
    const review: LevelReview = { ...rest, reopens, stage: level.stage, network: network.id, dueS };
    return this.#parts.state.acts.perform({
      ...this.#act(by, 'review'),
      kind: 'review-readings',
      version: 2,
      payload: { ...review, parameters: [...review.parameters] },
    });
  }

  async #anyFinal(request: LevelReviewRequest): Promise<boolean> {
    const found = await this.#parts.readings.series({ ...request, stations: [request.station] });
    return found.some(({ flags }) => flags.some((bits) => stageOf(bits) === finalStage));
  }

  object(by: By, objection: ReadingObjection): Promise<number> {
    const payload = {
      ...objection,
      parameters: [...objection.parameters],
      evidence: [...objection.evidence],
    };
    return this.#parts.state.acts.perform({
      ...this.#act(by, 'objection'),
      kind: 'object-to-readings',
      payload,
    });
  }

  answer(
    by: By,
    payload: { objection: string; outcome: 'upheld' | 'rejected'; text: string },
  ): Promise<number> {
    return this.#parts.state.acts.perform({ ...this.#act(by, 'answer'), kind: 'answer-objection', payload });
  }

  network(station: string, provider: string): Network {
    const { networks, sections } = this.#parts.config();
    const level = sections.find(({ id }) => id === station)?.level ?? null;
    return networkOf(networks, { provider, level });
  }

  /** Civil days of the window with readings that a level has not reviewed, by station, level and day. */
  async due(query: SeriesWindowQuery & { overdueOnly: boolean }): Promise<DueReview[]> {
    const due: DueReview[] = [];
    for (let at = 0; at < query.stations.length; at += stationsPerLook) {
      const stations = query.stations.slice(at, at + stationsPerLook);
      const levels = new Map<string, { level: ReviewLevel; network: Network; stations: string[] }>();
      for (const station of stations) {
        const network = this.network(station, query.provider);
        for (const level of network.reviewLevels) {
          const key = `${network.id}\n${level.id}`;
          const known = levels.get(key) ?? { level, network, stations: [] };
          levels.set(key, known);
          known.stations.push(station);
        }
      }
      for (const one of levels.values()) due.push(...(await this.#dueAt(one, query)));
    }
    return query.overdueOnly ? due.filter(({ overdue }) => overdue) : due;
  }

  async #dueAt(
    of: { level: ReviewLevel; network: Network; stations: readonly string[] },
    { provider, averaging, fromS, toS }: SeriesWindowQuery,
  ): Promise<DueReview[]> {
    const config = this.#parts.config();
    const { timeZone } = config.region;
    const columns = await this.#parts.readings.sums({
      groups: of.stations.map((id) => ({ id, stations: [id] })),
      parameters: config.parameters
        .filter(({ type, published }) => type === 'quantity' && !published)
        .map(({ id, decimals }) => ({ id, decimals })),
      averaging,
      provider,
      fromS,
      toS,
      period: 'day',
      timeZone,
      cadenceS: null,
      filter: { validity: ['valid', 'suspect', 'invalid'], leastStage: of.level.stage },
    });
    const days = new Map<string, DueReview>();
    for (const { group, beginS, observed, valid } of columns) {
      for (const [row, dayS] of beginS.entries()) {
        const readings = (observed[row] ?? 0) - (valid[row] ?? 0);
        if (readings <= 0) continue;
        const key = `${group}\n${dayS}`;
        const dueS = dueOf(of.level, dayS, timeZone);
        const overdue = this.#parts.clock.nowS() > dueS;
        const { network, level } = of;
        const known = days.get(key) ?? {
          station: group,
          provider,
          network: network.id,
          networkName: network.name,
          level: level.id,
          levelName: level.name,
          dayS,
          readings: 0,
          dueS,
          overdue,
        };
        days.set(key, { ...known, readings: known.readings + readings });
      }
    }
    return [...days.values()].sort((a, b) => a.dayS - b.dayS || (a.station < b.station ? -1 : 1));
  }

  /** Names that no registry knows, with the registered stations that they may be. */
  async suggestions(): Promise<(UnknownStation & { firstSeenS: EpochS; matches: MatchSuggestion[] })[]> {
    const stations: KnownStation[] = [...registry(this.#parts.config()).values()].map(({ station }) => ({
      id: station.id,
      names: [station.name.zh, ...station.aliases.map(({ key }) => key)],
      codes: [
        ...station.aliases.map(({ key }) => key),
        ...('codes' in station ? station.codes.map(({ code }) => code) : []),
      ],
      position: station.position,
    }));
    const registered = new Set(
      (await this.#parts.state.readingActs.registrations()).map(
        ({ provider, naturalKey }) => `${provider}\n${naturalKey}`,
      ),
    );
    const unknown = await this.#parts.state.issues.unknownStations();
    return unknown
      .filter(({ provider, naturalKey }) => !registered.has(`${provider}\n${naturalKey}`))
      .map((one) => {
        const position =
          one.lon === undefined || one.lat === undefined ? null : { lon: one.lon, lat: one.lat };
        return { ...one, matches: suggestMatches({ ...one, position }, stations) };
      });
  }

  #act(by: By, prefix: string): { id: string; actor: string; atS: EpochS; version: 1 } {
    return { id: `${prefix}-${by.id}`, actor: by.actor, atS: this.#parts.clock.nowS(), version: 1 };
  }
}

/** Counted from the end of the civil day in which the readings begin. */
function dueOf(level: ReviewLevel, atS: EpochS, timeZone: string): EpochS {
  return instantOfCivil(`${civilDate(atS, timeZone)}T00:00`, timeZone) + (1 + level.dueDays) * daySeconds;
}
