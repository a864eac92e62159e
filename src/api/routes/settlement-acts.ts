import { randomUUID } from 'node:crypto';
import { Type } from 'typebox';
import { MonitorError } from '../../domain/errors.ts';
import { parseInstant } from '../../domain/time.ts';
import { type StatementSignature, disputeSteps } from '../../domain/settlement.ts';
import { actorOf, requireAccess } from '../auth/authentication.ts';
import type { ApiDeps } from '../deps.ts';
import type { Api } from '../http/fastify-types.ts';
import { metaOf } from '../http/negotiation.ts';
import { answers, InstantInput, NullableText, one, oneOf, strict } from '../http/schemas.ts';
import {
  byDispute,
  byStatement,
  EvidenceList,
  Fen,
  Line,
  params,
  Party,
  PeriodBody,
  Plain,
  PositiveFen,
  Seq,
  serviceOf,
  Sha256,
  tags,
} from '../auth/settlement-access.ts';

const office = { tier: 'office' as const };
const issued = Type.Object({ id: Type.String(), sha256: Type.String(), seq: Type.Integer() });
const periodOnly = Type.Object({ period: PeriodBody }, strict);
const refusals = ['forbidden', 'notFound', 'conflict'] as const;
const parties = { tier: 'partner' as const, decidedByRow: true };

function issueRoutes(app: Api, deps: ApiDeps): void {
  app.post(
    '/agreements/:id/statements',
    {
      config: office,
      schema: {
        tags,
        params,
        body: periodOnly,
        summary: 'freeze the inputs of a period and issue its statement',
        response: answers({ 201: one(issued) }, ...refusals),
      },
    },
    async (request, reply) => {
      const { period } = request.body;
      const result = await serviceOf(deps).issue({
        agreement: request.params.id,
        period,
        actor: actorOf(request),
      });
      return reply.code(201).send({ meta: metaOf(deps), result });
    },
  );
  app.post(
    '/agreements/:id/corrections',
    {
      config: office,
      schema: {
        tags,
        params,
        summary: 'what a new computation changes; `issue`: as a statement of the difference',
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
}

function bookingRoutes(app: Api, deps: ApiDeps): void {
  app.post(
    '/statements/:id/withdrawal',
    {
      config: office,
      schema: {
        tags,
        params,
        summary: 'take back a statement that is not in force',
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
      config: office,
      schema: {
        tags,
        params,
        summary: 'book a payment that was made',
        body: Type.Object({ from: Line, to: Line, amountFen: PositiveFen, reference: Line }, strict),
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

function signatureRoute(app: Api, deps: ApiDeps): void {
  app.post(
    '/statements/:id/signatures',
    {
      config: parties,
      preValidation: byStatement(deps, true),
      schema: {
        tags,
        params,
        body: SignatureBody,
        summary: "take in a party's signature, made with its own key",
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
}

function objectionRoute(app: Api, deps: ApiDeps): void {
  app.post(
    '/statements/:id/disputes',
    {
      config: parties,
      preValidation: byStatement(deps, true),
      schema: {
        tags,
        params,
        summary:
          'object to an input, a verdict, an attribution or a line; exactly what depends on it is held',
        body: Type.Object(
          {
            party: Party,
            section: Line,
            parameter: Type.Optional(Line),
            /** Single readings of the parameter, by their times, half-open. */
            readings: Type.Optional(Type.Object({ from: InstantInput, to: InstantInput }, strict)),
            line: Type.Optional(Line),
            about: Type.Optional(oneOf(['verdict', 'attribution'])),
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
      const { party, section, parameter = null, line = null, about, grounds, evidence = [] } = request.body;
      const zone = deps.config().region.timeZone;
      const span = request.body.readings;
      const readings =
        span === undefined
          ? null
          : { fromS: parseInstant(span.from, zone), toS: parseInstant(span.to, zone) };
      requireAccess(request.actor, { tier: 'owner', jurisdictions: [party] });
      const id = `dispute-${randomUUID()}`;
      const objection = { dispute: id, statement: request.params.id };
      const { seq, lines } = await serviceOf(deps).object(
        {
          ...objection,
          ...(about === undefined ? {} : { about }),
          ...(readings === null ? {} : { readings }),
          party,
          section,
          parameter,
          line,
          grounds,
          evidence,
        },
        actorOf(request),
      );
      return reply.code(201).send({ meta: metaOf(deps), result: { id, seq, lines } });
    },
  );
}

function disputeRoute(app: Api, deps: ApiDeps): void {
  app.post(
    '/disputes/:id/steps',
    {
      config: parties,
      preValidation: byDispute(deps),
      schema: {
        tags,
        params,
        summary: 'next step of a dispute; mediation, referral and outcome are entered by the office',
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

/** Acts on settlements. Issuing and booking is for the office, signing and objecting for the party itself. */
export function settlementActRoutes(app: Api, deps: ApiDeps): void {
  issueRoutes(app, deps);
  bookingRoutes(app, deps);
  signatureRoute(app, deps);
  objectionRoute(app, deps);
  disputeRoute(app, deps);
}
