import { randomUUID } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { MonitorError } from '../../domain/errors.ts';
import { type SettlementService, type StatementSignature, disputeSteps } from '../../domain/settlement.ts';
import { requireAccess } from '../authentication.ts';
import type { ApiDeps } from '../deps.ts';
import type { Api } from '../fastify-types.ts';
import { metaOf } from '../negotiation.ts';
import { answers, IdInput, many, NullableInteger, NullableText, one, oneOf } from '../schemas.ts';

const strict = { additionalProperties: false };
const tags = ['settlements'];
const params = Type.Object({ id: IdInput }, strict);
const Fen = Type.String({ description: 'whole fen (0.01 yuan), as text' });
const Plain = Type.Record(Type.String(), Type.Unknown());
const Line = Type.String({ minLength: 1, maxLength: 300, pattern: '^[^\\u0000-\\u001f]+$' });
const Party = Type.String({ pattern: '^\\d{6}$' });
const Sha256 = Type.String({ pattern: '^[0-9a-f]{64}$' });
const PeriodBody = Type.String({ pattern: '^\\d{4}(-(0[1-9]|1[0-2])|-Q[1-4])?$' });
const EvidenceList = Type.Array(
  Type.Object({ name: Line, sha256: Sha256, bytes: Type.Integer({ minimum: 0 }) }, strict),
  { maxItems: 100, description: 'files stay with the party; their hashes are recorded' },
);
const Seq = Type.Object({ seq: Type.Integer({ description: 'journal entry of the act' }) });

const Summary = Type.Object({
  id: Type.String(),
  agreement: Type.String(),
  period: Type.String(),
  number: Type.Integer(),
  corrects: NullableText,
  sha256: Type.String(),
  state: Type.String({ description: 'withdrawn, issued, partly-signed, in-force, late, settled' }),
  issuedS: Type.Integer(),
  effectiveS: NullableInteger,
  withdrawnS: NullableInteger,
  dueS: NullableInteger,
  signatures: Type.Array(Plain),
});

function serviceOf(deps: ApiDeps): SettlementService {
  if (deps.settlements === null || deps.settlements === undefined)
    throw new MonitorError('E_NOT_READY', 'this process computes no settlements');
  return deps.settlements;
}

const actorOf = (request: FastifyRequest): string => request.actor?.id ?? '';

/** Access by the parties of an agreement; `act`: also where data are synthetic, only they may act. */
function partiesOnly(deps: ApiDeps, request: FastifyRequest, agreement: string | null, act: boolean): void {
  const found = deps.config().agreements.find((candidate) => candidate.id === agreement);
  const jurisdictions = found === undefined ? [] : [found.parties.protecting, found.parties.benefiting];
  requireAccess(request.actor, { tier: 'partner', jurisdictions, synthetic: !act && deps.synthetic });
}

const idOf = (request: FastifyRequest): string => (request.params as { id: string }).id;

const byAgreement =
  (deps: ApiDeps, act = false) =>
  (request: FastifyRequest): Promise<void> => {
    partiesOnly(deps, request, idOf(request), act);
    return Promise.resolve();
  };

const byStatement =
  (deps: ApiDeps, act = false) =>
  async (request: FastifyRequest): Promise<void> => {
    const id = idOf(request);
    const known = (await serviceOf(deps).statements({})).find((statement) => statement.id === id);
    partiesOnly(deps, request, known?.agreement ?? null, act);
    if (known === undefined) throw new MonitorError('E_NOT_FOUND', `there is no statement ${id}`);
  };

const byDispute =
  (deps: ApiDeps) =>
  async (request: FastifyRequest): Promise<void> => {
    const id = idOf(request);
    const known = (await serviceOf(deps).disputes({})).find((dispute) => dispute.id === id);
    partiesOnly(deps, request, known?.agreement ?? null, true);
    if (known === undefined) throw new MonitorError('E_NOT_FOUND', `there is no dispute ${id}`);
  };

