import { Type, type Static } from 'typebox';
import { averagings, type AveragingId } from '../../../domain/time.ts';
import { qualifiers, validity, type Qualifier, type Validity } from '../../../domain/flags.ts';
import { unitIds, type UnitId } from '../units.ts';

const strict = { additionalProperties: false } as const;
const EnvironmentName = Type.String({ pattern: '^[A-Z][A-Z0-9_]*$' });
const oneOf = <T extends string>(ids: readonly T[]) => Type.Unsafe<T>({ type: 'string', enum: [...ids] });
/** A JSON path without filters and scripts, which would be code in a configuration. */
const JsonPath = Type.String({ pattern: '^\\$[^()]*$', maxLength: 200 });

/** Where one value stands in a record, what it is, and the unit in which this gateway sends it. */
const ValueMapping = Type.Object(
  {
    path: JsonPath,
    parameter: Type.String({ pattern: '^[a-z][a-z0-9_]*$' }),
    unit: oneOf<UnitId>(unitIds),
    /** A value outside is refused; absent: the parameter's plausible range marks it. */
    accept: Type.Optional(Type.Object({ min: Type.Number(), max: Type.Number() }, strict)),
    /** Values by which the gateway says "no value", as text or number; null always is one. */
    missing: Type.Optional(Type.Array(Type.Union([Type.String(), Type.Number()]))),
  },
  strict,
);
export type ValueMapping = Static<typeof ValueMapping>;

/** `local`: `YYYY-MM-DD HH:mm:ss` or `YYYYMMDDHHmmss` in the zone of the source. */
export const timeForms = ['iso', 'local', 'epoch-s', 'epoch-ms'] as const;
export type TimeForm = (typeof timeForms)[number];

const Mark = Type.Object(
  {
    validity: Type.Optional(oneOf<Validity>(Object.keys(validity) as Validity[])),
    qualifiers: Type.Optional(Type.Array(oneOf<Qualifier>(Object.keys(qualifiers) as Qualifier[]))),
  },
  strict,
);

/**
 * How messages of some topics become readings. `topic`: levels as the broker has them; `{name}` stands for one level whatever it is
 * called, `#` at the end for all further ones. `station`: a text with such names in it. `records`: where the records of a message stand;
 * the whole message when absent. `time`: `arrival` takes the time of receipt, which a retained message does not have.
 */
const TopicMapping = Type.Object(
  {
    topic: Type.String({ minLength: 1, maxLength: 500 }),
    station: Type.Union([Type.String({ minLength: 1 }), Type.Object({ path: JsonPath }, strict)]),
    records: Type.Optional(JsonPath),
    time: Type.Union([
      Type.Literal('arrival'),
      Type.Object(
        {
          path: JsonPath,
          form: oneOf<TimeForm>(timeForms),
          /** Absent: as the source says. */
          means: Type.Optional(
            Type.Union([Type.Literal('begin'), Type.Literal('end'), Type.Literal('instant')]),
          ),
        },
        strict,
      ),
    ]),
    averaging: oneOf<AveragingId>(Object.keys(averagings) as AveragingId[]),
    values: Type.Array(ValueMapping, { minItems: 1 }),
    /** The gateway's own quality mark and what each of its values says. */
    quality: Type.Optional(Type.Object({ path: JsonPath, marks: Type.Record(Type.String(), Mark) }, strict)),
    encoding: Type.Optional(Type.Union([Type.Literal('utf-8'), Type.Literal('gb18030')])),
    /** `skip`: a retained message is an old one that the broker keeps; its points are known. `take` when absent. */
    retained: Type.Optional(Type.Union([Type.Literal('take'), Type.Literal('skip')])),
  },
  strict,
);
export type TopicMapping = Static<typeof TopicMapping>;

const Broker = Type.Object(
  {
    /** `mqtt://host:1883` or `mqtts://host:8883`; never with a user or password in it. */
    url: Type.String({ pattern: '^mqtts?://[^@/?#]+/?$' }),
    /** Names the session that the broker keeps for us while nobody is connected. */
    clientId: Type.String({ pattern: '^[A-Za-z0-9_.-]{1,60}$' }),
    userEnv: Type.Optional(EnvironmentName),
    passwordEnv: Type.Optional(EnvironmentName),
    /** Variables that hold the path of a PEM file: authority to trust, certificate of ours and its key. */
    caFileEnv: Type.Optional(EnvironmentName),
    certificateFileEnv: Type.Optional(EnvironmentName),
    keyFileEnv: Type.Optional(EnvironmentName),
    /** More than one share the subscription, since each has one message under way. */
    connections: Type.Optional(Type.Integer({ minimum: 1, maximum: 32 })),
    keepAliveSeconds: Type.Optional(Type.Integer({ minimum: 5, maximum: 3600 })),
    /** How long the broker keeps the session without us. */
    sessionSeconds: Type.Optional(Type.Integer({ minimum: 60, maximum: 4_294_967_294 })),
  },
  strict,
);

const Limits = Type.Object(
  {
    /** A longer message is kept by its beginning only, acknowledged, and an issue. */
    messageBytes: Type.Optional(Type.Integer({ minimum: 128, maximum: 4_194_304 })),
    /** Records of one message. */
    records: Type.Optional(Type.Integer({ minimum: 1, maximum: 100_000 })),
    futureSeconds: Type.Optional(Type.Integer({ minimum: 0, maximum: 86_400 })),
    pastDays: Type.Optional(Type.Integer({ minimum: 1, maximum: 36_500 })),
    lingerMs: Type.Optional(Type.Integer({ minimum: 0, maximum: 1000 })),
  },
  strict,
);

export const mqttSettings = Type.Object(
  {
    broker: Type.Optional(Broker),
    topics: Type.Array(TopicMapping, { minItems: 1 }),
    limits: Type.Optional(Limits),
  },
  strict,
);
export type MqttSettings = Static<typeof mqttSettings>;
export type BrokerSettings = Static<typeof Broker>;
export type MqttLimits = Required<NonNullable<MqttSettings['limits']>>;

/** Project defaults. */
export function limitsOf(settings: MqttSettings): MqttLimits {
  return {
    messageBytes: 262_144,
    records: 5000,
    futureSeconds: 600,
    pastDays: 1100,
    lingerMs: 0,
    ...settings.limits,
  };
}
