import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { MonitorError } from '../../domain/errors.ts';
import type { SettlementService } from '../../domain/settlement-service.ts';
import { requireAccess } from './authentication.ts';
import type { ApiDeps } from '../deps.ts';
import { IdInput, NullableInteger, NullableText, oneOf, strict, TextPair } from '../http/schemas.ts';

export const tags = ['settlements'];
export const params = Type.Object({ id: IdInput }, strict);
export const Fen = Type.String({ description: 'whole fen (0.01 yuan), as text' });
export const PositiveFen = Type.String({
  pattern: '^[1-9]\\d{0,15}$',
  description: 'whole fen (0.01 yuan) above zero, as text',
});
export const Plain = Type.Record(Type.String(), Type.Unknown());
/** Fen as text. */
export const plain = (value: object): Record<string, unknown> =>
  JSON.parse(JSON.stringify(value, (_key, one: unknown) => (typeof one === 'bigint' ? one.toString() : one)));
/** What has to stand beside every amount. */
export const Markings = Type.Array(TextPair, {
  description:
    'to be shown beside every amount: synthetic data, a demonstration; empty for a signed agreement on real data',
});
/** An answer about money, with what has to stand beside it. */
export const Marked = Type.Object({ markings: Markings }, { additionalProperties: true });
export const Line = Type.String({ minLength: 1, maxLength: 300, pattern: '^[^\\u0000-\\u001f]+$' });
export const Party = Type.String({ pattern: '^\\d{6}$' });
export const Sha256 = Type.String({ pattern: '^[0-9a-f]{64}$' });
export const PeriodBody = Type.String({
  pattern: '^\\d{4}(-(0[1-9]|1[0-2])|-Q[1-4]|-W(0[1-9]|[1-4]\\d|5[0-3]))?$',
  description: 'YYYY-MM, YYYY-Qn, YYYY or YYYY-Www',
});
export const EvidenceList = Type.Array(
  Type.Object({ name: Line, sha256: Sha256, bytes: Type.Integer({ minimum: 0 }) }, strict),
  { maxItems: 100, description: 'files stay with the party; their hashes are recorded' },
);
export const Seq = Type.Object({ seq: Type.Integer({ description: 'journal entry of the act' }) });

const PartyShape = Type.Object({ code: NullableText, name: TextPair });
const Payments = Type.Array(Type.Object({ from: PartyShape, to: PartyShape, amountFen: Fen }));

export const Summary = Type.Object({
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
  signatures: Type.Array(
    Type.Object({
      party: Type.String(),
      purpose: oneOf(['data', 'funds']),
      signer: Type.String(),
      keyId: Type.String(),
      algorithm: oneOf(['ed25519', 'sm2-sm3']),
      signedS: Type.Integer(),
    }),
  ),
  parties: Type.Object({ protecting: PartyShape, benefiting: PartyShape }),
  markings: Type.Array(TextPair, { description: 'what a reader must know first' }),
  outcome: Type.String({ description: 'assessed, assessed-zero, not-assessed' }),
  payments: { ...Payments, description: 'what the lines come to between each two governments' },
  posts: { ...Payments, description: 'what it adds to the books; of a correction the difference only' },
  held: Type.Array(Type.String(), { description: 'lines that an open dispute holds' }),
  openDisputes: Type.Integer(),
  awaited: Type.Array(Type.Object({ party: Type.String(), purpose: oneOf(['data', 'funds']) }), {
    description: 'signatures that nobody has given yet',
  }),
  reviewByS: NullableInteger,
  objectUntilS: Type.Integer(),
  correctedBy: NullableText,
});

export function serviceOf(deps: ApiDeps): SettlementService {
  if (deps.settlements === null || deps.settlements === undefined)
    throw new MonitorError('E_NOT_READY', 'this process computes no settlements');
  return deps.settlements;
}

/** Access by the parties of an agreement; `act`: also where data are synthetic, only they may act. */
function partiesOnly(deps: ApiDeps, request: FastifyRequest, agreement: string | null, act: boolean): void {
  const found = deps.config().agreements.find((candidate) => candidate.id === agreement);
  const jurisdictions = found === undefined ? [] : [found.parties.protecting, found.parties.benefiting];
  requireAccess(request.actor, { tier: 'partner', jurisdictions, synthetic: !act && deps.synthetic });
}

const idOf = (request: FastifyRequest): string => (request.params as { id: string }).id;

export const byAgreement =
  (deps: ApiDeps, act = false) =>
  (request: FastifyRequest): Promise<void> => {
    partiesOnly(deps, request, idOf(request), act);
    return Promise.resolve();
  };

export const byStatement =
  (deps: ApiDeps, act = false) =>
  async (request: FastifyRequest): Promise<void> => {
    const id = idOf(request);
    const agreement = await serviceOf(deps).agreementOf({ statement: id });
    partiesOnly(deps, request, agreement, act);
    if (agreement === null) throw new MonitorError('E_NOT_FOUND', `there is no statement ${id}`);
  };

export const byDispute =
  (deps: ApiDeps) =>
  async (request: FastifyRequest): Promise<void> => {
    const id = idOf(request);
    const agreement = await serviceOf(deps).agreementOf({ dispute: id });
    partiesOnly(deps, request, agreement, true);
    if (agreement === null) throw new MonitorError('E_NOT_FOUND', `there is no dispute ${id}`);
  };

const Movement = {
  entry: Type.String({ description: 'entry of the books' }),
  kind: Type.String(),
  from: Type.String(),
  to: Type.String(),
};
export const Standing = Type.Object({
  statement: Summary,
  disputes: Type.Array(Plain),
  entries: Type.Array(
    Type.Object({
      ...Movement,
      atS: Type.Integer(),
      reference: NullableText,
      change: Type.Object({ due: Fen, held: Fen, paid: Fen }),
    }),
    { description: 'entries that concern it, as changes of what `from` owes and has paid `to`' },
  ),
  settledBy: Type.Array(
    Type.Object({
      ...Movement,
      by: Type.String({ description: 'the entry that settled so much of it' }),
      atS: Type.Integer(),
      reference: NullableText,
      amountFen: Fen,
    }),
  ),
  open: Type.Array(
    Type.Object({ ...Movement, openFen: Fen, dueS: Type.Integer(), daysLate: Type.Integer() }),
  ),
});
