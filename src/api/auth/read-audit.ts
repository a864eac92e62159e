import type { ReadEntry, ReadLog } from '../../domain/identity.ts';
import type { SeriesKey } from '../../domain/batch.ts';
import type { Actor } from '../../domain/ports.ts';
import type { EpochS } from '../../domain/time.ts';

const flushMs = 1000;
const mostPending = 1000;
const repeatS = 600;
const mostRemembered = 10_000;
const longestList = 400;

/** One request that gave out readings which not everyone may see. */
export interface Read {
  actor: Actor;
  door: string;
  keys: readonly Pick<SeriesKey, 'station' | 'parameter' | 'provider'>[];
  ownerOf(station: string): string;
  fromS: EpochS | null;
  toS: EpochS | null;
  nowS: EpochS;
}

/**
 * Collects who read what and writes it in batches. The same look by the same reader within ten minutes (a page that refreshes)
 * is one entry. A log that cannot be written is reported, and the readings are given all the same.
 */
export class ReadAudit {
  readonly #log: ReadLog;
  readonly #onError: (cause: unknown) => void;
  readonly #noted = new Map<string, EpochS>();
  #pending: ReadEntry[] = [];
  #timer: NodeJS.Timeout | null = null;

  constructor(log: ReadLog, onError: (cause: unknown) => void) {
    this.#log = log;
    this.#onError = onError;
  }

  note(read: Read): void {
    const groups = new Map<string, { stations: Set<string>; parameters: Set<string> }>();
    for (const key of read.keys) {
      const name = `${read.ownerOf(key.station)}\n${key.provider}`;
      const group = groups.get(name) ?? { stations: new Set(), parameters: new Set() };
      group.stations.add(key.station);
      group.parameters.add(key.parameter);
      groups.set(name, group);
    }
    for (const [name, { stations, parameters }] of groups) {
      const [owner = '', provider = ''] = name.split('\n');
      this.#add(read, { owner, provider, stations: listOf(stations), parameters: listOf(parameters) });
    }
  }

  #add(read: Read, of: Pick<ReadEntry, 'owner' | 'provider' | 'stations' | 'parameters'>): void {
    const { actor, door, fromS, toS, nowS } = read;
    const look = [actor.id, door, ...Object.values(of), fromS, toS].join('\n');
    const before = this.#noted.get(look);
    if (before !== undefined && nowS - before < repeatS) return;
    if (this.#noted.size >= mostRemembered) this.#noted.clear();
    this.#noted.set(look, nowS);
    const reader = { actor: actor.id, readerJurisdiction: actor.jurisdiction };
    this.#pending.push({ atS: nowS, ...reader, door, ...of, fromS, toS });
    if (this.#pending.length >= mostPending) void this.flush();
    else this.#timer ??= setTimeout(() => void this.flush(), flushMs).unref();
  }

  /** Writes what is pending; resolves when it is written or reported. */
  async flush(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const entries = this.#pending;
    this.#pending = [];
    try {
      await this.#log.note(entries);
    } catch (cause) {
      this.#onError(cause);
    }
  }
}

function listOf(names: ReadonlySet<string>): string {
  const text = [...names].toSorted().join(',');
  return text.length <= longestList ? text : `${text.slice(0, longestList)}… (${names.size})`;
}
