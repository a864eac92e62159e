import type { BodyType } from '../../domain/config/region.ts';
import type { Confidence, Text } from '../../domain/config/facts.ts';
import type { ExceedanceWording, WaterStandard } from '../../domain/config/standard.ts';
import type { Static } from 'typebox';
import { classifyItems, overTarget, targetLimit, type WaterValues } from '../water/classify.ts';
import { waterLimits, type ItemLimits } from '../water/limits.ts';
import { ladderWording, type Side, type Standing } from './wording.ts';

/** One item beyond the limit of a target class at one time. */
export interface OverLimit {
  station: string;
  atS: number;
  parameter: string;
  value: string;
  limit: string;
  unit: string | null;
  targetClass: number;
  /** (C − S) / S; null for items that never have one, or where the kind of water body is not known. */
  multiple: string | null;
  side: Side;
  standing: Standing;
  /** The word 超标 may be used: reviewed results only. */
  exceedance: boolean;
  wording: Text;
  standard: string;
  clause: string;
  confidence: Static<typeof Confidence>;
}

export interface OverLimitInput {
  station: string;
  atS: number;
  values: WaterValues;
  bodyType: BodyType | null;
  targetClass: number;
  standing: Standing;
}

/** Evaluated items of one reading (or of one set of means) beyond their target class, in the order of the values. */
export function overLimitList(
  input: OverLimitInput,
  facts: { standard: WaterStandard; wording: ExceedanceWording },
): OverLimit[] {
  const { standard } = facts;
  const limits = waterLimits(standard);
  const items = classifyItems(input.values, input.bodyType, standard);
  const valueOf = new Map(items.map((item) => [item.parameter, item.value.toFixed()]));
  return overTarget(items, input.targetClass, input.bodyType, standard).over.map(({ item, multiple }) => {
    const entry = limits.byParameter.get(item)!;
    const side = sideOf(entry);
    const said = ladderWording(facts.wording, {
      standing: input.standing,
      side,
      limitName: limits.classOf.get(input.targetClass)?.name,
    });
    return {
      station: input.station,
      atS: input.atS,
      parameter: item,
      value: valueOf.get(item)!,
      limit: limitText(entry, input.bodyType, input.targetClass),
      unit: entry.item.unit,
      targetClass: input.targetClass,
      multiple,
      side,
      standing: input.standing,
      exceedance: said.exceedance,
      wording: said.text,
      standard: standard.id,
      clause: entry.item.clause,
      confidence: entry.item.provenance.confidence,
    };
  });
}

function sideOf(entry: ItemLimits): Side {
  if (entry.item.rule === 'within') return 'outside';
  return entry.item.rule === 'at-least' ? 'below' : 'above';
}

function limitText(entry: ItemLimits, bodyType: BodyType | null, targetClass: number): string {
  if (entry.item.within !== undefined) return `${entry.item.within.min}-${entry.item.within.max}`;
  const bodies: readonly BodyType[] = bodyType === null ? ['river', 'lake'] : [bodyType];
  const texts = bodies.map((body) => targetLimit(entry, body, targetClass)?.toFixed() ?? '');
  return [...new Set(texts)].join('|');
}
