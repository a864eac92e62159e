import { Type, type Static } from 'typebox';
import { canonicalJson } from '../../domain/canonical-json.ts';
import { MonitorError } from '../../domain/errors.ts';
import type { Act } from '../../domain/ports.ts';
import {
  stationRelations,
  type ReadingActStore,
  type Registration,
  type RegistrationGrounds,
} from '../../domain/reading-acts.ts';
import { averagings, type AveragingId } from '../../domain/time.ts';
import type { StateDatabase, StateTransaction } from './tables.ts';
import { actKind, strict, type ActKind } from './act-kind.ts';

const id = Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._:-]{0,119}$' });
const line = Type.String({ minLength: 1, maxLength: 300, pattern: '^[^\\u0000-\\u001f]+$' });
const day = Type.String({ pattern: '^\\d{4}-\\d\\d-\\d\\d$' });
const mostReviewedS = 400 * 86_400;

const reviewV1 = Type.Object(
  {
    station: id,
    parameters: Type.Array(id, { minItems: 1, maxItems: 50, uniqueItems: true }),
    averaging: Type.Enum(Object.keys(averagings) as AveragingId[]),
    provider: id,
    fromS: Type.Integer(),
    toS: Type.Integer(),
    validity: Type.Enum(['valid', 'suspect', 'invalid']),
    stage: Type.Integer({ minimum: 1, maximum: 7 }),
    seenSeq: Type.Integer({ minimum: 0 }),
    reason: Type.String({ minLength: 1, maxLength: 2000, pattern: '^[^\\u0000]+$' }),
  },
  strict,
);

const reviewV2 = Type.Object(
  {
    ...reviewV1.properties,
    level: id,
    network: id,
    reviewer: line,
    dueS: Type.Union([Type.Integer(), Type.Null()]),
    reopens: Type.Boolean(),
  },
  strict,
);

const registrationV1 = Type.Object(
  { provider: id, naturalKey: line, station: id, from: day, to: Type.Union([day, Type.Null()]) },
  strict,
);

const registrationV2 = Type.Object(
  {
    ...registrationV1.properties,
    grounds: Type.Object(
      {
        relation: Type.Enum([...stationRelations]),
        of: Type.Union([id, Type.Null()]),
        position: Type.Union([
          Type.Object(
            {
              lon: Type.Number({ minimum: -180, maximum: 180 }),
              lat: Type.Number({ minimum: -90, maximum: 90 }),
              uncertaintyKm: Type.Number({ minimum: 0 }),
            },
            strict,
          ),
          Type.Null(),
        ]),
        score: Type.Union([Type.Number({ minimum: 0, maximum: 1 }), Type.Null()]),
        reasons: Type.Array(Type.String({ maxLength: 300 }), { maxItems: 20 }),
        note: Type.String({ maxLength: 2000, pattern: '^[^\\u0000]*$' }),
      },
      strict,
    ),
  },
  strict,
);

async function review(trx: StateTransaction, one: Static<typeof reviewV1>, act: Act): Promise<void> {
  const { fromS, toS } = one;
  if (toS <= fromS || toS - fromS > mostReviewedS)
    throw new MonitorError('E_BAD_REQUEST', 'a review covers an interval of up to 400 days', {
      details: { fromS, toS },
    });
  await trx
    .insertInto('review')
    .values({
      id: act.id,
      station: one.station,
      provider: one.provider,
      from_s: fromS,
      to_s: toS,
      actor: act.actor,
      at_s: act.atS,
      review: canonicalJson(one),
    })
    .execute();
}

async function register(trx: StateTransaction, registration: Registration, act: Act): Promise<void> {
  const { provider, naturalKey, station, from, to, grounds } = registration;
  if (to !== null && to < from)
    throw new MonitorError('E_BAD_REQUEST', `a registration from ${from} cannot end on ${to}`);
  const overlapping = await trx
    .selectFrom('registration')
    .selectAll()
    .where('provider', '=', provider)
    .where('natural_key', '=', naturalKey)
    .where('from_day', '<=', to ?? '9999-12-31')
    .where((where) => where.or([where('to_day', 'is', null), where('to_day', '>=', from)]))
    .executeTakeFirst();
  if (overlapping !== undefined)
    throw new MonitorError('E_CONFLICT', `${naturalKey} is registered as ${overlapping.station} then`, {
      details: { registration: overlapping.id },
    });
  await trx
    .insertInto('registration')
    .values({
      id: act.id,
      provider,
      natural_key: naturalKey,
      station,
      from_day: from,
      to_day: to,
      actor: act.actor,
      at_s: act.atS,
      grounds: grounds === undefined ? null : canonicalJson(grounds),
    })
    .execute();
}

/** Acts on readings. Throws E_BAD_REQUEST for an interval that is none, E_CONFLICT for a name that another registration holds then. */
export const readingKinds: Record<string, ActKind> = {
  'review-readings@1': actKind(reviewV1, review),
  'review-readings@2': actKind(reviewV2, review),
  'register-station@1': actKind(registrationV1, register),
  'register-station@2': actKind(registrationV2, register),
};

export function readingActStore(db: StateDatabase): ReadingActStore {
  return {
    async reviews({ station, after, limit }) {
      let query = db
        .selectFrom('review')
        .innerJoin('act', 'act.id', 'review.id')
        .select(['act.seq', 'review.id', 'review.actor', 'review.at_s', 'review.review'])
        .orderBy('act.seq', 'desc')
        .limit(limit);
      if (station !== undefined) query = query.where('review.station', '=', station);
      if (after !== undefined) query = query.where('act.seq', '<', after.seq);
      const rows = await query.execute();
      return rows.map((row) => ({
        ...(JSON.parse(row.review) as Static<typeof reviewV1> | Static<typeof reviewV2>),
        seq: row.seq,
        id: row.id,
        actor: row.actor,
        atS: row.at_s,
      }));
    },
    async registrations() {
      const rows = await db
        .selectFrom('registration')
        .innerJoin('act', 'act.id', 'registration.id')
        .selectAll('registration')
        .select('act.seq')
        .orderBy('act.seq')
        .execute();
      return rows.map((row) => ({
        provider: row.provider,
        naturalKey: row.natural_key,
        station: row.station,
        from: row.from_day,
        to: row.to_day,
        ...(row.grounds === null ? {} : { grounds: JSON.parse(row.grounds) as RegistrationGrounds }),
        seq: row.seq,
        id: row.id,
        actor: row.actor,
        atS: row.at_s,
      }));
    },
  };
}
