import { Readable } from 'node:stream';
import { Type } from 'typebox';
import { MonitorError } from '../../domain/errors.ts';
import { parseInstant } from '../../domain/time.ts';
import type { Config } from '../../domain/config/config.ts';
import { decide } from '../auth/access.ts';
import type { Viewer } from '../auth/seen-by.ts';
import type { ApiDeps } from '../deps.ts';
import type { Api } from '../http/fastify-types.ts';
import { rejectIfAny, type RequestFault } from '../http/faults.ts';
import { asOfPosition } from '../http/instants.ts';
import { chooseRepresentation, linkNext, mediaTypes, metaOf } from '../http/negotiation.ts';
import { cursorNumber, encodeCursor } from '../http/paging.ts';
import {
  answers,
  AsOfInput,
  AveragingInput,
  Cursor,
  IdInput,
  IdList,
  InstantInput,
  Limit,
  oneOf,
  represented,
} from '../http/schemas.ts';
import { objectionMarks } from '../readings/objection-marks.ts';
import {
  DenseSeriesAnswer,
  denseSeriesShape,
  meaningsOf,
  SeriesAnswer,
  seriesCsv,
  seriesShape,
} from '../readings/series-columns.ts';
import { seriesPage } from '../readings/series-window.ts';
import { providersOf, registry } from '../region/stations-view.ts';

const strict = { additionalProperties: false };
const mostValues = 100_000;
const mostSeries = 256;

const seriesQuery = Type.Object(
  {
    station: IdList,
    parameter: IdList,
    averaging: AveragingInput,
    provider: Type.Optional(IdInput),
    from: InstantInput,
    to: InstantInput,
    asOf: Type.Optional(AsOfInput),
    limit: Limit(mostValues, 10_000),
    cursor: Type.Optional(Cursor),
    f: Type.Optional(
      oneOf(['json', 'columns', 'csv'], { description: 'representation; else by the Accept header' }),
    ),
  },
  strict,
);

interface Asked {
  stations: string[];
  parameters: string[];
  fromS: number;
  toS: number;
}

/** All that a schema cannot see, in one list. */
function checkSeries(config: Config, { stations, parameters, fromS, toS }: Asked): void {
  const faults: RequestFault[] = [];
  const known = new Set(config.parameters.map((parameter) => parameter.id));
  for (const id of parameters) {
    if (!known.has(id))
      faults.push({
        field: 'querystring.parameter',
        value: id,
        expected: 'a parameter of /api/v1/parameters',
      });
  }
  if (fromS >= toS) faults.push({ field: 'querystring.to', value: toS, expected: 'a time after `from`' });
  if (stations.length * parameters.length > mostSeries) {
    faults.push({
      field: 'querystring.station',
      value: stations.length,
      expected: `at most ${mostSeries} series (stations × parameters) a request`,
    });
  }
  rejectIfAny(faults);
}

/** Unregistered stations are for the bureaus only; to anyone else they do not exist. */
async function checkStations(
  deps: ApiDeps,
  stations: readonly string[],
  actor: Parameters<typeof decide>[0],
): Promise<void> {
  const known = registry(deps.config());
  const unknown = stations.filter((id) => !known.has(id));
  if (unknown.length === 0) return;
  const unregistered = decide(actor, { tier: 'owner' }).allow
    ? new Set((await deps.state.issues.unknownStations()).map((station) => station.id))
    : new Set<string>();
  const missing = unknown.filter((id) => !unregistered.has(id));
  if (missing.length > 0)
    throw new MonitorError('E_NOT_FOUND', `no such station: ${missing.join(', ')}`, {
      details: { station: missing },
    });
}

/** Series as columns, dense columns or CSV, one page at a time. */
export function seriesRoutes(app: Api, deps: ApiDeps, viewer: Viewer): void {
  const response = answers(
    {
      200: represented('columns by default', {
        'application/json': SeriesAnswer,
        'application/vnd.jiehe.columns+json': DenseSeriesAnswer,
        'text/csv': Type.String(),
      }),
    },
    'notFound',
  );
  const summary = 'readings of stations × parameters whose last moment lies in [from, to)';
  app.get(
    '/series',
    {
      config: { tier: 'public' },
      schema: { tags: ['readings'], summary, querystring: seriesQuery, response },
    },
    async (request, reply) => {
      const { query } = request;
      const config = deps.config();
      const { timeZone } = config.region;
      const stations = [...new Set(query.station.split(','))];
      const parameters = [...new Set(query.parameter.split(','))];
      const [fromS, toS] = [parseInstant(query.from, timeZone), parseInstant(query.to, timeZone)];
      checkSeries(config, { stations, parameters, fromS, toS });
      await checkStations(deps, stations, request.actor);
      const startS = cursorNumber(query.cursor, 'timeS');
      const first = registry(config).get(stations[0] ?? '');
      const provider = query.provider ?? (first === undefined ? undefined : providersOf(first.station)[0]);
      if (provider === undefined)
        rejectIfAny([
          {
            field: 'querystring.provider',
            value: null,
            expected: 'a provider; this station has no default one',
          },
        ]);
      const asOfSeq =
        query.asOf === undefined ? {} : { asOfSeq: await asOfPosition(deps.journal, query.asOf, timeZone) };
      const { readings } = await viewer.seenBy(request);
      const of = { stations, parameters, averaging: query.averaging, provider: provider ?? '', fromS, toS };
      const page = await seriesPage(readings, { ...of, ...asOfSeq, timeZone, limit: query.limit, startS });
      const next = page.nextS === null ? null : encodeCursor({ timeS: page.nextS });
      linkNext(request, reply, next);
      const as = chooseRepresentation(request, query.f, ['json', 'columns', 'csv']);
      const context = { config, synthetic: deps.synthetic };
      reply.type(mediaTypes[as]);
      if (as === 'csv') {
        const names = new Map([...registry(config)].map(([id, { station }]) => [id, station.name.zh]));
        return reply.send(Readable.from(seriesCsv(page.series, names, context)));
      }
      const results = page.series.map((columns) =>
        as === 'json' ? seriesShape(columns, context) : denseSeriesShape(columns, context),
      );
      const objections = await objectionMarks(deps, of);
      const flagMeanings = meaningsOf(page.series);
      return reply.send({ meta: metaOf(deps, next), flagMeanings, objections, results });
    },
  );
}
