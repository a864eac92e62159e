import type { DrinkingSourceItem, WaterStandard } from '../../domain/config/standard.ts';
import { Decimal, roundHalfEven } from '../../domain/decimal.ts';
import { exceedanceMultiple } from './classify.ts';

export interface DrinkingSourceVerdict {
  item: DrinkingSourceItem;
  table: 'supplementary' | 'specific';
  meets: boolean;
  /** (C − S) / S, zero where the limit is met. */
  multiple: string;
}

/** One item of the drinking-water source tables against its single limit; null for an item of neither table. */
export function judgeDrinkingSource(
  name: string,
  value: Decimal,
  standard: WaterStandard,
): DrinkingSourceVerdict | null {
  for (const table of ['supplementary', 'specific'] as const) {
    const { items, multipleDecimals } = standard.drinkingSource[table];
    const item = items.find(
      (entry) => entry.parameter === name || entry.name === name || entry.aliases.includes(name),
    );
    if (item === undefined) continue;
    const limit = new Decimal(item.limit);
    const meets = value.lte(limit);
    const multiple = meets ? new Decimal(0) : exceedanceMultiple(value, limit);
    return {
      item,
      table,
      meets,
      multiple: roundHalfEven(multiple, multipleDecimals).toFixed(multipleDecimals),
    };
  }
  return null;
}
