import type { TSchema } from 'typebox';
import type { SourceAdapter } from '../../domain/ports.ts';
import { cnemcAir } from './cnemc-air/index.ts';
import { airSettings } from './cnemc-air/settings.ts';
import { cnemcWater } from './cnemc-water/index.ts';
import { waterSettings } from './cnemc-water/settings.ts';
import { hj212 } from './hj212/index.ts';
import { hj212Settings } from './hj212/settings.ts';
import { mqtt } from './mqtt/index.ts';
import { mqttSettings } from './mqtt/settings.ts';
import { hydroMwr } from './hydro-mwr/index.ts';
import { hydroSettings } from './hydro-mwr/settings.ts';
import { jieheFeed } from './jiehe-feed/index.ts';
import { feedSettings } from './jiehe-feed/settings.ts';
import { monthlySheet } from './monthly-sheet/index.ts';
import { sheetSettings } from './monthly-sheet/settings.ts';
import { openaq } from './openaq/index.ts';
import { openaqSettings } from './openaq/settings.ts';
import { quotsoftAir } from './quotsoft-air/index.ts';
import { quotsoftSettings } from './quotsoft-air/settings.ts';
import { sensorthings } from './sensorthings/index.ts';
import { sensorthingsSettings } from './sensorthings/settings.ts';
import { usgs } from './usgs/index.ts';
import { usgsSettings } from './usgs/settings.ts';
import { wqp } from './wqp/index.ts';
import { wqpSettings } from './wqp/settings.ts';
import { zjemcAir } from './zjemc-air/index.ts';
import { zjemcSettings } from './zjemc-air/settings.ts';

/** Every source there is; adding one is a folder and a line here. */
export const sourceAdapters: ReadonlyMap<string, SourceAdapter> = new Map(
  [
    cnemcWater,
    cnemcAir,
    hj212,
    monthlySheet,
    mqtt,
    hydroMwr,
    jieheFeed,
    openaq,
    quotsoftAir,
    sensorthings,
    usgs,
    wqp,
    zjemcAir,
  ].map((adapter) => [adapter.id, adapter]),
);

/** Schema of `settings` by adapter id, for the check of the configuration at start. */
export const settingsSchemas: ReadonlyMap<string, TSchema> = new Map<string, TSchema>([
  [cnemcWater.id, waterSettings],
  [cnemcAir.id, airSettings],
  [hj212.id, hj212Settings],
  [hydroMwr.id, hydroSettings],
  [jieheFeed.id, feedSettings],
  [openaq.id, openaqSettings],
  [quotsoftAir.id, quotsoftSettings],
  [sensorthings.id, sensorthingsSettings],
  [usgs.id, usgsSettings],
  [wqp.id, wqpSettings],
  [zjemcAir.id, zjemcSettings],
  [monthlySheet.id, sheetSettings],
  [mqtt.id, mqttSettings],
]);
