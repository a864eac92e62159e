import { Type, type Static } from 'typebox';
import { incrementalSettings, KeyEnv } from '../incremental.ts';
import { mappingSettings } from '../mapped-cells.ts';

const Service = Type.Union([
  Type.Literal('continuous'),
  Type.Literal('daily'),
  Type.Literal('iv'),
  Type.Literal('dv'),
]);
export type Service = Static<typeof Service>;

/**
 * `services`: collections of the Water Data API (continuous, daily), or the older services (iv, dv), which are to be switched off.
 * `sites`: numbers without the agency. `code` of a mapped parameter is the five-digit parameter code.
 */
export const usgsSettings = Type.Object(
  {
    services: Type.Array(Service, { minItems: 1 }),
    sites: Type.Array(Type.String({ pattern: '^\\d{8,15}$' }), { minItems: 1 }),
    format: Type.Optional(Type.Union([Type.Literal('json'), Type.Literal('rdb')])),
    keyEnv: Type.Optional(KeyEnv),
    pageSize: Type.Optional(Type.Integer({ minimum: 1, maximum: 50_000 })),
    ...incrementalSettings,
    ...mappingSettings,
  },
  { additionalProperties: false },
);
export type UsgsSettings = Static<typeof usgsSettings>;
