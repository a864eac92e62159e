import type { Parameter } from '../../domain/config/parameter.ts';
import type { StationQuality } from '../../domain/config/standard.ts';
import { qualifiers } from '../../domain/flags.ts';
import { averagings, type Averaging, type AveragingId, type EpochS } from '../../domain/time.ts';
import { borneOutOf, isBorneOut } from './borne-out.ts';
import { containedRule } from './contained.ts';
import { medianOf, siblingValue, usable } from './level.ts';
import type { SeriesWindow } from './series-window.ts';

/** Windows of the other items of the same station, provider and averaging. */
export type Siblings = (parameter: string) => SeriesWindow | undefined;

/** One row under examination; `value` is its own, which is the window's unless the row is superseded. */
export interface Examined {
  window: SeriesWindow;
  row: number;
  value: number;
  siblings: Siblings;
}

export type Effect = 'suspect' | 'note';

/** One rule, made ready for one item. `applies` is the whole of its judgement; the rest tells what it judged by. */
export interface ItemRule {
  /** Name that the record gives: `stuck`, `jump`, the id of a cross rule. */
  id: string;
  effect: Effect;
  /** Figures of the configuration, as text, by name. */
  figures: Readonly<Record<string, string>>;
  applies(one: Examined): boolean;
  /** Rows that the judgement looked at. */
  inputs(one: Examined): { parameter: string; timeS: EpochS; value: number }[];
}

export interface ItemRules {
  rules: readonly ItemRule[];
  /** Items whose rows of the same time are judged again when one of this item changes. */
  partners: readonly string[];
}

/** The rules of one edition. Times half-open, in epoch seconds. */
export interface EditionRules {
  edition: string;
  lookbackS: number;
  /** So far ahead a rule looks for the next result; 0: none does. */
  aheadS: number;
  byParameter: ReadonlyMap<string, ItemRules>;
}

/** Means that overlap or cover a civil day are not screened: their own readings are. */
export function isScreened(averaging: AveragingId): boolean {
  const { seconds, sliding }: Averaging = averagings[averaging];
  return seconds !== null && !sliding;
}

const hourS = 3600;

/** The rules of an edition for each item; null where the edition screens nothing. */
export function editionRules(
  quality: StationQuality,
  parameters: readonly Pick<Parameter, 'id' | 'medium'>[],
): EditionRules | null {
  const { screening } = quality;
  if (screening === undefined) return null;
  const lookbackS = screening.lookbackHours * hourS;
  const byParameter = new Map<string, { rules: ItemRule[]; partners: Set<string> }>();
  const of = (parameter: string): { rules: ItemRule[]; partners: Set<string> } => {
    const known = byParameter.get(parameter) ?? { rules: [], partners: new Set() };
    byParameter.set(parameter, known);
    return known;
  };
  for (const { id, medium } of parameters) {
    if (medium === 'flow') continue;
    of(id).rules.push(stuckRule(quality, screening, { parameter: id, medium }));
  }
  const compared = (one: string, other: string): void => {
    if (one === other) return;
    of(one).partners.add(other);
    of(other).partners.add(one);
  };
  const witnesses = (screening.jump.borneOut?.by ?? []).map(({ parameter }) => parameter);
  for (const item of screening.jump.items) {
    of(item.parameter).rules.push(jumpRule(screening, item));
    for (const witness of witnesses) compared(item.parameter, witness);
  }
  for (const pair of screening.contained) {
    const ids = [pair.greater, pair.lesser];
    for (const own of ids) of(own).rules.push(containedRule(screening, pair, own));
    compared(pair.greater, pair.lesser);
    if (pair.marks === 'departed') for (const own of ids) witnesses.forEach((one) => compared(own, one));
  }
  const { oxygen, temperature } = screening.supersaturation;
  of(oxygen).rules.push(supersaturationRule(quality, screening.supersaturation));
  compared(oxygen, temperature);
  return {
    edition: quality.id,
    lookbackS,
    aheadS: (screening.jump.borneOut?.neighbourHours ?? 0) * hourS,
    byParameter: new Map(
      [...byParameter].map(([id, { rules, partners }]) => [id, { rules, partners: [...partners] }]),
    ),
  };
}

type Screened = NonNullable<StationQuality['screening']>;

/**
 * All results of the span before this one, and this one, are equal, and there are enough of them. Results below detection and
 * rows without a value end the run.
 */
