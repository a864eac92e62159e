import { Type } from 'typebox';
import { editionInForce } from '../../domain/config/config.ts';
import { MonitorError } from '../../domain/errors.ts';
import { civilDate, parseInstant } from '../../domain/time.ts';
import { requireAssessments, type Viewer } from '../auth/seen-by.ts';
import type { ApiDeps } from '../deps.ts';
import type { Api } from '../http/fastify-types.ts';
import { rejectIfAny } from '../http/faults.ts';
import { metaOf } from '../http/negotiation.ts';
import { answers, AsOfInput, IdInput, InstantInput, Meta, strict } from '../http/schemas.ts';
import { CriterionEvents, stationEvents } from '../verdicts/station-events.ts';
import { registry } from '../region/stations-view.ts';
import { knownAt } from '../verdicts/lookup.ts';

const mostDays = 366;

const EventsAnswer = Type.Object({
  meta: Meta,
  method: Type.String({ description: 'how events are cut; apart from the criterion, which is the limit' }),
  confidence: Type.String(),
  standing: Type.String({ description: 'events of unreviewed values are no exceedances (超标)' }),
  results: Type.Array(CriterionEvents),
});

const querystring = Type.Object(
  {
    station: IdInput,
    from: InstantInput,
    to: InstantInput,
    parameter: Type.Optional(IdInput),
    provider: Type.Optional(IdInput),
    asOf: Type.Optional(AsOfInput),
  },
  strict,
);

/** Events of values beyond a limit, cut anew from the readings as they are known at a position. */
export function eventRoutes(app: Api, deps: ApiDeps, viewer: Viewer): void {
  const summary = 'runs of values beyond a limit: when, how far, how long, how often';
  const schema = {
    tags: ['verdicts'],
    summary,
    querystring,
    response: answers({ 200: EventsAnswer }, 'forbidden', 'notFound'),
  };
  app.get('/events', { config: { tier: 'public' }, schema }, async (request) => {
    const { query } = request;
    const { asOfSeq, config } = await knownAt(deps, query.asOf);
    const { timeZone } = config.region;
    const [fromS, toS] = [parseInstant(query.from, timeZone), parseInstant(query.to, timeZone)];
    const span = { field: 'querystring.to', value: query.to };
    if (fromS >= toS) rejectIfAny([{ ...span, expected: 'a time after `from`' }]);
    if (toS - fromS > mostDays * 86_400) rejectIfAny([{ ...span, expected: `at most ${mostDays} days` }]);
    const found = registry(config).get(query.station);
    if (found === undefined)
      throw new MonitorError('E_NOT_FOUND', `no such station: ${query.station}`, {
        details: { station: query.station },
      });
    const { station } = found;
    requireAssessments(await viewer.seenBy(request), station.id);
    const { parameter, provider } = query;
    const method = editionInForce(config.exceedanceMethods, civilDate(toS - 1, timeZone));
    const throughS = Math.min(toS, deps.clock.nowS());
    const of = { config, station, fromS, toS, throughS, asOfSeq, parameter, provider };
    const results = await stationEvents(deps, of);
    return {
      meta: metaOf(deps),
      method: method?.id ?? '',
      confidence: method?.provenance.confidence ?? '',
      standing: 'single-unreviewed',
      results,
    };
  });
}
