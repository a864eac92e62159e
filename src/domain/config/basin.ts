import { Type, type Static } from 'typebox';
import { DecimalText, Id, Position, Provenance, Text, strict } from './facts.ts';

const Code = Type.String({ pattern: '^\\d{6}$' });

/** Land that drains past a place: its area, and the parts by jurisdiction. Parts that nobody states are not known, never spread. */
export const Catchment = Type.Object(
  {
    areaKm2: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
    shares: Type.Optional(Type.Array(Type.Object({ jurisdiction: Code, share: DecimalText }, strict))),
    provenance: Provenance,
  },
  strict,
);
export type Catchment = Static<typeof Catchment>;

/** Length of the shore that each side has on a border reach; more than the river's where it winds about one side. */
export const ShoreLengths = Type.Object(
  {
    left: Type.Number({ exclusiveMinimum: 0 }),
    right: Type.Number({ exclusiveMinimum: 0 }),
    provenance: Provenance,
  },
  strict,
);
export type ShoreLengths = Static<typeof ShoreLengths>;

/**
 * How the discharge of a gauging station becomes that of a section: taken as it is, by the ratio of both catchments' areas, or
 * by a stated factor. The error is what remains wrong about the transfer, relative.
 */
export const FlowTransfer = Type.Object(
  {
    method: Type.Union([Type.Literal('same-place'), Type.Literal('area-ratio'), Type.Literal('factor')]),
    factor: Type.Optional(DecimalText),
    relativeStandardError: DecimalText,
    provenance: Provenance,
  },
  strict,
);
export type FlowTransfer = Static<typeof FlowTransfer>;

export const OnReach = Type.Object(
  { id: Id, km: Type.Optional(Type.Number({ minimum: 0 })), provenance: Provenance },
  strict,
);

/**
 * Where somebody discharges into a river. On a border reach `bank` says whose it is; elsewhere the reach's jurisdiction, or
 * `locatedIn` where the reach crosses several.
 */
export const Outfall = Type.Object(
  {
    id: Id,
    name: Text,
    reach: Type.Object(
      {
        id: Id,
        km: Type.Optional(Type.Number({ minimum: 0 })),
        bank: Type.Optional(Type.Union([Type.Literal('left'), Type.Literal('right')])),
        provenance: Provenance,
      },
      strict,
    ),
    locatedIn: Type.Optional(Code),
    operator: Type.Union([Type.String(), Type.Null()]),
    position: Type.Union([Position, Type.Null()]),
    provenance: Provenance,
  },
  strict,
);
export type Outfall = Static<typeof Outfall>;
export const OutfallFile = Type.Object(
  { kind: Type.Literal('outfalls'), outfalls: Type.Array(Outfall) },
  strict,
);
