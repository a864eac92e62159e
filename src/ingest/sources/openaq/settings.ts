import { Type, type Static } from 'typebox';
import { incrementalSettings, KeyEnv } from '../incremental.ts';
import { mappingSettings } from '../mapped-cells.ts';

/**
 * `locations`: ids; absent: those within `bbox` (west, south, east, north), or within the region's. `resource`: single measurements
 * or hourly means. `code` of a mapped parameter is its name. `sentinels`: numbers that mean "no value" here.
 */
export const openaqSettings = Type.Object(
  {
    keyEnv: KeyEnv,
    locations: Type.Optional(Type.Array(Type.Integer({ minimum: 1 }), { minItems: 1 })),
    bbox: Type.Optional(Type.Tuple([Type.Number(), Type.Number(), Type.Number(), Type.Number()])),
    resource: Type.Optional(Type.Union([Type.Literal('measurements'), Type.Literal('hours')])),
    pageSize: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
    sentinels: Type.Optional(Type.Array(Type.Number())),
    ...incrementalSettings,
    ...mappingSettings,
  },
  { additionalProperties: false },
);
export type OpenaqSettings = Static<typeof openaqSettings>;