function readRoutes(app: Api, deps: ApiDeps): void {
  const config = { tier: 'partner' as const, decidedByRow: true };
  const schema = (summary: string, answer: Parameters<typeof answers>[0]) => ({
    ...{ tags, summary, params },
    response: answers(answer, 'forbidden', 'notFound'),
  });
  app.get(
    '/agreements/:id/statements',
    {
      ...{ config, preValidation: byAgreement(deps) },
      schema: schema('statements and where they stand', { 200: many(Summary) }),
    },
    async (request) => ({
      meta: metaOf(deps),
      results: await serviceOf(deps).statements({ agreement: request.params.id }),
    }),
  );
  app.get(
    '/agreements/:id/ledger',
    {
      ...{ config, preValidation: byAgreement(deps) },
      schema: schema('entries and balances; amounts in whole fen', {
        200: one(Type.Object({ entries: Type.Array(Plain), balances: Type.Array(Plain) })),
      }),
    },
    async (request) => {
      const { entries, balances } = await serviceOf(deps).books(request.params.id);
      const fenText = <T extends { amountFen: bigint }>(row: T) => ({
        ...row,
        amountFen: row.amountFen.toString(),
      });
      const shown = entries.map((entry) => ({ ...entry, postings: entry.postings.map(fenText) }));
      return { meta: metaOf(deps), result: { entries: shown, balances: balances.map(fenText) } };
    },
  );
  app.get(
    '/agreements/:id/disputes',
    {
      ...{ config, preValidation: byAgreement(deps) },
      schema: schema('disputes with their states and deadlines', { 200: many(Plain) }),
    },
    async (request) => ({
      meta: metaOf(deps),
      results: (await serviceOf(deps).disputes({ agreement: request.params.id })).map((dispute) => ({
        ...dispute,
      })),
    }),
  );
  app.get(
    '/statements/:id',
    {
      ...{ config, preValidation: byStatement(deps) },
      schema: schema('a statement: where it stands, and the document with every step', {
        200: one(Type.Object({ summary: Summary, document: Plain })),
      }),
    },
    async (request) => ({
      meta: metaOf(deps),
      result: await serviceOf(deps).statement(request.params.id),
    }),
  );
  app.get(
    '/statements/:id/bundle',
    {
      ...{ config, preValidation: byStatement(deps) },
      schema: schema('the file that `jiehe settle verify` checks offline', { 200: Plain }),
    },
    async (request, reply) => {
      const text = await serviceOf(deps).bundle(request.params.id);
      void reply.header('content-disposition', `attachment; filename="${request.params.id}.jiehe"`);
      return reply.type('application/json; charset=utf-8').send(Buffer.from(text));
    },
  );
}

