import { createHash } from 'node:crypto';
import type { Config } from '../../domain/config/config.ts';
import type { AirStation, FlowStation, Section } from '../../domain/config/region.ts';
import type { SharedProduct, SharedStage } from '../../domain/config/sharing.ts';
import type { SeriesKey } from '../../domain/batch.ts';
import { unpackFlags } from '../../domain/flags.ts';
import type { Actor } from '../../domain/ports.ts';
import { grantsOn, withSuperiors, type StoredPublication } from '../../domain/sharing.ts';
import { civilDate, type EpochS } from '../../domain/time.ts';
import { decide } from './access.ts';
import { registry, type StationKind } from '../region/stations-view.ts';

/** How long after its end somebody sees a reading of a stage: seconds, null for never. */
export interface Sight {
  raw: number | null;
  reviewed: number | null;
}

const everything: Sight = { raw: 0, reviewed: 0 };
const nothing: Sight = { raw: null, reviewed: null };

export interface AudienceFacts {
  config: Config;
  actor: Actor | null;
  publications: readonly StoredPublication[];
  synthetic: boolean;
  nowS: EpochS;
}

interface SharedStation {
  kind: StationKind;
  /** Whoever owns its data: where it lies, and the jurisdictions above. */
  owners: readonly string[];
  /** Whoever is party to it, owners included; undefined: every bureau of the region. */
  parties: readonly string[] | undefined;
}

/** Those between whom a section stands: its border, who is assessed on it, and the agreements that name it. */
function partiesOf(config: Config, station: Section | AirStation | FlowStation): string[] | undefined {
  if (!('bodyType' in station)) return undefined;
  const agreements = config.agreements.filter((agreement) =>
    agreement.sections.some((entry) => entry.section === station.id),
  );
  const named = [
    ...(station.border === undefined ? [] : [station.border.protecting, station.border.benefiting]),
    ...agreements.flatMap(({ parties }) => [parties.protecting, parties.benefiting]),
  ];
  if (named.length === 0) return undefined;
  return [station.locatedIn, ...(station.assessed === null ? [] : [station.assessed]), ...named];
}

function sharedStations(config: Config): Map<string, SharedStation> {
  const above = (code: string | null): readonly string[] => withSuperiors(config.jurisdictions, code);
  const shared = new Map<string, SharedStation>();
  for (const [id, { kind, station }] of registry(config)) {
    const parties = partiesOf(config, station);
    shared.set(id, {
      kind,
      owners: above(station.locatedIn),
      parties: parties === undefined ? undefined : [...new Set(parties.flatMap(above))],
    });
  }
  return shared;
}

const stationsOf = new WeakMap<Config, Map<string, SharedStation>>();

/** Which part of a scope list speaks of this kind of thing; undefined: none, so all of it is allowed. */
function scoped(actor: Actor | null, kind: 'provider' | 'station'): readonly string[] | undefined {
  const prefix = `${kind}:`;
  const named = (actor?.scopes ?? []).filter((scope) => scope.startsWith(prefix));
  return named.length === 0 ? undefined : named.map((scope) => scope.slice(prefix.length));
}

/**
 * What one person or nobody may see of readings and of what is judged from them: the decision of `decide` for every grant of the
 * region's sharing rules and publications. Made for one request; every door (own API, SensorThings, OGC, feeds, exports) asks it.
 */
export class Audience {
  readonly #facts: AudienceFacts;
  readonly #stations: Map<string, SharedStation>;
  readonly #day: string;
  readonly #sights = new Map<string, Sight>();
  readonly #providers: readonly string[] | undefined;
  readonly #scopedStations: readonly string[] | undefined;
  readonly #rules: readonly unknown[];
  readonly actor: Actor | null;
  readonly nowS: EpochS;
  /** Whether some grant of the region lets readings be seen only later: then what is seen changes with the clock. */
  readonly delayed: boolean;
  /** Every delay, in seconds, that some grant of the region knows; 0 first. */
  readonly delays: readonly number[];
  /** The configuration that it is a circle of. */
  readonly config: Config;
  /** Equal for those who see the same at this moment; names entries of caches. */
  readonly name: string;

