import { Type, type Static } from 'typebox';
import { strict, type Text } from './facts.ts';

/** What a water is called in English. `id`: its Chinese name, as sections and gauging stations give it. */
export const WaterName = Type.Object(
  { id: Type.String({ minLength: 1 }), en: Type.String({ minLength: 1 }) },
  strict,
);
export type WaterName = Static<typeof WaterName>;
export const WaterFile = Type.Object({ kind: Type.Literal('waters'), waters: Type.Array(WaterName) }, strict);

/** A water's name in both languages; one that the region has no English name for keeps its Chinese one. */
export const waterName = (waters: readonly WaterName[], zh: string): Text => ({
  zh,
  en: waters.find(({ id }) => id === zh)?.en ?? zh,
});
