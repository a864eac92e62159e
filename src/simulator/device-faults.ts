import { drawnFault } from './drawn-fault.ts';
import { hashOf, normal, uniform } from './noise.ts';

/** What goes wrong between a device and us; each names a share of the periods of all devices. */
export const deviceFaults = [
  'brokenCrc',
  'split',
  'glued',
  'late',
  'duplicated',
  'outOfOrder',
  'futureStamp',
  'stuckValue',
  'wrongUnit',
  'wrongType',
  'silent',
] as const;
export type DeviceFault = (typeof deviceFaults)[number];
export type DeviceFaultRates = Record<DeviceFault, number>;

export const noDeviceFaults = Object.fromEntries(deviceFaults.map((fault) => [fault, 0])) as DeviceFaultRates;

/** What the field shows now and then. */
export const usualDeviceFaults: DeviceFaultRates = {
  brokenCrc: 0.01,
  split: 0.05,
  glued: 0.02,
  late: 0.02,
  duplicated: 0.02,
  outOfOrder: 0.01,
  futureStamp: 0.005,
  stuckValue: 0.01,
  wrongUnit: 0.005,
  wrongType: 0.005,
  silent: 0.01,
};

/** What must become of one period of one device. */
export type Expected = 'stored' | 'refused-time' | 'refused-value' | 'never-sent';

/** The truth about one period of one device. */
export interface DevicePeriod {
  device: string;
  kind: 'logger' | 'gateway';
  /** Begin of the period, epoch seconds, as it truly was. */
  beginS: number;
  fault: DeviceFault | null;
  /** Values as they were sent, by parameter, in the unit that the device is registered with. */
  sent: Record<string, string>;
  /** Values as they truly were. */
  truth: Record<string, string>;
  /** Of a period that is refused in part: the parameters that must not be stored. */
  refused: readonly string[];
  expect: Expected;
}

/** What a simulated device measures. */
export interface SimulatedItem {
  parameter: string;
  /** Code of HJ 212. */
  code: string;
  middle: number;
  spread: number;
  decimals: number;
}

export const riverItems: readonly SimulatedItem[] = [
  { parameter: 'wt', code: 'w01010', middle: 21, spread: 4, decimals: 1 },
  { parameter: 'ph', code: 'w01001', middle: 7.5, spread: 0.3, decimals: 2 },
  { parameter: 'do', code: 'w01009', middle: 7, spread: 1.2, decimals: 2 },
  { parameter: 'codmn', code: 'w01019', middle: 3, spread: 0.8, decimals: 1 },
  { parameter: 'nh3n', code: 'w21003', middle: 0.6, spread: 0.2, decimals: 3 },
];

/** The item whose unit, or type, is wrong when one is: its factor set has an `accept` range that the thousandfold leaves. */
const WRONG = 'nh3n';
const THOUSAND = 1000;
/** The `accept` range of the factor set that ships ends here. */
const MOST_ACCEPTED = 300;
/** Error of an instrument, as a share of what it measures. */
const INSTRUMENT_ERROR = 0.02;
const DAYS_AHEAD_S = 400 * 86_400;

/** What passes a device at a time, of the simulated basin, by parameter; null where the basin says nothing. */
export type WaterAtDevice = (device: string, timeS: number) => Readonly<Record<string, number>> | null;

/** One device's periods: what it measures and what goes wrong follows from seed, device and time alone. */
export class DeviceStory {
  readonly device: string;
  readonly #kind: DevicePeriod['kind'];
  readonly #seed: number;
  readonly #rates: DeviceFaultRates;
  readonly #periodS: number;
  readonly #water: WaterAtDevice | undefined;

  /** Without `water` every device has a world of its own. */
  constructor(of: {
    device: string;
    kind: DevicePeriod['kind'];
    seed: number;
    rates: DeviceFaultRates;
    periodS: number;
    water?: WaterAtDevice | undefined;
  }) {
    this.device = of.device;
    this.#kind = of.kind;
    this.#seed = hashOf(of.seed, of.device);
    this.#rates = of.rates;
    this.#periodS = of.periodS;
    this.#water = of.water;
  }

  period(beginS: number): DevicePeriod {
    const step = Math.floor(beginS / this.#periodS);
    const fault = drawnFault(deviceFaults, this.#rates, uniform(this.#seed ^ 7, step));
    const truth = this.#true(step);
    const measured = this.#measured(step);
    const base = { device: this.device, kind: this.#kind, beginS, fault, truth, refused: [] };
    if (fault === 'silent') return { ...base, sent: {}, expect: 'never-sent' };
    if (fault === 'futureStamp') return { ...base, sent: measured, expect: 'refused-time' };
    if (fault === 'stuckValue') return { ...base, sent: this.#measured(step - 1), expect: 'stored' };
    if (fault === 'wrongUnit') {
      const thousandfold = Number(measured[WRONG]) * THOUSAND;
      const wrong = thousandfold > MOST_ACCEPTED ? thousandfold : thousandfold * THOUSAND;
      return {
        ...base,
        sent: { ...measured, [WRONG]: wrong.toFixed(0) },
        refused: [WRONG],
        expect: 'refused-value',
      };
    }
    if (fault === 'wrongType')
      return { ...base, sent: { ...measured, [WRONG]: 'ERR' }, refused: [WRONG], expect: 'refused-value' };
    return { ...base, sent: measured, expect: 'stored' };
  }

  /** The stamp that the device puts on a period: its begin, or a clock that is days ahead. */
  stampS({ beginS, fault }: DevicePeriod): number {
    return fault === 'futureStamp' ? beginS + DAYS_AHEAD_S : beginS;
  }

  /** What the device shows: the truth, read with the error of an instrument where the truth is the basin's. */
  #measured(step: number): Record<string, string> {
    if (this.#water === undefined) return this.#true(step);
    return this.#shown(
      step,
      (value, at) => value * (1 + INSTRUMENT_ERROR * normal(this.#seed ^ (at + 31), step)),
    );
  }

  #true(step: number): Record<string, string> {
    return this.#shown(step, (value) => value);
  }

  #shown(step: number, read: (value: number, at: number) => number): Record<string, string> {
    const water = this.#water?.(this.device, step * this.#periodS) ?? null;
    return Object.fromEntries(
      riverItems.map(({ parameter, middle, spread, decimals }, at) => {
        const own = middle + spread * (uniform(this.#seed ^ (at + 11), step) * 2 - 1);
        return [parameter, read(water?.[parameter] ?? own, at).toFixed(decimals)];
      }),
    );
  }
}
