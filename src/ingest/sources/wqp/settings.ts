import { Type, type Static } from 'typebox';
import { incrementalSettings } from '../incremental.ts';
import { mappingSettings } from '../mapped-cells.ts';

/** `sites`: identifiers with the organisation (USGS-01491000). `code` of a mapped parameter is `<characteristic>` or `<characteristic>|<fraction>`. */
export const wqpSettings = Type.Object(
  {
    sites: Type.Array(Type.String({ minLength: 3 }), { minItems: 1 }),
    ...incrementalSettings,
    ...mappingSettings,
  },
  { additionalProperties: false },
);
export type WqpSettings = Static<typeof wqpSettings>;