function officeRoutes(app: Api, deps: ApiDeps): void {
  const config = { tier: 'office' as const };
  const issued = Type.Object({ id: Type.String(), sha256: Type.String(), seq: Type.Integer() });
  const body = Type.Object({ period: PeriodBody }, strict);
  const refusals = ['forbidden', 'notFound', 'conflict'] as const;
  app.post(
    '/agreements/:id/statements',
    {
      config,
      schema: {
        ...{ tags, params, body, summary: 'freeze the inputs of a period and issue its statement' },
        response: answers({ 201: one(issued) }, ...refusals),
      },
    },
    async (request, reply) => {
      const { period } = request.body;
      const result = await serviceOf(deps).issue({
        ...{ agreement: request.params.id, period, actor: actorOf(request) },
      });
      return reply.code(201).send({ meta: metaOf(deps), result });
    },
  );
  app.post(
    '/agreements/:id/corrections',
    {
      config,
      schema: {
        ...{
          tags,
          params,
          summary: 'what a new computation changes; `issue`: as a statement of the difference',
        },
        body: Type.Object({ period: PeriodBody, issue: Type.Boolean({ default: false }) }, strict),
        response: answers({ 200: one(Plain) }, ...refusals),
      },
    },
    async (request) => {
      const { period, issue } = request.body;
      const actor = issue ? actorOf(request) : null;
      const result = await serviceOf(deps).correct({ agreement: request.params.id, period, actor });
      return { meta: metaOf(deps), result: { ...result } };
    },
  );
  app.post(
    '/statements/:id/withdrawal',
    {
      config,
      schema: {
        ...{ tags, params, summary: 'take back a statement that is not in force' },
        body: Type.Object({ reason: Line }, strict),
        response: answers({ 200: one(Seq) }, ...refusals),
      },
    },
    async (request) => {
      const { reason } = request.body;
      const act = { statement: request.params.id, reason, actor: actorOf(request) };
      return { meta: metaOf(deps), result: { seq: await serviceOf(deps).withdraw(act) } };
    },
  );
  app.post(
    '/agreements/:id/payments',
    {
      config,
      schema: {
        ...{ tags, params, summary: 'book a payment that was made' },
        body: Type.Object({ from: Line, to: Line, amountFen: Fen, reference: Line }, strict),
        response: answers({ 200: one(Seq) }, ...refusals),
      },
    },
    async (request) => {
      const payment = { ...request.body, agreement: request.params.id };
      return { meta: metaOf(deps), result: { seq: await serviceOf(deps).pay(payment, actorOf(request)) } };
    },
  );
}

const SignatureBody = Type.Object(
  {
    format: Type.Literal('jiehe-signature'),
    version: Type.Literal(1),
    statement: Line,
    sha256: Sha256,
    party: Party,
    purpose: oneOf(['data', 'funds']),
    signer: Line,
    keyId: Sha256,
    algorithm: oneOf(['ed25519', 'sm2-sm3']),
    signedS: Type.Integer(),
    sealedOriginalSha256: NullableText,
    timeStamp: NullableText,
    signature: Type.String({ maxLength: 10_000 }),
  },
  strict,
);

function partyRoutes(app: Api, deps: ApiDeps): void {
  const config = { tier: 'partner' as const, decidedByRow: true };
  const refusals = ['forbidden', 'notFound', 'conflict'] as const;
  app.post(
    '/statements/:id/signatures',
    {
      ...{ config, preValidation: byStatement(deps, true) },
      schema: {
        ...{
          tags,
          params,
          body: SignatureBody,
          summary: "take in a party's signature, made with its own key",
        },
        response: answers({ 201: one(Seq) }, ...refusals),
      },
    },
    async (request, reply) => {
      const signature: StatementSignature = request.body;
      requireAccess(request.actor, { tier: 'owner', jurisdictions: [signature.party] });
      if (signature.statement !== request.params.id)
        throw new MonitorError('E_BAD_REQUEST', `this signs ${signature.statement}`);
      const seq = await serviceOf(deps).acceptSignature(signature, actorOf(request));
      return reply.code(201).send({ meta: metaOf(deps), result: { seq } });
    },
  );
  app.post(
    '/statements/:id/disputes',
    {
      ...{ config, preValidation: byStatement(deps, true) },
      schema: {
        ...{ tags, params, summary: 'object to an input or a line; exactly what depends on it is held' },
        body: Type.Object(
          {
            party: Party,
            section: Line,
            parameter: Type.Optional(Line),
            line: Type.Optional(Line),
            grounds: Type.String({ minLength: 1, maxLength: 4000 }),
            evidence: Type.Optional(EvidenceList),
          },
          strict,
        ),
        response: answers(
          {
            201: one(
              Type.Object({ id: Type.String(), seq: Type.Integer(), lines: Type.Array(Type.String()) }),
            ),
          },
          ...refusals,
        ),
      },
    },
    async (request, reply) => {
      const { party, section, parameter = null, line = null, grounds, evidence = [] } = request.body;
      requireAccess(request.actor, { tier: 'owner', jurisdictions: [party] });
      const id = `dispute-${randomUUID()}`;
      const objection = { dispute: id, statement: request.params.id };
      const { seq, lines } = await serviceOf(deps).object(
        { ...objection, party, section, parameter, line, grounds, evidence },
        actorOf(request),
      );
      return reply.code(201).send({ meta: metaOf(deps), result: { id, seq, lines } });
    },
  );
  app.post(
    '/disputes/:id/steps',
    {
      ...{ config, preValidation: byDispute(deps) },
      schema: {
        ...{
          tags,
          params,
          summary: 'next step of a dispute; mediation, referral and outcome are entered by the office',
        },
        body: Type.Object(
          {
            step: oneOf(disputeSteps),
            note: Type.String({ maxLength: 4000, default: '' }),
            documentNumber: Type.Optional(Line),
            evidence: Type.Optional(EvidenceList),
            outcome: Type.Optional(Type.Array(Type.Object({ line: Line, amountFen: Fen }, strict))),
          },
          strict,
        ),
        response: answers({ 200: one(Seq) }, ...refusals),
      },
    },
    async (request) => {
      const { step, note, documentNumber = null, evidence = [], outcome = [] } = request.body;
      const service = serviceOf(deps);
      const dispute = (await service.disputes({})).find(({ id }) => id === request.params.id);
      if (step === 'withdraw')
        requireAccess(request.actor, { tier: 'owner', jurisdictions: [dispute?.party ?? ''] });
      else if (step !== 'answer') requireAccess(request.actor, { tier: 'office' });
      const move = { dispute: request.params.id, step, note, documentNumber, evidence, outcome };
      return { meta: metaOf(deps), result: { seq: await service.proceed(move, actorOf(request)) } };
    },
  );
}

