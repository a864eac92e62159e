import { createHash } from 'node:crypto';
import type { Finding } from '../analysis/quality/comparisons.ts';
import { providersOf } from '../api/region/stations-view.ts';
import type { QualityDesk } from '../api/quality/quality-desk.ts';
import type { Config } from '../domain/config/config.ts';
import { isSettled } from '../domain/flags.ts';
import type { Clock, ReadingStore, StateStore } from '../domain/ports.ts';
import type { AveragingId, EpochS } from '../domain/time.ts';
import type { System } from '../main.ts';
import { startPasses } from './passes.ts';
import { qualityDeskOf } from './quality.ts';

/** Cursor of the change feed up to which readings are compared. */
const COMPARED_CURSOR = 'comparing';
const EVERY_MS = 60_000;
const changesPerPage = 5000;
const dayS = 86_400;
/** Older readings are compared when somebody asks (`jiehe quality compare`): putting them under review is that person's act. */
const reachS = 100 * dayS;
/** Acts of one pass; what is beyond comes with the next one. */
const mostHolds = 500;
const compared = ['instant', 'PT1H', 'P1M'] as const satisfies AveragingId[];

interface ComparingParts {
  readings: Pick<ReadingStore, 'changesSince'>;
  state: Pick<StateStore, 'cursors'>;
  desk: Pick<QualityDesk, 'comparisons' | 'hold'>;
  config(): Config;
  clock: Clock;
}

interface Window {
  averaging: AveragingId;
  fromS: EpochS;
  toS: EpochS;
  stations: Set<string>;
}

/**
 * Compares what arrived with neighbouring stations and other providers, and puts what the rules call suspect under review: an act of
 * the system a reading, with the rule, its figures and the other values. A reading that is reviewed or held already is left alone.
 */
export class Comparing {
  readonly #parts: ComparingParts;

  constructor(parts: ComparingParts) {
    this.#parts = parts;
  }

  /** One pass over what changed since the last. Answers how many readings went under review. */
  async run(signal?: AbortSignal): Promise<number> {
    const { readings, state, clock } = this.#parts;
    const oldestS = clock.nowS() - reachS;
    let cursor = await state.cursors.get(COMPARED_CURSOR);
    let held = 0;
    for (;;) {
      signal?.throwIfAborted();
      const page = await readings.changesSince(cursor, changesPerPage);
      const windows = new Windows();
      for (const { series } of page.entries)
        for (const { key, firstS, lastS, accepted, revised } of series)
          if (accepted + revised > 0 && isCompared(key.averaging) && lastS >= oldestS)
            windows.add(key.averaging, key.station, Math.max(firstS, oldestS), lastS);
      for (const window of windows.list()) held += await this.#hold(await this.find(window), signal);
      ({ cursor } = page);
      await state.cursors.set(COMPARED_CURSOR, cursor);
      if (!page.more || held >= mostHolds) return held;
    }
  }

  /** Findings of a window: of all air stations (a value that comes makes a neighbour odd), or of these sections. */
  find({ averaging, fromS, toS, stations }: Window): Promise<Finding[]> {
    const config = this.#parts.config();
    const providers = [...new Set(config.sources.map(({ provider }) => provider))];
    const air = config.airStations.map(({ id }) => id);
    const isAir = averaging === 'PT1H' && air.some((id) => stations.has(id));
    const several = config.sections.filter((one) => stations.has(one.id) && providersOf(one).length > 1);
    const of = [...several.map(({ id }) => id), ...(isAir ? air : [])];
    if (of.length === 0) return Promise.resolve([]);
    return this.#parts.desk.comparisons({ stations: of, averaging, providers, fromS, toS });
  }

  async #hold(findings: readonly Finding[], signal?: AbortSignal): Promise<number> {
    let held = 0;
    for (const finding of findings) {
      if (finding.effect !== 'suspect' || isSettled(finding.flags)) continue;
      signal?.throwIfAborted();
      await this.hold(finding, 'system');
      held += 1;
    }
    return held;
  }

  /** Puts the reading of a finding under review; the same finding is the same act. Resolves with the journal position. */
  hold(finding: Finding, actor: string): Promise<number> {
    const { rule, station, provider, parameter, timeS, value, figures, inputs } = finding;
    const others = inputs.map((one) => `${one.station} ${one.provider} ${one.value}`);
    const reason = `${value}: ${others.join(', ')}`.slice(0, 2000);
    const hold = { station, provider, parameters: [parameter], fromS: timeS, toS: timeS + 1 };
    const digest = createHash('sha256')
      .update(JSON.stringify([rule, hold, figures, reason]))
      .digest('hex');
    const by = { id: `${rule}-${digest.slice(0, 24)}`, actor, role: 'administrator' } as const;
    return this.#parts.desk.hold(by, { ...hold, rule, figures, reason });
  }
}

const isCompared = (averaging: AveragingId): boolean => compared.some((one) => one === averaging);

/** Touched series as few windows of at most two days; months stand alone. */
class Windows {
  readonly #windows = new Map<string, Window>();

  add(averaging: AveragingId, station: string, firstS: EpochS, lastS: EpochS): void {
    const lengthS = averaging === 'P1M' ? 400 * dayS : 2 * dayS;
    for (let at = Math.floor(firstS / lengthS); at * lengthS <= lastS; at++) {
      const [fromS, toS] = [Math.max(firstS, at * lengthS), Math.min(lastS + 1, (at + 1) * lengthS)];
      const key = `${averaging} ${at}`;
      const known = this.#windows.get(key);
      if (known === undefined)
        this.#windows.set(key, { averaging, fromS, toS, stations: new Set([station]) });
      else {
        known.fromS = Math.min(known.fromS, fromS);
        known.toS = Math.max(known.toS, toS);
        known.stations.add(station);
      }
    }
  }

  list(): Window[] {
    return [...this.#windows.values()];
  }
}

export function comparingOf(system: System): Comparing {
  const { readings, state, config, clock } = system;
  return new Comparing({ readings, state, config, clock, desk: qualityDeskOf(system) });
}

/** Compares within a minute of what is projected, in the process that projects. Answers how to stop. */
export function startComparing(system: System): () => Promise<void> {
  const comparing = comparingOf(system);
  return startPasses(system, {
    everyMs: EVERY_MS,
    async pass(signal) {
      const held = await comparing.run(signal);
      if (held > 0) system.log.info({ held }, 'readings unlike others went under review');
    },
    failed: 'readings could not be compared',
  });
}
