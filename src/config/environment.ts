import { inspect } from 'node:util';
import path from 'node:path';
import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import { Type, type Static } from 'typebox';
import { MonitorError } from '../domain/errors.ts';

/** Text that never shows itself in a log, a JSON or an error; `reveal` hands it to the one who needs it. */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return '(secret)';
  }

  toJSON(): string {
    return '(secret)';
  }

  [inspect.custom](): string {
    return '(secret)';
  }
}

/** Every variable that jiehe reads. `secret` values are never printed. */
const Variables = Type.Object({
  JIEHE_DATA: Type.String({ minLength: 1, default: 'data', description: 'data folder' }),
  JIEHE_CONFIG: Type.Optional(Type.String({ minLength: 1, description: 'configuration folder' })),
  JIEHE_REGION: Type.Optional(Type.String({ minLength: 1, description: 'region folder below regions/' })),
  JIEHE_HOST: Type.String({ minLength: 1, default: '127.0.0.1', description: 'address to listen on' }),
  JIEHE_PORT: Type.Integer({
    minimum: 0,
    maximum: 65535,
    default: 8080,
    description: 'port, 0 for a free one',
  }),
  JIEHE_PUBLIC_URL: Type.Optional(
    Type.String({
      format: 'uri',
      pattern: '^https?://',
      description: 'address under which people reach this system',
    }),
  ),
  JIEHE_SECRET_KEY: Type.Optional(
    Type.String({
      pattern: '^[A-Za-z0-9+/_-]{43}=?$',
      secret: true,
      description: '32 bytes in base64; seals what must be kept and not shown',
    }),
  ),
  JIEHE_OIDC_ISSUER: Type.Optional(
    Type.String({ format: 'uri', pattern: '^https?://', description: 'OpenID provider' }),
  ),
  JIEHE_OIDC_CLIENT_ID: Type.Optional(Type.String({ minLength: 1 })),
  JIEHE_OIDC_CLIENT_SECRET: Type.Optional(Type.String({ minLength: 1, secret: true })),
  JIEHE_INFLUX_URL: Type.Optional(
    Type.String({ format: 'uri', pattern: '^https?://', description: 'http(s) address' }),
  ),
  JIEHE_INFLUX_USER: Type.Optional(Type.String({ minLength: 1 })),
  JIEHE_INFLUX_PASSWORD: Type.Optional(Type.String({ minLength: 1, secret: true })),
  JIEHE_INFLUX_CA_FILE: Type.Optional(
    Type.String({ minLength: 1, description: 'file of certificates (PEM) to trust' }),
  ),
  JIEHE_INFLUX_DATABASE: Type.String({ pattern: '^[A-Za-z0-9_-]+$', default: 'jiehe' }),
  JIEHE_INFLUX_RETENTION_POLICY: Type.String({ pattern: '^[A-Za-z0-9_-]+$', default: 'autogen' }),
  JIEHE_DATABASE_URL: Type.Optional(
    Type.String({
      format: 'uri',
      pattern: '^postgres(ql)?://',
      secret: true,
      description: 'postgres:// address',
    }),
  ),
  JIEHE_LEASE_SECONDS: Type.Integer({
    minimum: 2,
    maximum: 300,
    default: 15,
    description: 'seconds until another replica takes the place of one that stopped',
  }),
  JIEHE_OPERATOR: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 200,
      pattern: '^[^\\u0000-\\u001f]+$',
      description: 'who runs this process, in the journal',
    }),
  ),
  JIEHE_WATCHDOG_URL: Type.Optional(
    Type.String({
      format: 'uri',
      pattern: '^https?://',
      secret: true,
      description: 'http(s) address of an outside watchdog, called as long as this process is well',
    }),
  ),
  JIEHE_WATCHDOG_SECONDS: Type.Integer({ minimum: 5, maximum: 3600, default: 60 }),
  JIEHE_WEBHOOK_NETWORKS: Type.Optional(
    Type.String({
      pattern: '^[0-9a-fA-F:./]+(,[0-9a-fA-F:./]+)*$',
      description: 'private networks that webhooks may go to, comma-separated; none when absent',
    }),
  ),
  JIEHE_ARCHIVE: Type.Optional(Type.String({ minLength: 1, description: 'folder of archived readings' })),
  JIEHE_STATE_TEMPLATE: Type.Optional(
    Type.String({ minLength: 1, description: 'empty embedded state that a new data folder begins from' }),
  ),
  JIEHE_USER_AGENT: Type.Optional(Type.String({ minLength: 5, pattern: '^[\\x20-\\x7e]+$' })),
  JIEHE_LOG_LEVEL: Type.Union(
    ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'].map((level) => Type.Literal(level)),
    { default: 'info' },
  ),
});

/** Variables that only the project's own tests and tools read. */
const toolVariables = /^JIEHE_(TEST_.+|BENCH_.+|REQUIRE_SERVERS|SHARED_DIR|SEED|ROUNDS|LONG)$/;

