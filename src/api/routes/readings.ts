import { Temporal } from 'temporal-polyfill';
import { Type } from 'typebox';
import { MonitorError } from '../../domain/errors.ts';
import { averagings, intervalOf, parseInstant, type AveragingId, type EpochS } from '../../domain/time.ts';
import type { Viewer } from '../auth/seen-by.ts';
import type { ApiDeps } from '../deps.ts';
import type { Api } from '../http/fastify-types.ts';
import { isoTimes } from '../http/iso-times.ts';
import { metaOf } from '../http/negotiation.ts';
import { flagsOf, FlagsShape } from '../readings/reading-shapes.ts';
import {
  answers,
  AveragingInput,
  IdInput,
  Instant,
  InstantInput,
  many,
  NullableInstant,
  NullableInteger,
  NullableNumber,
  strict,
} from '../http/schemas.ts';
import { providersOf, registry } from '../region/stations-view.ts';

const VersionShape = Type.Object({
  value: NullableNumber,
  flags: FlagsShape,
  seq: Type.Integer({ description: 'journal entry that brought it' }),
  seqEnd: NullableInteger,
  published: NullableInstant,
  begin: Instant,
  end: Instant,
});

/** The key time of the reading that ends at `endS`; the inverse of {@link intervalOf}. */
export function keyTimeOf(averaging: AveragingId, endS: EpochS, timeZone: string): EpochS {
  const { seconds, sliding } = averagings[averaging];
  if (sliding) return endS;
  if (seconds !== null) return endS - seconds;
  const end = Temporal.Instant.fromEpochMilliseconds(endS * 1000).toZonedDateTimeISO(timeZone);
  return end.subtract(averaging === 'P1D' ? { days: 1 } : { months: 1 }).epochMilliseconds / 1000;
}

/** Every value that one point once had. */
export function readingRoutes(app: Api, deps: ApiDeps, viewer: Viewer): void {
  const querystring = Type.Object(
    {
      station: IdInput,
      parameter: IdInput,
      averaging: AveragingInput,
      provider: Type.Optional(IdInput),
      time: InstantInput,
    },
    strict,
  );
  const schema = {
    tags: ['readings'],
    summary: 'versions of the reading that ends at `time`, oldest first',
    querystring,
    response: answers({ 200: many(VersionShape) }, 'notFound'),
  };
  app.get('/readings/past', { config: { tier: 'public' }, schema }, async (request) => {
    const config = deps.config();
    const { timeZone } = config.region;
    const { station, parameter, averaging, time } = request.query;
    const found = registry(config).get(station);
    if (found === undefined)
      throw new MonitorError('E_NOT_FOUND', `no such station: ${station}`, { details: { station } });
    const provider = request.query.provider ?? providersOf(found.station)[0] ?? '';
    const timeS = keyTimeOf(averaging, parseInstant(time, timeZone), timeZone);
    const { beginS, endS } = intervalOf(averaging, timeS, timeZone);
    const iso = isoTimes(timeZone);
    const { readings } = await viewer.seenBy(request);
    const versions = await readings.past({ station, parameter, averaging, provider, timeS });
    const results = versions
      .toSorted((a, b) => a.seq - b.seq)
      .map(({ value, flags, seq, seqEnd, publishedS }) => ({
        value,
        flags: flagsOf(flags),
        seq,
        seqEnd,
        begin: iso(beginS),
        end: iso(endS),
        published: publishedS === null ? null : iso(publishedS),
      }));
    return { meta: metaOf(deps), results };
  });
}
