import { createHash } from 'node:crypto';
import { BatchBuilder, type Side } from '../../domain/batch.ts';
import { stationResolver, type Config, type StationResolver } from '../../domain/config/config.ts';
import type { SourceConfig } from '../../domain/config/source.ts';
import { MonitorError, type Issue, type IssueCode } from '../../domain/errors.ts';
import { qualifiers } from '../../domain/flags.ts';
import { rowKinds, type ParseContext, type ParseResult, type UnknownStation } from '../../domain/ports.ts';
import { averagings, type AveragingId, type EpochS } from '../../domain/time.ts';
import { markImplausible } from '../quality/range.ts';

/** A record quoted in an issue is cut to this length. */
const RECORD_LENGTH = 200;

const resolvers = new WeakMap<Config, StationResolver>();

function resolverOf(config: Config): StationResolver {
  let resolver = resolvers.get(config);
  if (resolver === undefined) resolvers.set(config, (resolver = stationResolver(config)));
  return resolver;
}

/** The configuration of a source. Throws E_CONFIG when there is none of that id. */
export function sourceOf(config: Config, sourceId: string): SourceConfig {
  const source = config.sources.find((candidate) => candidate.id === sourceId);
  if (source === undefined) throw new MonitorError('E_CONFIG', `no source "${sourceId}" is configured`);
  return source;
}

/** Published text → number of a code or bits parameter, as the configuration says. Throws E_CONFIG without a table. */
export function codeTable(config: Config, parameterId: string): ReadonlyMap<string, number> {
  const codes = config.parameters.find((parameter) => parameter.id === parameterId)?.codes;
  if (codes === undefined)
    throw new MonitorError('E_CONFIG', `parameter "${parameterId}" needs a table of codes`);
  return new Map(codes.flatMap((code) => code.texts.map((text) => [text, code.value] as const)));
}

/** ASCII id of a station that no registry knows: its provider and a digest; the same for the same natural key, for ever. */
export function unregisteredId(provider: string, naturalKey: string): string {
  return `u-${provider}-${createHash('sha256').update(`${provider}\n${naturalKey}`).digest('hex').slice(0, 12)}`;
}

/** Gathers one entry's readings; every measured cell goes through exactly one of its four counting methods. */
export class Collector {
  readonly source: SourceConfig;
  readonly context: ParseContext;
  readonly #builder: BatchBuilder;
  readonly #resolve: StationResolver;
  readonly #kinds: number[] = [];
  readonly #issues: Issue[] = [];
  readonly #unknown = new Map<string, UnknownStation>();
  readonly #stations = new Map<string, string>();
  #absent = 0;
  #missing = 0;
  #rejected = 0;
  #measured = 0;

  constructor(context: ParseContext) {
    this.context = context;
    this.source = sourceOf(context.config, context.sourceId);
    this.#builder = new BatchBuilder(this.source.provider);
    this.#resolve = resolverOf(context.config);
  }

  /** When the source showed this entry: what a stamp without a year, or one from the future, is judged by. */
  get shownS(): EpochS {
    return this.context.meta.publishedS ?? this.context.receivedS;
  }

  issue(code: IssueCode, path: string, message: string, record: string): void {
    const source = { id: this.context.sourceId, record: record.slice(0, RECORD_LENGTH) };
    this.#issues.push({ code, path, message, source });
  }

  /** Registered id on that civil date, or an unregistered one that is noted, with one issue a station and entry. */
  station(of: {
    naturalKey: string;
    name: string;
    civilDate: string;
    path: string;
    lon?: number;
    lat?: number;
  }): string {
    const cacheKey = `${of.naturalKey}\n${of.civilDate}`;
    const cached = this.#stations.get(cacheKey);
    if (cached !== undefined) return cached;
    const { provider } = this.source;
    const registered = this.#resolve(provider, of.naturalKey, of.civilDate);
    const id = registered ?? unregisteredId(provider, of.naturalKey);
    this.#stations.set(cacheKey, id);
    if (registered === null && !this.#unknown.has(id)) {
      const { naturalKey, name, lon, lat } = of;
      const position = lon === undefined || lat === undefined ? {} : { lon, lat };
      this.#unknown.set(id, { id, provider, naturalKey, name, ...position });
      const message = `no station is registered as "${naturalKey}"; its data is kept as ${id}`;
      this.issue('STATION_UNREGISTERED', of.path, message, naturalKey);
    }
    return id;
  }

  series(station: string, parameter: string, averaging: AveragingId): number {
    return this.#builder.seriesOf(station, parameter, averaging);
  }

  /** A measured cell with a value; `flags` are those that the source itself gives. */
  measured(
    series: number,
    averaging: AveragingId,
    timeS: EpochS,
    value: number,
    side?: Side,
    flags = 0,
  ): void {
    this.#measured += 1;
    this.#add(rowKinds.measured, series, timeS, value, slidingBits(averaging) | flags, side);
  }

  /** A measured cell in which the source says "no value now"; `flags` are added to the missing mark. */
  missing(series: number, averaging: AveragingId, timeS: EpochS, flags = 0, side?: Side): void {
    this.#missing += 1;
    this.#add(
      rowKinds.missing,
      series,
      timeS,
      null,
      slidingBits(averaging) | qualifiers.missing | flags,
      side,
    );
  }

  /** The source's own verdict; null where it gives none. Not a cell. */
  published(series: number, timeS: EpochS, value: number | null): void {
    this.#add(rowKinds.published, series, timeS, value, value === null ? qualifiers.missing : 0);
  }

  /** A reading that another system stored: its flags and time of showing are taken as they are. */
  stored(
    series: number,
    row: { timeS: EpochS; value: number | null; flags: number; publishedS: EpochS | null; side?: Side },
  ): void {
    const missing = row.value === null;
    if (missing) this.#missing += 1;
    else this.#measured += 1;
    this.#kinds.push(missing ? rowKinds.missing : rowKinds.measured);
    this.#builder.add({ series, ...row });
  }

  absentCells(count: number): void {
    this.#absent += count;
  }

  /** Cells that say "no value", in a row that has no time to store it under. */
  missingCells(count: number): void {
    this.#missing += count;
  }

  rejectedCells(count: number): void {
    this.#rejected += count;
  }

  /** `asJudged`: whoever measured has judged the values; no range of ours marks them. */
  finish({ asJudged = false } = {}): ParseResult {
    const batch = this.#builder.build();
    const judged = asJudged
      ? { flags: batch.flags, issues: [] }
      : markImplausible(batch, this.context.config, this.context.sourceId);
    const [absent, missing, rejected] = [this.#absent, this.#missing, this.#rejected];
    return {
      batch: { ...batch, flags: judged.flags },
      rowKind: Uint8Array.from(this.#kinds),
      issues: [...this.#issues, ...judged.issues],
      cells: { read: this.#measured + absent + missing + rejected, absent, missing, rejected },
      unknownStations: [...this.#unknown.values()],
    };
  }

  #add(kind: number, series: number, timeS: EpochS, value: number | null, flags: number, side?: Side): void {
    this.#kinds.push(kind);
    const publishedS = this.context.meta.publishedS ?? null;
    this.#builder.add({ series, timeS, value, flags, publishedS, ...(side === undefined ? {} : { side }) });
  }
}

const slidingBits = (averaging: AveragingId): number =>
  averagings[averaging].sliding ? qualifiers.sliding : 0;

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/** The number a text stands for, scientific notation included; null when it is not wholly a number. */
export function numberOf(text: string): number | null {
  if (!NUMBER.test(text)) return null;
  const value = Number(text);
  return Number.isFinite(value) ? value : null;
}
