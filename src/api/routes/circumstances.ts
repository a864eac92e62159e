import { randomUUID } from 'node:crypto';
import { Type, type Static } from 'typebox';
import {
  circumstanceEffects,
  circumstanceKinds,
  circumstanceNames,
  namesFaults,
  type StoredCircumstance,
} from '../../domain/circumstance.ts';
import type { Config } from '../../domain/config/config.ts';
import { MonitorError } from '../../domain/errors.ts';
import { parseInstant } from '../../domain/time.ts';
import { actorOf, requireAccess } from '../auth/authentication.ts';
import type { ApiDeps } from '../deps.ts';
import { ActId } from '../http/act-shapes.ts';
import type { Api } from '../http/fastify-types.ts';
import { rejectIfAny, type RequestFault } from '../http/faults.ts';
import { isoTimes } from '../http/iso-times.ts';
import { metaOf } from '../http/negotiation.ts';
import {
  answers,
  AsOfInput,
  IdInput,
  Instant,
  InstantInput,
  many,
  NullableText,
  one,
  oneOf,
  strict,
  TextPair,
} from '../http/schemas.ts';
import { positionOf } from '../verdicts/lookup.ts';

const tags = ['circumstances'];
const Line = Type.String({ minLength: 1, maxLength: 200, pattern: '^[^\\u0000-\\u001f]+$' });
const CircumstanceId = Type.String({ pattern: '^[a-z0-9][a-z0-9._-]{0,79}$' });
const Items = Type.Array(IdInput, {
  maxItems: 100,
  uniqueItems: true,
  description: 'ids of parameters; empty: every item',
});
const Evidence = Type.Array(
  Type.Object({ name: Line, sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }) }, strict),
  { maxItems: 100, description: 'files stay with the party; their hashes are recorded' },
);
const Note = Type.Optional(Type.String({ maxLength: 2000 }));
const params = Type.Object({ id: CircumstanceId }, strict);

const Done = Type.Object({
  circumstance: Type.String(),
  act: Type.String(),
  seq: Type.Integer({ description: 'journal entry of the act' }),
});

const MakeUp = Type.Object(
  {
    sampled: InstantInput,
    values: Type.Record(IdInput, Type.String({ pattern: '^-?\\d+(\\.\\d+)?$' }), {
      description: 'exact decimals as text, by item',
    }),
  },
  strict,
);

const Shown = Type.Object({
  id: Type.String(),
  kind: oneOf(circumstanceKinds),
  name: TextPair,
  section: Type.String(),
  items: Type.Array(Type.String()),
  from: Instant,
  to: Instant,
  applicant: Type.String(),
  evidence: Type.Array(Type.Object({ name: Type.String(), sha256: Type.String() })),
  state: Type.String({ description: 'applied, decided or withdrawn' }),
  effect: oneOf(circumstanceEffects),
  decidedBy: NullableText,
  documentNumber: NullableText,
  makeUp: Type.Unsafe<{ sampled: string; values: Record<string, string> } | null>({
    anyOf: [
      Type.Object({ sampled: Instant, values: Type.Record(Type.String(), Type.String()) }),
      { type: 'null' },
    ],
  }),
  note: NullableText,
  steps: Type.Array(
    Type.Object({
      seq: Type.Integer({ description: 'journal entry of the act' }),
      act: Type.String(),
      actor: Type.String(),
      at: Instant,
    }),
  ),
});

function shown(circumstance: StoredCircumstance, iso: (atS: number) => string): Static<typeof Shown> {
  const { fromS, toS, makeUp, note, steps, ...rest } = circumstance;
  return {
    ...rest,
    name: circumstanceNames[rest.kind],
    from: iso(fromS),
    to: iso(toS),
    makeUp: makeUp === undefined ? null : { sampled: iso(makeUp.sampledS), values: makeUp.values },
    note: note ?? null,
    steps: steps.map(({ seq, act, actor, atS }) => ({ seq, act, actor, at: iso(atS) })),
  };
}

function faultsOf(config: Config, names: Parameters<typeof namesFaults>[1]): RequestFault[] {
  return namesFaults(config, names).map(({ field, ...fault }) => ({ field: `body.${field}`, ...fault }));
}

async function found(deps: ApiDeps, id: string): Promise<StoredCircumstance> {
  const [circumstance] = await deps.state.circumstances.list({ id });
  if (circumstance === undefined)
    throw new MonitorError('E_NOT_FOUND', `there is no circumstance ${id}`, {
      details: { circumstance: id },
    });
  return circumstance;
}

function listRoute(app: Api, deps: ApiDeps): void {
  const querystring = Type.Object(
    { section: Type.Optional(IdInput), asOf: Type.Optional(AsOfInput) },
    strict,
  );
  const schema = {
    tags,
    summary: 'special circumstances, as they stand or as they stood at a position',
    querystring,
    response: answers({ 200: many(Shown) }, 'forbidden'),
  };
  app.get('/circumstances', { config: { tier: 'partner' }, schema }, async (request) => {
    const { section, asOf } = request.query;
    const iso = isoTimes(deps.config().region.timeZone);
    const list = await deps.state.circumstances.list({
      ...(section === undefined ? {} : { section }),
      ...(asOf === undefined ? {} : { asOfSeq: await positionOf(deps, asOf) }),
    });
    return { meta: metaOf(deps), results: list.map((circumstance) => shown(circumstance, iso)) };
  });
}