/** What the environment says, with defaults; folders are absolute. */
export interface Environment {
  dataDir: string;
  /** null: the shipped one. */
  configDir: string | null;
  /** null: the only region, or the default one. */
  region: string | null;
  host: string;
  port: number;
  /** Address under which people reach this system, without a slash at its end; null: the one it listens on. */
  publicUrl: string | null;
  /** null: a key of the data folder's own. */
  secretKey: Secret | null;
  /** null: no OpenID provider. */
  openId: { issuer: string; clientId: string; clientSecret: Secret | null } | null;
  /** null: the embedded reading store. */
  influx: {
    url: string;
    user: string | null;
    password: Secret | null;
    /** Certificates to trust instead of the usual authorities; absolute. */
    caFile: string | null;
    database: string;
    retentionPolicy: string;
  } | null;
  /** null: the embedded state store. */
  databaseUrl: Secret | null;
  /** How long a replica keeps the right to project without renewing it. */
  leaseSeconds: number;
  /** An outside watchdog; null: nobody notices when this process dies. */
  watchdog: { url: Secret; everyS: number } | null;
  /** Where archived readings lie, absolute; null: in the data folder, where only this process finds them. */
  archiveDir: string | null;
  /** An empty embedded state, absolute; null: each new data folder makes its own, in a few seconds. */
  stateTemplate: string | null;
  /** Private networks that webhooks may go to, as `10.1.2.0/24`. */
  webhookNetworks: readonly string[];
  /** Who brings a configuration into force, as the journal names them; null: the account of the operating system. */
  operator: string | null;
  /** What upstreams see; null: as each source is configured. */
  userAgent: string | null;
  logLevel: string;
}

/** One fault of the environment; `got` is hidden where the variable holds a secret. */
export interface EnvironmentFault {
  variable: string;
  got: string;
  message: string;
  expected: string;
}

/** Reads and checks all variables at once. An empty one counts as unset. Throws E_CONFIG with every fault in `details.faults`. */
export function readEnvironment(
  variables: Readonly<Record<string, string | undefined>>,
  workingDirectory: string = process.cwd(),
): Environment {
  const given = Object.fromEntries(
    Object.entries(variables).filter(
      ([name, value]) => name.startsWith('JIEHE_') && value !== undefined && value !== '',
    ),
  );
  const faults = [...unknownVariables(given), ...credentialFaults(given)];
  const checked: Record<string, unknown> = { ...given };
  const ajv = new Ajv({
    allErrors: true,
    coerceTypes: true,
    useDefaults: true,
    verbose: true,
    keywords: ['secret'],
  });
  formats.default(ajv);
  const validate = ajv.compile<Static<typeof Variables>>(Variables);
  if (!validate(checked)) {
    const wrong = new Set((validate.errors ?? []).map((error) => error.instancePath.slice(1)));
    for (const variable of wrong) faults.push(faultOf(variable, given[variable] ?? ''));
    throw environmentError(faults);
  }
  if (faults.length > 0) throw environmentError(faults);
  return environmentOf(checked, workingDirectory);
}

/** One fault in one line, both languages in the head of the list. */
export function printEnvironmentFault(fault: EnvironmentFault): string {
  return `${fault.variable}: ${fault.message} (got ${fault.got}, expected ${fault.expected})`;
}

function environmentError(faults: readonly EnvironmentFault[]): MonitorError {
  const lines = faults.map(printEnvironmentFault).join('\n');
  const message = `${faults.length} fault(s) in the environment · 环境变量有 ${faults.length} 处错误\n${lines}`;
  return new MonitorError('E_CONFIG', message, {
    details: { faults, printed: faults.map(printEnvironmentFault) },
  });
}

function unknownVariables(given: Record<string, string | undefined>): EnvironmentFault[] {
  const known = Object.keys(Variables.properties);
  return Object.keys(given)
    .filter((name) => !known.includes(name) && !toolVariables.test(name))
    .map((variable) => {
      const expected = `one of ${known.join(', ')}`;
      return { variable, got: '(not shown)', message: 'unknown variable', expected };
    });
}

function credentialFaults(given: Record<string, string | undefined>): EnvironmentFault[] {
  const url = given.JIEHE_INFLUX_URL;
  const faults: EnvironmentFault[] = [];
  if (
    url !== undefined &&
    URL.canParse(url) &&
    (new URL(url).username !== '' || new URL(url).password !== '')
  ) {
    const expected = 'JIEHE_INFLUX_USER and JIEHE_INFLUX_PASSWORD';
    faults.push({
      variable: 'JIEHE_INFLUX_URL',
      got: '(secret)',
      message: 'the address holds credentials',
      expected,
    });
  }
  for (const variable of ['JIEHE_INFLUX_USER', 'JIEHE_INFLUX_PASSWORD', 'JIEHE_INFLUX_CA_FILE']) {
    if (given[variable] === undefined || url !== undefined) continue;
    const message = 'given without an address';
    faults.push({ variable, got: '(not shown)', message, expected: 'JIEHE_INFLUX_URL as well' });
  }
  const openId = ['JIEHE_OIDC_ISSUER', 'JIEHE_OIDC_CLIENT_ID'] as const;
  const missing = openId.filter((variable) => given[variable] === undefined);
  if (missing.length === 1 || (missing.length === 2 && given.JIEHE_OIDC_CLIENT_SECRET !== undefined)) {
    for (const variable of missing) {
      const expected = 'JIEHE_OIDC_ISSUER and JIEHE_OIDC_CLIENT_ID together';
      faults.push({ variable, got: '(nothing)', message: 'missing', expected });
    }
  }
  return faults;
}

