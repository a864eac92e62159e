import type { Screening } from '../../domain/config/screening.ts';
import { levelBefore, siblingValue, usable } from './level.ts';
import type { Examined } from './rules.ts';

/** What tells an event from a fault of the instrument (`screening.jump.borneOut`), in numbers. */
export interface BorneOut {
  lookbackS: number;
  least: number;
  neighbourShare: number;
  neighbourS: number;
  by: readonly { parameter: string; multiple: number; above: number }[];
}

const hourS = 3600;

/** Without the witnesses named; null where the configuration lets nothing bear a jump out. */
export function borneOutOf(screening: Screening, without: readonly string[]): BorneOut | null {
  const { borneOut, minimumResults } = screening.jump;
  if (borneOut === undefined) return null;
  return {
    lookbackS: screening.lookbackHours * hourS,
    least: minimumResults,
    neighbourShare: Number(borneOut.neighbourShare),
    neighbourS: borneOut.neighbourHours * hourS,
    by: borneOut.by
      .filter(({ parameter }) => !without.includes(parameter))
      .map((one) => ({ ...one, multiple: Number(one.multiple), above: Number(one.above) })),
  };
}

/** Whether the result before or after a jump away from `level`, or another item of the same time, went with it. */
export function isBorneOut(one: Examined, level: number, of: BorneOut): boolean {
  return neighbourWent(one, level, of) || of.by.some((witness) => moved(one, witness, of));
}

function neighbourWent({ window, row, value }: Examined, level: number, of: BorneOut): boolean {
  const least = of.neighbourShare * Math.abs(value - level);
  const way = Math.sign(value - level);
  for (const step of [-1, 1]) {
    for (let at = row + step; at >= 0 && at < window.length; at += step) {
      if (Math.abs(window.timeS[at]! - window.timeS[row]!) > of.neighbourS) break;
      if (!usable(window, at)) continue;
      if (way * (window.value[at]! - level) >= least) return true;
      break;
    }
  }
  return false;
}

function moved(one: Examined, witness: BorneOut['by'][number], of: BorneOut): boolean {
  const value = siblingValue(one, witness.parameter);
  if (Number.isNaN(value)) return false;
  const level = levelBefore(one.siblings(witness.parameter)!, one.window.timeS[one.row]!, of);
  if (level === null) return false;
  const distance = Math.abs(value - level);
  return distance >= witness.above && distance >= witness.multiple * level;
}
