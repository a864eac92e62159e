import { Type, type Static } from 'typebox';
import { Id, Text, strict } from './facts.ts';

/** One upstream. What its stamp means and its zone are facts of the source; addresses and pace are the operator's. */
export const SourceConfig = Type.Object(
  {
    id: Id,
    adapter: Id,
    provider: Id,
    name: Text,
    /** What it reports; absent: more than one medium. */
    medium: Type.Optional(Type.Union([Type.Literal('water'), Type.Literal('air'), Type.Literal('flow')])),
    /** What a discharge of zero means; absent: the river ran dry. */
    zeroDischarge: Type.Optional(Type.Union([Type.Literal('not-reported'), Type.Literal('measured')])),
    enabled: Type.Boolean(),
    /** Its data arrives by itself (a listener): no slot of `cron` pulls it. */
    push: Type.Optional(Type.Boolean()),
    /**
     * It brings samples by hand of any section of the region, which count in verdicts by the method `manual`: single ones where its stamp
     * means an instant, else monthly values.
     */
    manual: Type.Optional(Type.Boolean()),
    timeZone: Type.String(),
    stampMeans: Type.Union([Type.Literal('begin'), Type.Literal('end'), Type.Literal('instant')]),
    url: Type.Optional(Type.String({ format: 'uri' })),
    archiveUrl: Type.Optional(Type.String({ format: 'uri' })),
    cron: Type.String(),
    cadenceSeconds: Type.Integer({ minimum: 1 }),
    timeoutSeconds: Type.Integer({ minimum: 1, maximum: 600 }),
    retries: Type.Integer({ minimum: 0, maximum: 10 }),
    minimumIntervalMs: Type.Integer({ minimum: 0 }),
    maximumBodyMiB: Type.Integer({ minimum: 1 }),
    userAgent: Type.String({ minLength: 5 }),
    /** Adapter's own settings, checked by the adapter's schema. */
    settings: Type.Record(Type.String(), Type.Unknown()),
    licence: Type.String(),
    attribution: Text,
  },
  strict,
);
export type SourceConfig = Static<typeof SourceConfig>;
export const SourceFile = Type.Object(
  { kind: Type.Literal('sources'), sources: Type.Array(SourceConfig) },
  strict,
);
