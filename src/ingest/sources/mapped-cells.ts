import { Type, type Static } from 'typebox';
import type { Side } from '../../domain/batch.ts';
import { decimalOf, roundHalfEven } from '../../domain/decimal.ts';
import { MonitorError } from '../../domain/errors.ts';
import { qualifiers } from '../../domain/flags.ts';
import { averagings, parseInstant, type AveragingId, type EpochS } from '../../domain/time.ts';
import { numberOf, type Collector } from './collector.ts';

/**
 * One parameter of an upstream. `unit` is exactly what the upstream writes; a value in another one is refused. `factor` is the
 * exact decimal that turns it into the unit of the parameter; absent where the two are one.
 */
export const MappedParameter = Type.Object(
  {
    code: Type.String({ minLength: 1 }),
    unit: Type.String(),
    parameter: Type.String({ pattern: '^[a-z][a-z0-9_]*$' }),
    factor: Type.Optional(Type.String({ pattern: '^[0-9]+(\\.[0-9]+)?(e-?[0-9]+)?$' })),
  },
  { additionalProperties: false },
);
export type MappedParameter = Static<typeof MappedParameter>;

/** `parameters`: what is taken. `ignored`: codes known and left out; any other one is an issue. */
export const mappingSettings = {
  parameters: Type.Array(MappedParameter, { minItems: 1 }),
  ignored: Type.Optional(Type.Array(Type.String({ minLength: 1 }))),
};

/** One cell of an upstream in its own words. */
export interface UpstreamCell {
  /** What the upstream calls the parameter; the first that the mapping knows counts. */
  codes: readonly string[];
  /** null: the reply states none, because its code fixes it. */
  unit: string | null;
  station: string;
  averaging: AveragingId;
  timeS: EpochS;
  /** null: the source says "no value now". */
  text: string | null;
  flags?: number;
  /** The value is this limit, and what was measured lies below it. */
  below?: boolean;
  path: string;
  record: string;
}

const DAY_S = 86_400;

/** Turns cells of an upstream into readings by the mapping of its settings; each is counted once, whatever becomes of it. */
export class MappedCells {
  readonly #into: Collector;
  readonly #byCode = new Map<string, MappedParameter[]>();
  readonly #ignored: ReadonlySet<string>;
  readonly #decimals: ReadonlyMap<string, number>;
  readonly #named = new Set<string>();
  readonly #seen = new Set<string>();
  readonly #fromS: number;
  readonly #toS: number;

  constructor(
    into: Collector,
    settings: { parameters: readonly MappedParameter[]; ignored?: readonly string[] },
  ) {
    this.#into = into;
    this.#decimals = new Map(into.context.config.parameters.map((one) => [one.id, one.decimals]));
    this.#ignored = new Set(settings.ignored);
    for (const entry of settings.parameters) {
      if (!this.#decimals.has(entry.parameter))
        throw new MonitorError('E_CONFIG', `source "${into.source.id}": no parameter "${entry.parameter}"`);
      this.#byCode.set(entry.code, [...(this.#byCode.get(entry.code) ?? []), entry]);
    }
    const { windowFromS, windowToS } = into.context.meta;
    this.#fromS = typeof windowFromS === 'number' ? windowFromS - DAY_S : Number.NEGATIVE_INFINITY;
    this.#toS =
      Math.min(into.shownS, typeof windowToS === 'number' ? windowToS : Number.POSITIVE_INFINITY) + DAY_S;
  }

  /** A cell that the source says is of no use here (another medium, another statistic). */
  absent(count = 1): void {
    this.#into.absentCells(count);
  }

  refuse(
    code: Parameters<Collector['issue']>[0],
    cell: { path: string; record: string },
    message: string,
  ): void {
    this.#into.issue(code, cell.path, message, cell.record);
    this.#into.rejectedCells(1);
  }

  take(cell: UpstreamCell): void {
    const entry = this.#entryOf(cell);
    if (entry === null) return;
    if (!(this.#fromS <= cell.timeS && cell.timeS <= this.#toS)) {
      this.refuse(
        'TIME_OUT_OF_RANGE',
        cell,
        `time ${new Date(cell.timeS * 1000).toISOString()} lies outside what was asked for or ahead of its showing`,
      );
      return;
    }
    const series = this.#into.series(cell.station, entry.parameter, cell.averaging);
    const key = `${series} ${cell.timeS}`;
    if (this.#seen.has(key)) {
      this.refuse(
        'DUPLICATE_ROW',
        cell,
        `a second value of ${entry.parameter} at one time; the first is taken`,
      );
      return;
    }
    this.#seen.add(key);
    if (cell.text === null) {
      this.#into.missing(series, cell.averaging, cell.timeS, cell.flags ?? 0);
      return;
    }
    const number = numberOf(cell.text);
    if (number === null) {
      this.refuse('VALUE_NOT_A_NUMBER', cell, `"${cell.text}" is not a number`);
      return;
    }
    const value = entry.factor === undefined ? number : this.#converted(cell.text, entry);
    const below = cell.below === true;
    const side: Side = {
      ...(entry.factor === undefined
        ? {}
        : { originalText: cell.text, originalUnit: cell.unit ?? entry.unit }),
      ...(below ? { detectionLimit: value } : {}),
    };
    const flags = (cell.flags ?? 0) | (below ? qualifiers.belowDetection : 0);
    const kept = Object.keys(side).length === 0 ? undefined : side;
    this.#into.measured(series, cell.averaging, cell.timeS, value, kept, flags);
  }

  #converted(text: string, entry: MappedParameter): number {
    const exact = decimalOf(text).times(entry.factor ?? 1);
    return roundHalfEven(exact, this.#decimals.get(entry.parameter) ?? 0).toNumber();
  }

  #entryOf(cell: UpstreamCell): MappedParameter | null {
    const code = cell.codes.find((one) => this.#byCode.has(one));
    if (code === undefined) {
      if (cell.codes.some((one) => this.#ignored.has(one))) {
        this.absent();
        return null;
      }
      const named = cell.codes[0] ?? '';
      this.once(
        'CODE_UNKNOWN',
        cell,
        `"${named}" is neither mapped to a parameter nor ignored; its values are not taken`,
      );
      this.#into.rejectedCells(1);
      return null;
    }
    const entries = this.#byCode.get(code) ?? [];
    const entry = cell.unit === null ? entries[0] : entries.find((one) => one.unit === cell.unit);
    if (entry !== undefined) return entry;
    const expected = entries.map((one) => `"${one.unit}"`).join(' or ');
    this.once(
      'UNIT_UNKNOWN',
      cell,
      `unit "${cell.unit}" of "${code}", expected ${expected}; its values are not taken`,
    );
    this.#into.rejectedCells(1);
    return null;
  }

  /** One issue an entry for one fault, however many cells have it. */
  once(
    code: Parameters<Collector['issue']>[0],
    cell: { path: string; record: string },
    message: string,
  ): void {
    if (this.#named.has(message)) return;
    this.#named.add(message);
    this.#into.issue(code, cell.path, message, cell.record);
  }
}

/** The instant of a text, one without offset read in `timeZone`; null when it is none. */
export function instantOrNull(text: string, timeZone: string): EpochS | null {
  try {
    return parseInstant(text, timeZone);
  } catch {
    return null;
  }
}

/** The averaging whose periods have this length; null for a length that no series has. 0 is an instantaneous sample. */
export function averagingOf(seconds: number): AveragingId | null {
  if (seconds === DAY_S) return 'P1D';
  const found = Object.values(averagings).find((one) => one.seconds === seconds && !one.sliding);
  return found?.id ?? null;
}
