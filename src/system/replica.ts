import { userInfo } from 'node:os';
import type { Clock, CursorStore, Journal } from '../domain/ports.ts';
import { canonicalConfig, type Environment } from '../config/index.ts';
import { withApprovals } from '../config/devices.ts';
import { withRegistrations } from '../config/registrations.ts';
import type { Config } from '../domain/config/config.ts';
import { MonitorError } from '../domain/errors.ts';
import type { DeviceActStore, StoredApproval } from '../domain/device-acts.ts';
import type { QualityStore, StoredHold } from '../domain/quality.ts';
import type { ReadingActStore, StoredRegistration } from '../domain/reading-acts.ts';

export const roles = ['all', 'api', 'worker'] as const;
/** `api` answers, `worker` runs schedule, jobs and projection, `all` does both. */
export type ProcessRole = (typeof roles)[number];

const CONFIG_CURSOR = 'config:hash';
const LOOK_MS = 2_000;

/** Whether this process judges by the configuration that is in force for all who share the journal. */
export interface ConfigWatch {
  /** Null: in force. Otherwise the hash of the one that is. */
  staleAgainst(): string | null;
  /** Called once, when another configuration came into force. */
  onStale(listener: () => void): void;
  close(): Promise<void>;
}

interface Parts {
  journal: Journal;
  cursors: CursorStore;
  clock: Clock;
  config: Config;
}

/** Who runs this process: as JIEHE_OPERATOR says, else the account of the operating system. */
export function operatorOf(environment: Pick<Environment, 'operator'>): string {
  if (environment.operator !== null) return environment.operator;
  try {
    return `account:${userInfo().username}`;
  } catch {
    // an account that has a number only
    return `account:${process.getuid?.() ?? 'unknown'}`;
  }
}

/**
 * The canonical configuration is journaled whenever its hash is new: verdicts and statements name that hash. Alone, a start brings
 * its configuration into force. Beside others, a hash that the journal has seen before is an older one: the start is stale
 * until it is adopted on purpose; a new one comes into force with `serve` (never with a mere command) and makes the others stale.
 * The entry says who did it and which one it replaces.
 */
export async function bringIntoForce(
  parts: Parts,
  options: { shared: boolean; adopt: boolean; serving: boolean; actor: string },
): Promise<void> {
  const { journal, cursors, clock, config } = parts;
  const inForce = await cursors.get(CONFIG_CURSOR);
  if (inForce === config.hash) return;
  if (options.shared && !options.adopt && inForce !== null) {
    // A command with other files, or without --config, must not turn the servers.
    if (!options.serving || (await seenBefore(journal, config.hash))) return;
  }
  const body = new TextEncoder().encode(canonicalConfig(config).text);
  const meta = {
    configHash: config.hash,
    actor: options.actor,
    ...(inForce === null ? {} : { replaces: inForce }),
  };
  await journal.append({ kind: 'config', receivedS: clock.nowS(), meta, body });
  await cursors.set(CONFIG_CURSOR, config.hash);
}

async function seenBefore(journal: Journal, hash: string): Promise<boolean> {
  if (journal.readKinds === undefined) return false;
  for await (const entry of journal.readKinds(0, ['config'])) if (entry.meta.configHash === hash) return true;
  return false;
}

export async function watchConfig(parts: Parts, options: { shared: boolean }): Promise<ConfigWatch> {
  const { cursors, config } = parts;
  const listeners: (() => void)[] = [];
  let inForce = (await cursors.get(CONFIG_CURSOR)) ?? config.hash;
  const stale = (): boolean => inForce !== config.hash;
  const look = async (): Promise<void> => {
    const before = stale();
    inForce = (await cursors.get(CONFIG_CURSOR)) ?? config.hash;
    if (!before && stale()) for (const listener of listeners) listener();
  };
  let looking: Promise<void> = Promise.resolve();
  const timer = options.shared
    ? setInterval(() => {
        // A state that does not answer says nothing of the configuration; the next look does.
        looking = looking.then(look).catch(() => undefined);
      }, LOOK_MS).unref()
    : undefined;
  return {
    staleAgainst: () => (stale() ? inForce : null),
    onStale: (listener) => {
      listeners.push(listener);
      if (stale()) listener();
    },
    async close() {
      clearInterval(timer);
      await looking;
    },
  };
}

/** Synthetic and real data never mix, and regions neither: servers are stamped like a data folder. Throws E_MIXED_DATA. */
export async function stampServers(
  cursors: CursorStore,
  stamp: { synthetic: boolean; region: string },
): Promise<void> {
  const mine = JSON.stringify({ region: stamp.region, synthetic: stamp.synthetic });
  const found = await cursors.get('data:stamp');
  if (found === null) await cursors.set('data:stamp', mine);
  else if (found !== mine)
    throw new MonitorError(
      'E_MIXED_DATA',
      `the database holds data of ${found}, this start would add ${mine}; they never mix`,
    );
}

interface LiveActs {
  readingActs: Pick<ReadingActStore, 'registrations'>;
  deviceActs: Pick<DeviceActStore, 'approvals'>;
  quality: Pick<QualityStore, 'holds'>;
}

/**
 * The configuration as the acts so far have completed it (registrations give stations further names, approvals let devices in), and
 * what acts hold for review.
 */
export class LiveConfig {
  readonly #base: Config;
  readonly #acts: LiveActs;
  readonly #timer: NodeJS.Timeout | undefined;
  readonly #bySeq = new Map<number, Config>();
  #registrations: readonly StoredRegistration[] = [];
  #approvals: readonly StoredApproval[] = [];
  /** Positions of the acts that complete the configuration, in order. */
  #seqs: readonly number[] = [];
  #holds: readonly StoredHold[] = [];

  private constructor(base: Config, acts: LiveActs, shared: boolean) {
    this.#base = base;
    this.#acts = acts;
    if (shared) this.#timer = setInterval(() => void this.refresh().catch(() => undefined), LOOK_MS).unref();
  }

  static async open(base: Config, acts: LiveActs, shared: boolean): Promise<LiveConfig> {
    const live = new LiveConfig(base, acts, shared);
    await live.refresh();
    return live;
  }

  /** As it was before a journal entry, so that an old one is parsed as it was when it was new; without one, as it is now. */
  config(beforeSeq = Infinity): Config {
    const through = this.#seqs.findLast((seq) => seq < beforeSeq) ?? 0;
    const known = this.#bySeq.get(through);
    if (known !== undefined) return known;
    const registered = this.#registrations.filter(({ seq }) => seq <= through);
    const letIn = this.#approvals
      .filter(({ seq }) => seq <= through)
      .map((one) => ((one.withdrawnSeq ?? 0) > through ? { ...one, withdrawnSeq: null } : one));
    const made = withApprovals(withRegistrations(this.#base, registered), letIn);
    this.#bySeq.set(through, made);
    return made;
  }

  holds(): readonly StoredHold[] {
    return this.#holds;
  }

  /** Reads the acts again; the configuration stays the same object while there is no act more that completes it. */
  async refresh(): Promise<void> {
    const registrations = await this.#acts.readingActs.registrations();
    const approvals = await this.#acts.deviceActs.approvals();
    this.#holds = await this.#acts.quality.holds();
    this.#registrations = registrations;
    this.#approvals = approvals;
    const withdrawn = approvals.flatMap(({ withdrawnSeq }) => (withdrawnSeq === null ? [] : [withdrawnSeq]));
    const seqs = [...registrations, ...approvals].map(({ seq }) => seq);
    this.#seqs = [...seqs, ...withdrawn].sort((a, b) => a - b);
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
  }
}
