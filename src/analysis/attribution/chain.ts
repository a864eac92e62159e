import { Decimal } from '../../domain/decimal.ts';
import { type Decay, survival } from './decay.ts';

/** A section with its load, the sections above it, and whose land lies between it and them. */
export interface ChainNode {
  id: string;
  tonnes: Decimal;
  jurisdiction: string;
  above: readonly { node: ChainNode; travelDays: Decimal }[];
}

export interface NetAddition {
  section: string;
  jurisdiction: string;
  /** Load at the section less what arrives from above; negative where more arrives than leaves. */
  addedTonnes: Decimal;
  /** What of it is left at the last section. */
  atExitTonnes: Decimal;
}

/**
 * Net addition on each stretch of a river and what is left of it at the last section. The parts at the exit add up to the exit's
 * load: L_exit = Σ added_j e^(−k t_j).
 */
export function netAdditions(exit: ChainNode, decay: Decay | null): NetAddition[] {
  const found: NetAddition[] = [];
  const visit = (node: ChainNode, left: Decimal): void => {
    const arriving = node.above.reduce(
      (sum, one) => sum.plus(one.node.tonnes.times(survival(decay, one.travelDays))),
      new Decimal(0),
    );
    const addedTonnes = node.tonnes.minus(arriving);
    const { id: section, jurisdiction } = node;
    found.push({ section, jurisdiction, addedTonnes, atExitTonnes: addedTonnes.times(left) });
    for (const one of node.above) visit(one.node, left.times(survival(decay, one.travelDays)));
  };
  visit(exit, new Decimal(1));
  return found;
}

/** Sum of what each jurisdiction's stretches leave at the exit, in order of first appearance from the exit upwards. */
export function byJurisdiction(additions: readonly NetAddition[]): Map<string, Decimal> {
  const sums = new Map<string, Decimal>();
  for (const { jurisdiction, atExitTonnes } of additions)
    sums.set(jurisdiction, (sums.get(jurisdiction) ?? new Decimal(0)).plus(atExitTonnes));
  return sums;
}