function applyRoute(app: Api, deps: ApiDeps): void {
  const body = Type.Object(
    {
      id: Type.Optional(CircumstanceId),
      kind: oneOf(circumstanceKinds),
      section: IdInput,
      items: Items,
      from: InstantInput,
      to: InstantInput,
      applicant: Type.String({ pattern: '^\\d{6}$', description: 'code of the jurisdiction that applies' }),
      evidence: Evidence,
      note: Note,
    },
    strict,
  );
  const schema = {
    tags,
    summary: 'apply for a special circumstance (the jurisdiction itself); it has no effect before a decision',
    body,
    response: answers({ 201: one(Done) }, 'forbidden', 'conflict'),
  };
  app.post('/circumstances', { config: { tier: 'owner' }, schema }, async (request, reply) => {
    const { id = `c-${randomUUID()}`, from, to, ...given } = request.body;
    requireAccess(request.actor, { tier: 'owner', jurisdictions: [given.applicant] });
    const config = deps.config();
    const zone = config.region.timeZone;
    const [fromS, toS] = [parseInstant(from, zone), parseInstant(to, zone)];
    const faults = faultsOf(config, given);
    if (fromS >= toS) faults.push({ field: 'body.to', value: to, expected: 'later than body.from' });
    rejectIfAny(faults);
    const act = { actor: actorOf(request), atS: deps.clock.nowS(), id: `apply-${id}` };
    const seq = await deps.circumstanceActs.apply({ ...act, payload: { ...given, id, fromS, toS } });
    return reply.code(201).send({ meta: metaOf(deps), result: { circumstance: id, act: act.id, seq } });
  });
}

function decideRoute(app: Api, deps: ApiDeps): void {
  const body = Type.Object(
    {
      id: ActId,
      effect: oneOf(circumstanceEffects, { description: 'none refuses it, hold waits' }),
      decidedBy: Type.Optional(Line),
      documentNumber: Type.Optional(Line),
      items: Type.Optional(Items),
      from: Type.Optional(InstantInput),
      to: Type.Optional(InstantInput),
      makeUp: Type.Optional(MakeUp),
      evidence: Type.Optional(Evidence),
      note: Note,
    },
    strict,
  );
  const schema = {
    tags,
    summary: 'decide on a special circumstance: what it does to verdicts (joint office)',
    params,
    body,
    response: answers({ 201: one(Done) }, 'forbidden', 'notFound', 'conflict'),
  };
  app.post('/circumstances/:id/decisions', { config: { tier: 'office' }, schema }, async (request, reply) => {
    const {
      id = randomUUID(),
      from,
      to,
      makeUp,
      decidedBy = null,
      documentNumber = null,
      ...given
    } = request.body;
    const config = deps.config();
    const circumstance = (await found(deps, request.params.id)).id;
    rejectIfAny([
      ...faultsOf(config, { items: given.items ?? [] }),
      ...namesFaults(config, { items: Object.keys(makeUp?.values ?? {}) }).map((fault) => ({
        ...fault,
        field: 'body.makeUp.values',
      })),
    ]);
    const atOf = (text: string) => parseInstant(text, config.region.timeZone);
    const payload = {
      ...given,
      circumstance,
      decidedBy,
      documentNumber,
      ...(from === undefined ? {} : { fromS: atOf(from) }),
      ...(to === undefined ? {} : { toS: atOf(to) }),
      ...(makeUp === undefined ? {} : { makeUp: { sampledS: atOf(makeUp.sampled), values: makeUp.values } }),
    };
    const act = { actor: actorOf(request), atS: deps.clock.nowS(), id: `decide-${circumstance}-${id}` };
    const seq = await deps.circumstanceActs.decide({ ...act, payload });
    return reply.code(201).send({ meta: metaOf(deps), result: { circumstance, act: act.id, seq } });
  });
}

function withdrawRoute(app: Api, deps: ApiDeps): void {
  const body = Type.Object({ id: ActId, reason: Line }, strict);
  const schema = {
    tags,
    summary: 'withdraw a circumstance: the applicant while nothing is decided, the joint office at any time',
    params,
    body,
    response: answers({ 201: one(Done) }, 'forbidden', 'notFound', 'conflict'),
  };
  app.post('/circumstances/:id/withdrawal', { config: { tier: 'owner' }, schema }, async (request, reply) => {
    const { id = 'once', reason } = request.body;
    const { id: circumstance, applicant, state } = await found(deps, request.params.id);
    requireAccess(
      request.actor,
      state === 'decided' ? { tier: 'office' } : { tier: 'owner', jurisdictions: [applicant] },
    );
    const act = { actor: actorOf(request), atS: deps.clock.nowS(), id: `withdraw-${circumstance}-${id}` };
    const seq = await deps.circumstanceActs.withdraw({ ...act, payload: { circumstance, reason } });
    return reply.code(201).send({ meta: metaOf(deps), result: { circumstance, act: act.id, seq } });
  });
}

/** 特殊情形认定: applications, decisions and withdrawals, each an act in the journal. */
export function circumstanceRoutes(app: Api, deps: ApiDeps): void {
  listRoute(app, deps);
  applyRoute(app, deps);
  decideRoute(app, deps);
  withdrawRoute(app, deps);
}
