import { Type, type TSchema } from 'typebox';
import { disputeSteps, objectedTo } from '../../domain/settlement.ts';
import { strict } from './act-kind.ts';

/* What acts of settlements carry. A shape that has shipped is never edited: another one is another version. */

const line = Type.String({ minLength: 1, maxLength: 300, pattern: '^[^\\u0000-\\u001f]+$' });
const note = Type.String({ maxLength: 4000, pattern: '^[^\\u0000]*$' });
const sha256 = Type.String({ pattern: '^[0-9a-f]{64}$' });
const base64 = Type.String({ pattern: '^[A-Za-z0-9+/]+=*$', maxLength: 10_000 });
const party = Type.String({ pattern: '^\\d{6}$' });
const algorithm = Type.Enum(['ed25519', 'sm2-sm3']);
const purpose = Type.Enum(['data', 'funds']);
const fen = Type.String({ pattern: '^-?(0|[1-9]\\d{0,15})$' });
const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
const evidence = Type.Array(
  Type.Object({ name: line, sha256, bytes: Type.Integer({ minimum: 0 }) }, strict),
  { maxItems: 100 },
);

export const publishKeyV1 = Type.Object(
  { keyId: sha256, algorithm, party, holder: line, publicKey: base64, certificate: nullable(Type.String()) },
  strict,
);
export const revokeKeyV1 = Type.Object({ keyId: sha256, reason: line }, strict);
const text = Type.String({ minLength: 2 });
export const issueV1 = Type.Object({ sha256, document: text, inputs: text, facts: text }, strict);
export const withdrawV1 = Type.Object({ statement: line, reason: line }, strict);
export const signV1 = Type.Object(
  {
    format: Type.Literal('jiehe-signature'),
    version: Type.Literal(1),
    statement: line,
    sha256,
    party,
    purpose,
    signer: line,
    keyId: sha256,
    algorithm,
    signedS: Type.Integer(),
    sealedOriginalSha256: nullable(sha256),
    timeStamp: nullable(base64),
    signature: base64,
  },
  strict,
);
export const payV1 = Type.Object(
  {
    agreement: line,
    from: line,
    to: line,
    amountFen: Type.String({ pattern: '^[1-9]\\d{0,15}$' }),
    reference: line,
  },
  strict,
);
export const raiseV1 = Type.Object(
  {
    dispute: line,
    statement: line,
    party,
    about: Type.Enum(['input', 'line']),
    section: line,
    parameter: nullable(line),
    lines: Type.Array(line, { minItems: 1, maxItems: 10_000 }),
    grounds: note,
    evidence,
  },
  strict,
);
export const raiseV2 = Type.Object({ ...raiseV1.properties, about: Type.Enum([...objectedTo]) }, strict);
const instant = nullable(Type.Integer({ minimum: 0 }));
/** With the readings objected to, by key time in `[fromS, toS)`. */
export const raiseV3 = Type.Object({ ...raiseV2.properties, fromS: instant, toS: instant }, strict);
export const stepV1 = Type.Object(
  {
    dispute: line,
    step: Type.Enum([...disputeSteps]),
    note,
    documentNumber: nullable(line),
    evidence,
    outcome: Type.Array(Type.Object({ line, amountFen: fen }, strict), { maxItems: 10_000 }),
  },
  strict,
);
