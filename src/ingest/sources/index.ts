import type { TSchema } from 'typebox';
import type { SourceAdapter } from '../../domain/ports.ts';
import { cnemcAir } from './cnemc-air/index.ts';
import { airSettings } from './cnemc-air/settings.ts';
import { cnemcWater } from './cnemc-water/index.ts';
import { waterSettings } from './cnemc-water/settings.ts';
import { hj212 } from './hj212/index.ts';
import { hj212Settings } from './hj212/settings.ts';

/** Every source there is; adding one is a folder and a line here. */
export const sourceAdapters: ReadonlyMap<string, SourceAdapter> = new Map(
  [cnemcWater, cnemcAir, hj212].map((adapter) => [adapter.id, adapter]),
);

/** Schema of `settings` by adapter id, for the check of the configuration at start. */
export const settingsSchemas: ReadonlyMap<string, TSchema> = new Map<string, TSchema>([
  [cnemcWater.id, waterSettings],
  [cnemcAir.id, airSettings],
  [hj212.id, hj212Settings],
]);
