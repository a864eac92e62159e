import type { Config } from '../../../domain/config/config.ts';
import type { SourceConfig } from '../../../domain/config/source.ts';
import { settingsOf } from '../settings.ts';
import { admittedDevices, type AdmittedDevice } from './admission.ts';
import { strictProfile, type Profile } from './profile.ts';
import { deviceRegistry } from './registry.ts';
import { hj212Settings, limitsOf, type ListenerLimits } from './settings.ts';

export interface RosterParts {
  source: SourceConfig;
  config: () => Config;
  secret: (name: string) => string | undefined;
  log: { warn(about: object, text: string): void };
}

/** The devices that may send, as files and acts say now: an act that lets one in counts from its next frame on. */
export class Roster {
  readonly limits: ListenerLimits;
  readonly #parts: RosterParts;
  readonly #unknown: Profile;
  #config: Config;
  #devices: Map<string, AdmittedDevice>;

  /** Throws E_CONFIG for settings, secrets or a registry that cannot be used. */
  constructor(parts: RosterParts) {
    this.#parts = parts;
    this.#config = parts.config();
    this.limits = limitsOf(settingsOf(parts.source, hj212Settings));
    this.#devices = this.#admitted(parts.source);
    this.#unknown = {
      ...strictProfile,
      maxSegmentBytes: this.limits.segmentBytes,
      badItems: 'refuse-item',
    };
  }

  get(mn: string): AdmittedDevice | undefined {
    if (this.#config !== this.#parts.config()) this.#refresh();
    return this.#devices.get(mn);
  }

  /** How frames of a number are read on the wire, also of one that nobody knows. */
  wireOf(mn: string): Profile {
    return this.get(mn)?.wire ?? this.#unknown;
  }

  #refresh(): void {
    this.#config = this.#parts.config();
    const { id } = this.#parts.source;
    const source = this.#config.sources.find((candidate) => candidate.id === id);
    if (source === undefined) return;
    try {
      this.#devices = this.#admitted(source);
    } catch (cause) {
      this.#parts.log.warn({ source: id, err: cause }, 'the devices stay as they were');
    }
  }

  #admitted(source: SourceConfig): Map<string, AdmittedDevice> {
    const registry = deviceRegistry(source, settingsOf(source, hj212Settings), this.#config);
    return admittedDevices(registry, this.#parts.secret, (mn, unset) =>
      this.#parts.log.warn(
        { source: source.id, mn, unset },
        'a device is left out: variables are not set here',
      ),
    );
  }
}
