import { Type, type Static, type TProperties } from 'typebox';
import { Id, Text, strict } from './facts.ts';

/** Name of an environment variable: secrets stand in the environment, never in a file. */
const Variable = Type.String({ pattern: '^[A-Z][A-Z0-9_]{2,79}$' });
const Timeout = Type.Integer({ minimum: 1, maximum: 120 });
const HttpAddress = Type.String({ format: 'uri', pattern: '^https?://' });
/** Certificates (PEM) to trust for this channel only, below the region's folder or absolute. */
const CaFile = Type.String({ minLength: 1 });

/** The texts of a message. `{field}` stands for a fact; a line whose fact is absent is left out. */
export const MessageTemplate = Type.Object({ title: Text, body: Text }, strict);
export type MessageTemplate = Static<typeof MessageTemplate>;

const Smtp = Type.Object(
  {
    host: Type.String({ minLength: 1 }),
    port: Type.Integer({ minimum: 1, maximum: 65535 }),
    /** `starttls` refuses a server that does not offer it; `none` is for a relay on the same machine or wire. */
    security: Type.Union([Type.Literal('tls'), Type.Literal('starttls'), Type.Literal('none')]),
    from: Type.String({ pattern: '@' }),
    userVariable: Type.Optional(Variable),
    passwordVariable: Type.Optional(Variable),
    caFile: Type.Optional(CaFile),
  },
  strict,
);
/** Addresses come from contacts; only these hosts (with port where it is not the usual one) are ever called. */
const Webhook = Type.Object(
  {
    hosts: Type.Array(Type.String({ minLength: 1 }), { minItems: 1, uniqueItems: true }),
    secretVariable: Variable,
    /** During a change of secrets both sign. */
    previousSecretVariable: Type.Optional(Variable),
    caFile: Type.Optional(CaFile),
  },
  strict,
);
/** `url` without its key: a private cloud has a host of its own. A contact's address names whom to mention; empty for nobody. */
const Robot = Type.Object(
  {
    url: HttpAddress,
    /** The key of the robot, which stands in its address. */
    keyVariable: Variable,
    /** Absent: the robot is guarded by keywords or addresses only. */
    secretVariable: Type.Optional(Variable),
    caFile: Type.Optional(CaFile),
  },
  strict,
);
const WecomRobot = Type.Object(
  { url: HttpAddress, keyVariable: Variable, caFile: Type.Optional(CaFile) },
  strict,
);
/** A gateway that sends texts or calls people: one templated request, judged by status and a path in its JSON answer. */
const Gateway = Type.Object(
  {
    url: HttpAddress,
    method: Type.Union([Type.Literal('POST'), Type.Literal('GET')]),
    headers: Type.Optional(Type.Record(Type.String({ pattern: '^[A-Za-z0-9-]+$' }), Type.String())),
    /** `json`: every placeholder is escaped as JSON text; `form`: as a form field. */
    format: Type.Union([Type.Literal('json'), Type.Literal('form')]),
    body: Type.String(),
    /** Values of `{secret.name}`. */
    secrets: Type.Optional(Type.Record(Type.String({ pattern: '^[a-zA-Z][a-zA-Z0-9]*$' }), Variable)),
    success: Type.Object(
      {
        path: Type.String({ pattern: '^\\$' }),
        equals: Type.Union([Type.String(), Type.Number(), Type.Boolean()]),
      },
      strict,
    ),
    /** Longest text, in characters. */
    maximumCharacters: Type.Integer({ minimum: 20, maximum: 2000 }),
    caFile: Type.Optional(CaFile),
  },
  strict,
);
/** Topics are `<prefix>/<river>/<section>`; the contact's address is the prefix, `alerts` where it is empty. */
const Mqtt = Type.Object(
  {
    url: Type.String({ format: 'uri', pattern: '^mqtts?://' }),
    clientId: Type.String({ pattern: '^[A-Za-z0-9_-]{1,60}$' }),
    userVariable: Type.Optional(Variable),
    passwordVariable: Type.Optional(Variable),
    /** How long a broker keeps a message for someone who is away. */
    expirySeconds: Type.Integer({ minimum: 60 }),
    caFile: Type.Optional(CaFile),
  },
  strict,
);
const Nothing = Type.Object({}, strict);
/** `sender` names the office in CAP messages (no blanks, commas, `<` or `&`). */
const Cap = Type.Object(
  {
    sender: Type.String({ pattern: '^[^\\s,<&]+$' }),
    senderName: Text,
    expireSeconds: Type.Integer({ minimum: 600 }),
  },
  strict,
);

