import { Type, type Static } from 'typebox';
import { incrementalSettings, KeyEnv } from '../incremental.ts';
import { mappingSettings } from '../mapped-cells.ts';

/**
 * `stationKey`: what of a Thing is its key: `id` (when absent), `name`, or a member of its properties (`properties.localId`).
 * `code` of a mapped parameter is the name or definition of the ObservedProperty, or the name of the Datastream; `unit` the symbol
 * of its unit. `qualities`: texts of `resultQuality` or `parameters.quality` and the validity they mean. `tokenEnv`: variable with a
 * bearer token.
 */
export const sensorthingsSettings = Type.Object(
  {
    stationKey: Type.Optional(Type.String({ pattern: '^(id|name|properties\\.[A-Za-z0-9_:-]+)$' })),
    qualities: Type.Optional(
      Type.Record(
        Type.String(),
        Type.Union([Type.Literal('valid'), Type.Literal('suspect'), Type.Literal('invalid')]),
      ),
    ),
    dataArray: Type.Optional(Type.Boolean()),
    pageSize: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000 })),
    tokenEnv: Type.Optional(KeyEnv),
    ...incrementalSettings,
    ...mappingSettings,
  },
  { additionalProperties: false },
);
export type SensorthingsSettings = Static<typeof sensorthingsSettings>;
