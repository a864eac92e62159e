import type { Section } from '../domain/config/region.ts';
import { Decimal, decimalOf } from '../domain/decimal.ts';
import type { EpochS } from '../domain/time.ts';
import { usable } from './under-review.ts';
import type { LoadSource } from './loads.ts';

/** Parameter id of the water's temperature. */
const waterTemperature = 'wt';

/** Mean temperature of the water, °C, and the sections it was measured at; null where none measured it. */
export interface MeasuredTemperature {
  celsius: Decimal;
  sections: string[];
}

/**
 * Mean over the sections of what each measured in `[beginS, endS)`, from the first of its providers that has any: what a rate of
 * decay along the reach between them is brought to.
 */
export async function measuredTemperature(
  source: LoadSource,
  sections: readonly Section[],
  of: { beginS: EpochS; endS: EpochS; asOfSeq?: number },
): Promise<MeasuredTemperature | null> {
  const means: { section: string; celsius: Decimal }[] = [];
  for (const section of sections) {
    const celsius = await meanAt(source, section, of);
    if (celsius !== null) means.push({ section: section.id, celsius });
  }
  if (means.length === 0) return null;
  const sum = means.reduce((total, one) => total.plus(one.celsius), new Decimal(0));
  return { celsius: sum.div(means.length), sections: means.map((one) => one.section) };
}

async function meanAt(
  source: LoadSource,
  section: Section,
  of: { beginS: EpochS; endS: EpochS; asOfSeq?: number },
): Promise<Decimal | null> {
  for (const provider of new Set(section.aliases.map((alias) => alias.provider))) {
    const [columns] = await source.readings.series({
      stations: [section.id],
      parameters: [waterTemperature],
      averaging: 'instant',
      provider,
      fromS: of.beginS,
      toS: of.endS,
      ...(of.asOfSeq === undefined ? {} : { asOfSeq: of.asOfSeq }),
    });
    if (columns === undefined) continue;
    const counted = [...columns.value].filter((value, at) => usable(value, columns.flags[at]!));
    if (counted.length === 0) continue;
    const sum = counted.reduce((total, value) => total.plus(decimalOf(value)), new Decimal(0));
    return sum.div(counted.length);
  }
  return null;
}
