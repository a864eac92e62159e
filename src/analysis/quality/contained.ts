import type { Screening } from '../../domain/config/screening.ts';
import { borneOutOf, isBorneOut } from './borne-out.ts';
import { levelBefore, siblingValue } from './level.ts';
import type { Examined, ItemRule } from './rules.ts';

type Pair = Screening['contained'][number];

const hourS = 3600;
const lastBits = 1e-9;

/** The rule of a pair as it judges one of the two. */
export function containedRule(screening: Screening, pair: Pair, own: string): ItemRule {
  const factor = 100 + Number(pair.tolerancePercent);
  const isWrong = pair.marks === 'departed' ? departed(screening, pair) : () => true;
  const valueOf = (one: Examined, id: string): number => (id === own ? one.value : siblingValue(one, id));
  return {
    id: pair.id,
    effect: pair.effect,
    figures: {
      greater: pair.greater,
      lesser: pair.lesser,
      tolerancePercent: pair.tolerancePercent,
      ...(pair.marks === undefined ? {} : { marks: pair.marks }),
    },
    applies(one) {
      const [greater, lesser] = [valueOf(one, pair.greater), valueOf(one, pair.lesser)];
      // Exactly the tolerance is not above it by the last bits of a double.
      return lesser * 100 > greater * factor * (1 + lastBits) && isWrong(one, own, { greater, lesser });
    },
    inputs: (one) =>
      [pair.greater, pair.lesser].map((parameter) => ({
        parameter,
        timeS: one.window.timeS[one.row]!,
        value: valueOf(one, parameter),
      })),
  };
}

/**
 * Which of the two is taken to be wrong: the one that is farther, in proportion, from its own level. A lesser that rose in an event
 * is as high as the water, so that the greater is wrong. Both where one has no level.
 */
function departed(
  screening: Screening,
  pair: Pair,
): (one: Examined, own: string, values: { greater: number; lesser: number }) => boolean {
  const look = { lookbackS: screening.lookbackHours * hourS, least: screening.jump.minimumResults };
  const bearing = borneOutOf(screening, [pair.greater, pair.lesser]);
  return (one, own, { greater, lesser }) => {
    const timeS = one.window.timeS[one.row]!;
    const windowOf = (id: string) => (id === own ? one.window : one.siblings(id)!);
    const [fell, rose] = [windowOf(pair.greater), windowOf(pair.lesser)];
    const [above, below] = [levelBefore(fell, timeS, look), levelBefore(rose, timeS, look)];
    if (above === null || below === null) return true;
    const [fallen, risen] = [above / greater, lesser / below];
    const examined = { ...one, window: rose, row: rose.find(timeS), value: lesser };
    const isEvent = bearing !== null && isBorneOut(examined, below, bearing);
    return own === pair.lesser ? !(risen < fallen) && !isEvent : !(fallen < risen) || isEvent;
  };
}