const shared = {
  id: Id,
  name: Text,
  enabled: Type.Boolean(),
  timeoutSeconds: Type.Optional(Timeout),
  /** Attempts until a message is given up and shown as dead. */
  attempts: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
  /** First wait between attempts; doubles, with jitter. */
  backoffSeconds: Type.Optional(Type.Integer({ minimum: 1, maximum: 3600 })),
  /** What the receiver allows. */
  perMinute: Type.Optional(Type.Integer({ minimum: 1, maximum: 100_000 })),
  /** Another channel that takes over where this one gives up or keeps failing. */
  fallback: Type.Optional(Id),
  /** How long it may fail until what it carries goes another way; 5 when absent. It is still tried. */
  failingMinutes: Type.Optional(Type.Integer({ minimum: 1, maximum: 1440 })),
  /** Whether messages carry a link that acknowledges without a login, once. */
  acknowledgeLinks: Type.Boolean(),
  template: Type.Optional(MessageTemplate),
} satisfies TProperties;

const of = <T extends string, S extends TProperties[string]>(type: T, settings: S) =>
  Type.Object({ ...shared, type: Type.Literal(type), settings }, strict);

export const ChannelConfig = Type.Union([
  of('smtp', Smtp),
  of('webhook', Webhook),
  of('dingtalk', Robot),
  of('wecom', WecomRobot),
  of('feishu', Robot),
  of('sms-gateway', Gateway),
  of('voice-gateway', Gateway),
  of('mqtt', Mqtt),
  of('dashboard', Nothing),
  of('cap', Cap),
]);
export type ChannelConfig = Static<typeof ChannelConfig>;
export type ChannelType = ChannelConfig['type'];
export type ChannelOf<T extends ChannelType> = Extract<ChannelConfig, { type: T }>;

const addressKinds: Record<ChannelType, 'mail' | 'url' | 'phone' | 'topic' | 'any'> = {
  smtp: 'mail',
  webhook: 'url',
  dingtalk: 'phone',
  wecom: 'phone',
  feishu: 'any',
  'sms-gateway': 'phone',
  'voice-gateway': 'phone',
  mqtt: 'topic',
  dashboard: 'any',
  cap: 'any',
};

/** Whether an address on channels of one type means the same on those of another; some take anything. */
export function takesAddressOf(type: ChannelType, other: ChannelType): boolean {
  return addressKinds[type] === 'any' || addressKinds[type] === addressKinds[other];
}

export const ChannelFile = Type.Object(
  { kind: Type.Literal('channels'), channels: Type.Array(ChannelConfig) },
  strict,
);

/** Facts that a template can name; docs/alert-channels.md says what each holds. */
export const templateFields = [
  'id',
  'alert',
  'rule',
  'kind',
  'severity',
  'title',
  'summary',
  'station',
  'parameter',
  'value',
  'unit',
  'limit',
  'multiple',
  'edition',
  'standing',
  'begin',
  'end',
  'jurisdictions',
  'map',
  'acknowledge',
  'mark',
  'items',
] as const;
export type TemplateField = (typeof templateFields)[number];

/** What else a gateway's request can name. */
export const gatewayFields = ['address', 'subject', 'text', 'language'] as const;
export type GatewayField = (typeof gatewayFields)[number];

/** The `{names}` of a template, in order; a doubled brace is a brace. */
export function placeholders(template: string): string[] {
  return [...template.replaceAll(/\{\{|\}\}/g, '').matchAll(/\{([^{}]*)\}/g)].map((match) => match[1] ?? '');
}