function stuckRule(
  quality: StationQuality,
  { stuckSpan: span, lookbackHours }: Screened,
  of: { parameter: string; medium: 'water' | 'air' },
): ItemRule {
  const [count, hours] =
    of.medium === 'water'
      ? [quality.stuck.waterConsecutive, span.waterHours]
      : [quality.stuck.airConsecutive, span.airHours];
  const spanS = hours * hourS;
  const lookbackS = lookbackHours * hourS;
  const floor = span.notUpTo.find(({ parameter }) => parameter === of.parameter)?.value;
  const above = Number(floor ?? -Infinity);
  const runOf = ({ window, row, value }: Examined): number => {
    if (value <= above || (window.flags[row]! & qualifiers.belowDetection) !== 0) return 0;
    const earliestS = window.timeS[row]! - spanS;
    const oldestS = window.timeS[row]! - lookbackS;
    let run = 1;
    for (let at = row - 1; at >= 0 && window.timeS[at]! >= oldestS; at--) {
      if (window.value[at] !== value || (window.flags[at]! & qualifiers.belowDetection) !== 0) break;
      run += 1;
      if (window.timeS[at]! <= earliestS) return run;
    }
    return 0;
  };
  return {
    id: 'stuck',
    effect: 'suspect',
    figures: {
      consecutive: String(count),
      hours: String(hours),
      ...(floor === undefined ? {} : { notUpTo: floor }),
    },
    applies: (one) => runOf(one) >= count,
    inputs: (one) => {
      const first = one.row + 1 - Math.max(1, runOf(one));
      return rowsOf(of.parameter, one.window, first, one.row);
    },
  };
}

function rowsOf(parameter: string, window: SeriesWindow, first: number, last: number) {
  const rows = [];
  for (let row = first; row <= last; row++)
    rows.push({ parameter, timeS: window.timeS[row]!, value: window.value[row]! });
  return rows;
}

function jumpRule(screening: Screened, item: { parameter: string; above: string }): ItemRule {
  const { jump } = screening;
  const { borneOut } = jump;
  const lookbackS = screening.lookbackHours * hourS;
  const [multiple, above] = [Number(jump.multiple), Number(item.above)];
  const bearing = borneOutOf(screening, [item.parameter]);
  const before = ({ window, row }: Examined): number => window.firstFrom(window.timeS[row]! - lookbackS);
  return {
    id: 'jump',
    effect: 'suspect',
    figures: {
      multiple: jump.multiple,
      above: item.above,
      hours: String(lookbackS / hourS),
      minimumResults: String(jump.minimumResults),
      ...(borneOut === undefined
        ? {}
        : {
            neighbourShare: borneOut.neighbourShare,
            neighbourHours: String(borneOut.neighbourHours),
          }),
    },
    applies(one) {
      const { window, row, value } = one;
      const values: number[] = [];
      let far = false;
      for (let at = before(one); at < row; at++) {
        if (!usable(window, at)) continue;
        values.push(window.value[at]!);
        far ||= Math.abs(value - window.value[at]!) >= above;
      }
      if (!far || values.length < jump.minimumResults) return false;
      const level = medianOf(values);
      const distance = Math.abs(value - level);
      if (distance < above || distance <= multiple * level) return false;
      return bearing === null || !isBorneOut(one, level, bearing);
    },
    inputs: (one) => rowsOf(item.parameter, one.window, before(one), one.row),
  };
}

function supersaturationRule(quality: StationQuality, rule: Screened['supersaturation']): ItemRule {
  const { numerator, offset } = quality.oxygenSaturation;
  const share = Number(rule.maximumPercent) / 100;
  return {
    id: 'supersaturation',
    effect: rule.effect,
    figures: { maximumPercent: rule.maximumPercent, numerator, offset },
    applies(one) {
      const saturated = Number(numerator) / (siblingValue(one, rule.temperature) + Number(offset));
      return saturated > 0 && one.value > share * saturated;
    },
    inputs(one) {
      const timeS = one.window.timeS[one.row]!;
      return [
        { parameter: rule.oxygen, timeS, value: one.value },
        { parameter: rule.temperature, timeS, value: siblingValue(one, rule.temperature) },
      ];
    },
  };
}

/** Whether a rule with the effect `suspect` applies. */
export function isSuspect(of: ItemRules, one: Examined): boolean {
  for (const rule of of.rules) if (rule.effect === 'suspect' && rule.applies(one)) return true;
  return false;
}

/** The edition's rules at a time; editions by civil day of the region. */
export interface DatedRules {
  at(timeS: EpochS): EditionRules | null;
  /** Longest look-back of any edition, and how far ahead any looks. */
  lookbackS: number;
  aheadS: number;
  /** Every item that some edition screens, with the items it is compared with. */
  partners: ReadonlyMap<string, readonly string[]>;
}

export function datedRules(
  editions: readonly { fromS: EpochS; toS: EpochS; rules: EditionRules }[],
): DatedRules {
  const partners = new Map<string, Set<string>>();
  for (const { rules } of editions)
    for (const [parameter, item] of rules.byParameter) {
      const known = partners.get(parameter) ?? new Set();
      partners.set(parameter, known);
      for (const partner of item.partners) known.add(partner);
    }
  return {
    at: (timeS) => editions.find(({ fromS, toS }) => fromS <= timeS && timeS < toS)?.rules ?? null,
    lookbackS: Math.max(0, ...editions.map(({ rules }) => rules.lookbackS)),
    aheadS: Math.max(0, ...editions.map(({ rules }) => rules.aheadS)),
    partners: new Map([...partners].map(([parameter, others]) => [parameter, [...others]])),
  };
}
