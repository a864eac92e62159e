import type { CircumstanceActs } from '../api/deps.ts';
import { withRegistrations } from '../config/registrations.ts';
import type { Config } from '../domain/config/config.ts';
import type { System } from '../main.ts';
import { startPasses } from './passes.ts';
import { Rejudging } from './rejudging.ts';
import type { ActLog, CursorStore, Journal, StateStore } from '../domain/ports.ts';

/** Acts on special circumstances, through the one queue. */
export function circumstanceActs(acts: Pick<ActLog, 'perform'>): CircumstanceActs {
  const perform =
    (kind: 'apply-circumstance' | 'decide-circumstance' | 'withdraw-circumstance') =>
    ({ payload, ...act }: { actor: string; atS: number; id: string; payload: object }) =>
      acts.perform({ ...act, kind, version: 1, payload: { ...payload } });
  return {
    apply: perform('apply-circumstance'),
    decide: perform('decide-circumstance'),
    withdraw: perform('withdraw-circumstance'),
  };
}

const HISTORY_CURSOR = 'config:history';
const KEPT = 4;

interface InForceFrom {
  seq: number;
  hash: string;
}

interface Parts {
  journal: Pick<Journal, 'get' | 'head' | 'read' | 'readKinds'>;
  cursors: Pick<CursorStore, 'get' | 'set'>;
  state: Pick<StateStore, 'readingActs'>;
  /** The configuration in force, as the acts have completed it. */
  config(): Config;
}

/**
 * The configuration as it stood at a journal position, so that an earlier day can be judged by what was in force then. Where the
 * journal holds the configuration in force under the same hash, that very object.
 */
export class ConfigHistory {
  readonly #parts: Parts;
  readonly #kept = new Map<string, Config>();
  #scanned: Promise<void> = Promise.resolve();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Before the first journaled configuration: the first. */
  async at(seq: number): Promise<Config> {
    const entries = await this.#entries();
    const entry = entries.findLast((one) => one.seq <= seq) ?? entries[0];
    const now = this.#parts.config();
    const registrations = (await this.#parts.state.readingActs.registrations()).filter(
      (one) => one.seq <= seq,
    );
    const base = entry === undefined || entry.hash === now.hash ? null : await this.#read(entry);
    if (base !== null) return withRegistrations(base, registrations);
    return now;
  }

  /** Positions of journaled configurations. What the cursor knows is not read again; an old data folder is read once. */
  async #entries(): Promise<InForceFrom[]> {
    await (this.#scanned = this.#scanned.then(() => this.#scan()));
    return JSON.parse((await this.#parts.cursors.get(HISTORY_CURSOR)) ?? '[]').entries ?? [];
  }

  async #scan(): Promise<void> {
    const { journal, cursors } = this.#parts;
    const text = await cursors.get(HISTORY_CURSOR);
    const known: { through: number; entries: InForceFrom[] } =
      text === null ? { through: 0, entries: [] } : JSON.parse(text);
    const head = journal.head().seq;
    if (known.through >= head) return;
    const after = journal.readKinds?.(known.through, ['config']) ?? journal.read(known.through);
    for await (const entry of after) {
      const hash = entry.kind === 'config' ? entry.meta['configHash'] : undefined;
      if (typeof hash === 'string') known.entries.push({ seq: entry.seq, hash });
    }
    await cursors.set(HISTORY_CURSOR, JSON.stringify({ through: head, entries: known.entries }));
  }

  async #read({ seq, hash }: InForceFrom): Promise<Config> {
    const kept = this.#kept.get(hash);
    if (kept !== undefined) return kept;
    const body = new TextDecoder().decode((await this.#parts.journal.get(seq)).body);
    // Journaled by this program after its check; the hash names these very bytes.
    const config = { ...(JSON.parse(body) as Omit<Config, 'hash'>), hash };
    if (this.#kept.size >= KEPT) this.#kept.clear();
    this.#kept.set(hash, config);
    return config;
  }
}

const REJUDGE_EVERY_MS = 60_000;

/**
 * Keeps the table of the newest verdicts up, a minute at most behind what is projected. Where several processes share the stores only
 * the one that projects does it; one whose configuration is not in force never does. Answers how to stop.
 */
export function startRejudging(system: System): () => Promise<void> {
  const rejudging = rejudgingOf(system);
  return startPasses(system, {
    everyMs: REJUDGE_EVERY_MS,
    async pass(signal) {
      const report = await rejudging.run({ signal });
      if (report.touched > 0) system.log.info({ ...report }, 'verdicts judged again');
    },
    failed: 'verdicts could not be judged again',
  });
}

/** The re-judging of an open system. */
export function rejudgingOf(system: Pick<System, 'readings' | 'state' | 'config' | 'clock'>): Rejudging {
  const { readings, state, config, clock } = system;
  return new Rejudging({ readings, state, config, clock });
}
