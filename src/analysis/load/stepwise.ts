import { Decimal } from '../../domain/decimal.ts';
import type { LoadCase, LoadFigure } from './load-case.ts';
import { type FlowSteps, type LoadSample, meanOf, stepAt, total } from './samples.ts';

/** One node of a course of concentration: the mean of a step's samples, at the middle of the step. */
interface Node {
  atS: number;
  gM3: Decimal;
}

/**
 * The methods that give every step (day) a concentration: `interpolation` linear between the days sampled, `period-weighted`
 * (D) that of the nearest day sampled. A day with samples has their mean; beyond the first and last the nearest holds. Steps
 * without flow count like the mean of the others. The standard error comes from leaving every sampled day out in turn: within
 * one gap errors are taken as one and the same.
 */
export function stepwiseLoad(of: LoadCase, nearest: boolean): LoadFigure | null {
  const nodes = nodesOf(of);
  if (nodes.length === 0 || of.stepsWithFlow === 0) return null;
  const concentration = courseOf(nodes, of.flow, nearest);
  const volumes = of.flow.m3s.map((q, at) => q?.times(of.flow.endS[at]! - of.flow.beginS[at]!) ?? null);
  const daily = volumes.map((volume, at) => volume?.times(concentration[at]!) ?? null);
  const fill = fillFactor(of);
  const gaps = gapVolumes(nodes, of.flow, volumes);
  const left = leaveOneOut(nodes, nearest);
  const spread = total(gaps.map((volume) => volume.times(left).pow(2))).sqrt();
  return {
    grams: total(daily.filter((one) => one !== null)).times(fill),
    standardErrorGrams: spread.times(fill),
    daily,
  };
}

/** Length of the period over the length of its steps with flow. */
export function fillFactor(of: LoadCase): Decimal {
  let coveredS = 0;
  of.flow.m3s.forEach((q, at) => {
    if (q !== null) coveredS += of.flow.endS[at]! - of.flow.beginS[at]!;
  });
  return coveredS === 0 ? new Decimal(0) : new Decimal(of.durationS).div(coveredS);
}

function nodesOf(of: LoadCase): Node[] {
  const groups = new Map<number, LoadSample[]>();
  for (const sample of of.all) {
    const step = stepAt(of.record, sample.timeS);
    const key = step < 0 ? sample.timeS : (of.record.beginS[step]! + of.record.endS[step]!) / 2;
    groups.set(key, [...(groups.get(key) ?? []), sample]);
  }
  return [...groups]
    .map(([atS, group]) => ({ atS, gM3: meanOf(group.map((one) => one.gM3))! }))
    .toSorted((a, b) => a.atS - b.atS);
}

function at(nodes: readonly Node[], timeS: number, nearest: boolean): Decimal {
  const after = firstFrom(nodes, timeS);
  const next = nodes[after];
  if (next === undefined) return nodes.at(-1)!.gM3;
  const before = nodes[after - 1];
  if (before === undefined || next.atS === timeS) return next.gM3;
  const share = (timeS - before.atS) / (next.atS - before.atS);
  if (nearest) return share <= 0.5 ? before.gM3 : next.gM3;
  const spanS = next.atS - before.atS;
  const rise = next.gM3.minus(before.gM3).times(timeS - before.atS);
  return before.gM3.plus(rise.div(spanS));
}

function firstFrom(nodes: readonly Node[], timeS: number): number {
  let [low, high] = [0, nodes.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (nodes[middle]!.atS < timeS) low = middle + 1;
    else high = middle;
  }
  return low;
}

function courseOf(nodes: readonly Node[], steps: FlowSteps, nearest: boolean): Decimal[] {
  return steps.m3s.map((_, step) => at(nodes, (steps.beginS[step]! + steps.endS[step]!) / 2, nearest));
}

/** Volume of the steps without a sample, by the gap between sampled steps that they lie in. */
function gapVolumes(
  nodes: readonly Node[],
  steps: FlowSteps,
  volumes: readonly (Decimal | null)[],
): Decimal[] {
  const sampled = new Set(nodes.map((node) => node.atS));
  const gaps: Decimal[] = [];
  let open = false;
  volumes.forEach((volume, step) => {
    const isSampled = sampled.has((steps.beginS[step]! + steps.endS[step]!) / 2);
    if (isSampled) open = false;
    else if (volume !== null) {
      if (open) gaps[gaps.length - 1] = gaps.at(-1)!.plus(volume.abs());
      else gaps.push(volume.abs());
      open = true;
    }
  });
  return gaps;
}

/** Root mean square of what each sampled step is missed by when its neighbours stand for it; the mean itself below three. */
function leaveOneOut(nodes: readonly Node[], nearest: boolean): Decimal {
  const errors = nodes.slice(1, -1).map((node, index) => {
    const around = [nodes[index]!, nodes[index + 2]!];
    return at(around, node.atS, nearest).minus(node.gM3).pow(2);
  });
  if (errors.length === 0) return meanOf(nodes.map((node) => node.gM3))!.abs();
  return total(errors).div(errors.length).sqrt();
}
