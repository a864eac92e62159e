import { Type, type Static } from 'typebox';
import { KeyEnv } from '../incremental.ts';

/**
 * `provider`: whose readings are followed, as the neighbour calls it; the source's own `provider` is what they are called here.
 * `keyEnv`: variable with the access key that the neighbour gave. `sameStations`: an id of the neighbour that our registry knows is the
 * same station; otherwise the registry's aliases of our provider say so. `acceptSynthetic`: the neighbour's data may be invented.
 */
export const feedSettings = Type.Object(
  {
    provider: Type.String({ minLength: 1, maxLength: 120, pattern: '^[^,\\s]+$' }),
    keyEnv: Type.Optional(KeyEnv),
    sameStations: Type.Optional(Type.Boolean()),
    /** Only these stations, as the neighbour calls them. */
    stations: Type.Optional(
      Type.Array(Type.String({ pattern: '^[^,\\s]{1,120}$' }), { minItems: 1, maxItems: 64 }),
    ),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 5000 })),
    acceptSynthetic: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
);
export type FeedSettings = Static<typeof feedSettings>;