function signingKeyRoutes(app: Api, deps: ApiDeps): void {
  const KeyBody = Type.Object(
    {
      keyId: Sha256,
      algorithm: oneOf(['ed25519', 'sm2-sm3']),
      party: Party,
      holder: Line,
      publicKey: Type.String({ pattern: '^[A-Za-z0-9+/]+=*$', maxLength: 10_000 }),
      certificate: NullableText,
    },
    strict,
  );
  app.get(
    '/signing-keys',
    {
      config: { tier: 'public' },
      schema: { tags, summary: 'public keys of the parties', response: answers({ 200: many(Plain) }) },
    },
    async () => ({
      meta: metaOf(deps),
      results: (await serviceOf(deps).signingKeys()).map((key) => ({ ...key })),
    }),
  );
  const config = { tier: 'administrator' as const };
  app.post(
    '/signing-keys',
    {
      config,
      schema: {
        ...{ tags, body: KeyBody, summary: "publish a party's public key (administrator)" },
        response: answers({ 201: one(Seq) }, 'forbidden', 'conflict'),
      },
    },
    async (request, reply) => {
      const seq = await serviceOf(deps).publishKey(request.body, actorOf(request));
      return reply.code(201).send({ meta: metaOf(deps), result: { seq } });
    },
  );
  app.post(
    '/signing-keys/:id/revocation',
    {
      config,
      schema: {
        ...{ tags, params, summary: 'nothing signed with the key is taken any more (administrator)' },
        body: Type.Object({ reason: Line }, strict),
        response: answers({ 200: one(Seq) }, 'forbidden', 'notFound', 'conflict'),
      },
    },
    async (request) => {
      const { reason } = request.body;
      const act = { keyId: request.params.id, reason, actor: actorOf(request) };
      return { meta: metaOf(deps), result: { seq: await serviceOf(deps).revokeKey(act) } };
    },
  );
}

/** Statements, their signatures, disputes and books. Reading is for the parties; issuing and booking for the office. */
export function statementRoutes(app: Api, deps: ApiDeps): void {
  readRoutes(app, deps);
  officeRoutes(app, deps);
  partyRoutes(app, deps);
  signingKeyRoutes(app, deps);
}