  constructor(facts: AudienceFacts) {
    const { config, actor, nowS } = facts;
    this.#facts = facts;
    this.actor = actor;
    this.config = config;
    this.nowS = nowS;
    const stations = stationsOf.get(config) ?? sharedStations(config);
    stationsOf.set(config, stations);
    this.#stations = stations;
    this.#day = civilDate(nowS, config.region.timeZone);
    this.#providers = scoped(actor, 'provider');
    this.#scopedStations = scoped(actor, 'station');
    const grants = [...config.sharing.flatMap((rule) => rule.grants), ...facts.publications];
    this.delays = [...new Set([0, ...grants.map((grant) => grant.delaySeconds ?? 0)])].toSorted(
      (a, b) => a - b,
    );
    this.delayed = this.delays.length > 1;
    const rank = actor === null ? 'anyone' : seesAll(actor) ? 'all' : (actor.jurisdiction ?? 'none');
    const published = facts.publications.map((publication) => `${publication.id}:${publication.state}`);
    const scopes = (actor?.scopes ?? []).toSorted();
    this.name = [rank, this.#day, ...published, ...scopes].join(' ');
    const rules = config.sharing.filter(
      ({ from = this.#day, to = this.#day }) => from <= this.#day && this.#day <= to,
    );
    this.#rules = [rank, scopes, rules, facts.publications];
  }

  /** Equal while the rules that hold for this audience are the same; unlike `name`, also over days. */
  get rights(): string {
    return createHash('sha256').update(JSON.stringify(this.#rules)).digest('hex').slice(0, 12);
  }

  /** What this audience sees of a series. A station that no registry knows is for its bureaus only. */
  sees(key: Pick<SeriesKey, 'station' | 'parameter' | 'provider'>): Sight {
    return this.#sight('readings', key.station, key.provider, key.parameter);
  }

  /** What this audience sees of a product of a station, over all of its parameters or of one. */
  seesProduct(
    product: SharedProduct,
    station: string,
    provider: string,
    parameter: string | null = null,
  ): Sight {
    return this.#sight(product, station, provider, parameter);
  }

  /** Whether a reading with these flags, whose interval ended then, is seen. */
  seesRow(sight: Sight, flags: number, endS: EpochS): boolean {
    const delayS = unpackFlags(flags).stage > 0 ? sight.reviewed : sight.raw;
    return delayS !== null && (delayS === 0 || endS <= this.nowS - delayS);
  }

  #sight(product: SharedProduct, station: string, provider: string, parameter: string | null): Sight {
    const name = `${product}\n${station}\n${provider}\n${parameter ?? ''}`;
    const known = this.#sights.get(name);
    if (known !== undefined) return known;
    const sight = this.#decide(product, { station, provider, parameter });
    this.#sights.set(name, sight);
    return sight;
  }

  #decide(
    product: SharedProduct,
    key: { station: string; provider: string; parameter: string | null },
  ): Sight {
    if (this.#providers !== undefined && !this.#providers.includes(key.provider)) return nothing;
    if (this.#scopedStations !== undefined && !this.#scopedStations.includes(key.station)) return nothing;
    const station = this.#stations.get(key.station);
    if (station === undefined) return decide(this.actor, { tier: 'owner' }).allow ? everything : nothing;
    if (decide(this.actor, { tier: 'owner', jurisdictions: station.owners }).allow) return everything;
    return {
      raw: this.#delay(product, station, { ...key, stage: 'raw' }),
      reviewed: this.#delay(product, station, { ...key, stage: 'reviewed' }),
    };
  }

  /** The shortest delay of the grants that let this audience in. */
  #delay(
    product: SharedProduct,
    station: SharedStation,
    key: { provider: string; parameter: string | null; stage: SharedStage },
  ): number | null {
    const { config, publications, synthetic } = this.#facts;
    const thing = { product, medium: station.kind, locatedIn: station.owners, ...key };
    const delays = grantsOn(this.#day, thing, { rules: config.sharing, publications })
      .filter(({ tier }) => {
        const named = tier === 'partner' ? station.parties : station.owners;
        const jurisdictions = named === undefined ? {} : { jurisdictions: named };
        return decide(this.actor, { tier, synthetic, ...jurisdictions }).allow;
      })
      .map((grant) => grant.delaySeconds ?? 0);
    return delays.length === 0 ? null : Math.min(...delays);
  }
}

function seesAll(actor: Actor): boolean {
  return decide(actor, { tier: 'office' }).allow;
}
