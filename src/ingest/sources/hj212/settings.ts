import { Type, type Static } from 'typebox';
import { minuteAveragings, type MinuteAveraging } from './commands.ts';
import { editions, type Edition } from './profile.ts';
import { unitIds, type UnitId } from '../units.ts';

const strict = { additionalProperties: false } as const;
const EnvironmentName = Type.String({ pattern: '^[A-Z][A-Z0-9_]*$' });
const oneOf = <T extends string>(ids: readonly T[]) => Type.Unsafe<T>({ type: 'string', enum: [...ids] });

const Range = Type.Object({ min: Type.Number(), max: Type.Number() }, strict);

/**
 * What one factor code of a device means. `unit` is what that device sends, whatever the standard's table says.
 * `accept`: a value outside is refused, since the CRC has 256 results only; absent: the parameter's plausible range marks it.
 * `missing`: values by which the device says "no value", as it writes them.
 */
const Factor = Type.Object(
  {
    code: Type.String({ minLength: 1, maxLength: 20 }),
    parameter: Type.String({ pattern: '^[a-z][a-z0-9_]*$' }),
    unit: oneOf<UnitId>(unitIds),
    accept: Type.Optional(Range),
    missing: Type.Optional(Type.Array(Type.String())),
  },
  strict,
);
export type Factor = Static<typeof Factor>;

/** A password is the SHA-256 of its text, the name of an environment variable, or `none` (any, and an alarm in the log). */
const Password = Type.Union([
  Type.Object({ sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }) }, strict),
  Type.Object({ env: EnvironmentName }, strict),
  Type.Object({ any: Type.Literal(true) }, strict),
]);

/**
 * One logger. `stampMeans`: whether DataTime of a period is its begin or its end; the 2017 edition says begin, the 2005 one
 * nothing. `pw`: see {@link Password}. `addresses`: networks in CIDR form that it may connect from; absent: any.
 * `backfill`: hours it did not send are asked for when it sends again.
 */
export const Device = Type.Object(
  {
    mn: Type.String({ minLength: 1, maxLength: 64 }),
    edition: oneOf<Edition>(editions),
    pw: Password,
    stampMeans: Type.Union([Type.Literal('begin'), Type.Literal('end')]),
    /** Name of a factor set. */
    factors: Type.String({ minLength: 1 }),
    ignore: Type.Optional(Type.Array(Type.String({ minLength: 1 }))),
    minuteAveraging: Type.Optional(oneOf<MinuteAveraging>(minuteAveragings)),
    crc: Type.Optional(Type.Union([Type.Literal('standard'), Type.Literal('or-modbus')])),
    encoding: Type.Optional(Type.Union([Type.Literal('utf-8'), Type.Literal('gb18030')])),
    sm4Env: Type.Optional(EnvironmentName),
    /** The key that the logger is to change to (1014); taken beside the current one as soon as it is set. */
    sm4NextEnv: Type.Optional(EnvironmentName),
    /** Name of the field that carries a new key in 1014; `NewKey` when absent. */
    keyField: Type.Optional(Type.String({ pattern: '^[A-Za-z][A-Za-z0-9]{0,19}$' })),
    heartbeatAnswer: Type.Optional(Type.Union([Type.Literal('9013'), Type.Literal('9014')])),
    addresses: Type.Optional(Type.Array(Type.String({ minLength: 2 }), { minItems: 1 })),
    backfill: Type.Optional(Type.Boolean()),
    st: Type.Optional(Type.String({ minLength: 2, maxLength: 3 })),
    /** Journal positions of the acts that let it in and withdrew it; files leave both out. */
    approvedSeq: Type.Optional(Type.Integer({ minimum: 1 })),
    withdrawnSeq: Type.Optional(Type.Integer({ minimum: 1 })),
  },
  strict,
);
export type Device = Static<typeof Device>;

/** What one listener may cost. */
const Limits = Type.Object(
  {
    connections: Type.Optional(Type.Integer({ minimum: 1, maximum: 100_000 })),
    connectionsPerAddress: Type.Optional(Type.Integer({ minimum: 1, maximum: 100_000 })),
    segmentBytes: Type.Optional(Type.Integer({ minimum: 1024, maximum: 9999 })),
    framesPerMinute: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000 })),
    idleSeconds: Type.Optional(Type.Integer({ minimum: 1, maximum: 86_400 })),
    /** A frame that has begun must be whole after this. */
    frameSeconds: Type.Optional(Type.Integer({ minimum: 1, maximum: 600 })),
    /** Refused frames after which a connection is closed. */
    refusals: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000 })),
    /** Frames of stations that may not send, kept for inspection, per station and hour. */
    quarantinePerHour: Type.Optional(Type.Integer({ minimum: 0, maximum: 10_000 })),
    /** A DataTime this far ahead of ours is refused. */
    futureSeconds: Type.Optional(Type.Integer({ minimum: 0, maximum: 86_400 })),
    /** A DataTime this far back is a clock that was reset, not a back-fill. */
    pastDays: Type.Optional(Type.Integer({ minimum: 1, maximum: 36_500 })),
    /** How long frames wait for others, so that one fsync serves them all. */
    lingerMs: Type.Optional(Type.Integer({ minimum: 0, maximum: 1000 })),
  },
  strict,
);

export const hj212Settings = Type.Object(
  {
    listen: Type.Optional(
      Type.Object(
        {
          /** 127.0.0.1 when absent. */
          host: Type.Optional(Type.String({ minLength: 1 })),
          port: Type.Integer({ minimum: 0, maximum: 65_535 }),
        },
        strict,
      ),
    ),
    factorSets: Type.Record(Type.String({ minLength: 1 }), Type.Array(Factor)),
    devices: Type.Array(Device),
    limits: Type.Optional(Limits),
  },
  strict,
);
export type Hj212Settings = Static<typeof hj212Settings>;

export type ListenerLimits = Required<NonNullable<Hj212Settings['limits']>>;

/** Project defaults; the standard says 1024 bytes and nothing of the rest. */
export function limitsOf(settings: Hj212Settings): ListenerLimits {
  return {
    connections: 4096,
    connectionsPerAddress: 4096,
    segmentBytes: 4096,
    framesPerMinute: 600,
    idleSeconds: 900,
    frameSeconds: 10,
    refusals: 50,
    quarantinePerHour: 20,
    futureSeconds: 600,
    pastDays: 1100,
    lingerMs: 5,
    ...settings.limits,
  };
}