interface VariableSchema {
  secret?: boolean;
  description?: string;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  pattern?: string;
  anyOf?: { const?: unknown }[];
}

function faultOf(variable: string, value: string): EnvironmentFault {
  const found: object | undefined = Object.entries(Variables.properties).find(
    ([name]) => name === variable,
  )?.[1];
  const schema: VariableSchema = found ?? {};
  const hidden = schema.secret === true || variable === 'JIEHE_INFLUX_URL';
  const got = hidden ? '(secret)' : JSON.stringify(value);
  return { variable, got, message: 'not as expected', expected: expectation(schema) };
}

function expectation(schema: VariableSchema): string {
  if (schema.anyOf !== undefined)
    return `one of ${schema.anyOf.map((choice) => String(choice.const)).join(', ')}`;
  const parts = [schema.description ?? 'text'];
  if (schema.minimum !== undefined && schema.maximum !== undefined)
    parts.push(`${schema.minimum} to ${schema.maximum}`);
  if (schema.minLength !== undefined && schema.minLength > 1)
    parts.push(`at least ${schema.minLength} characters`);
  if (schema.pattern !== undefined) parts.push(`of the form ${schema.pattern}`);
  return parts.join(', ');
}

function openIdOf(given: Static<typeof Variables>): Environment['openId'] {
  const { JIEHE_OIDC_ISSUER: issuer, JIEHE_OIDC_CLIENT_ID: clientId } = given;
  if (issuer === undefined || clientId === undefined) return null;
  const secret = given.JIEHE_OIDC_CLIENT_SECRET;
  return { issuer, clientId, clientSecret: secret === undefined ? null : new Secret(secret) };
}

function watchdogOf(given: Static<typeof Variables>): Environment['watchdog'] {
  const { JIEHE_WATCHDOG_URL: url, JIEHE_WATCHDOG_SECONDS: everyS } = given;
  return url === undefined ? null : { url: new Secret(url), everyS };
}

function environmentOf(given: Static<typeof Variables>, workingDirectory: string): Environment {
  const { JIEHE_INFLUX_URL: url, JIEHE_INFLUX_PASSWORD: password, JIEHE_DATABASE_URL: databaseUrl } = given;
  return {
    dataDir: path.resolve(workingDirectory, given.JIEHE_DATA),
    configDir: given.JIEHE_CONFIG === undefined ? null : path.resolve(workingDirectory, given.JIEHE_CONFIG),
    region: given.JIEHE_REGION ?? null,
    host: given.JIEHE_HOST,
    port: given.JIEHE_PORT,
    publicUrl: given.JIEHE_PUBLIC_URL?.replace(/\/+$/, '') ?? null,
    secretKey: given.JIEHE_SECRET_KEY === undefined ? null : new Secret(given.JIEHE_SECRET_KEY),
    openId: openIdOf(given),
    influx:
      url === undefined
        ? null
        : {
            url,
            user: given.JIEHE_INFLUX_USER ?? null,
            password: password === undefined ? null : new Secret(password),
            caFile:
              given.JIEHE_INFLUX_CA_FILE === undefined
                ? null
                : path.resolve(workingDirectory, given.JIEHE_INFLUX_CA_FILE),
            database: given.JIEHE_INFLUX_DATABASE,
            retentionPolicy: given.JIEHE_INFLUX_RETENTION_POLICY,
          },
    databaseUrl: databaseUrl === undefined ? null : new Secret(databaseUrl),
    leaseSeconds: given.JIEHE_LEASE_SECONDS,
    watchdog: watchdogOf(given),
    archiveDir:
      given.JIEHE_ARCHIVE === undefined ? null : path.resolve(workingDirectory, given.JIEHE_ARCHIVE),
    stateTemplate:
      given.JIEHE_STATE_TEMPLATE === undefined
        ? null
        : path.resolve(workingDirectory, given.JIEHE_STATE_TEMPLATE),
    webhookNetworks: given.JIEHE_WEBHOOK_NETWORKS?.split(',') ?? [],
    operator: given.JIEHE_OPERATOR ?? null,
    userAgent: given.JIEHE_USER_AGENT ?? null,
    logLevel: given.JIEHE_LOG_LEVEL,
  };
}
