import { Readable } from 'node:stream';
import { Type, type Static } from 'typebox';
import { MonitorError } from '../../domain/errors.ts';
import type { Config } from '../../domain/config/config.ts';
import type { SeriesColumns, SeriesQuery } from '../../domain/ports.ts';
import { decide } from '../auth/access.ts';
import type { Viewer } from '../auth/seen-by.ts';
import type { ApiDeps } from '../deps.ts';
import type { Api } from '../http/fastify-types.ts';
import { rejectIfAny, type RequestFault } from '../http/faults.ts';
import { asOfPosition, instantOf } from '../http/instants.ts';
import type { KeptAnswers } from '../http/kept-answers.ts';
import { chooseRepresentation, mediaTypes, metaOf } from '../http/negotiation.ts';
import { cursorKey, encodeCursor } from '../http/paging.ts';
import {
  answers,
  AsOfInput,
  AveragingInput,
  IdInput,
  IdList,
  InstantInput,
  type Meta,
  oneOf,
  paging,
  represented,
  strict,
} from '../http/schemas.ts';
import { Objections } from '../readings/objection-marks.ts';
import {
  csvHeader,
  DenseSeriesAnswer,
  denseSeriesJson,
  meaningsOf,
  SeriesAnswer,
  seriesCsv,
  type SeriesContext,
  seriesJson,
} from '../readings/series-columns.ts';
import { belongs, keyWindow, seriesPage } from '../readings/series-window.ts';
import { wholeSeries } from '../readings/whole-series.ts';
import { providersOf, registry } from '../region/stations-view.ts';

const byTime = { timeS: 'number' } as const;
const mostValues = 100_000;
const mostSeries = 256;
const mostExported = 64 * 64;

export const spanQuery = {
  station: IdList,
  parameter: IdList,
  averaging: AveragingInput,
  provider: Type.Optional(IdInput),
  from: InstantInput,
  to: InstantInput,
  asOf: Type.Optional(AsOfInput),
};
const seriesQuery = Type.Object(
  {
    ...spanQuery,
    ...paging(mostValues, 10_000),
    f: Type.Optional(
      oneOf(['json', 'columns', 'csv'], { description: 'representation; else by the Accept header' }),
    ),
  },
  strict,
);
const exportQuery = Type.Object(
  {
    ...spanQuery,
    f: Type.Optional(oneOf(['csv', 'ndjson'], { description: 'representation; else by the Accept header' })),
  },
  strict,
);
type SpanQuery = Omit<Static<typeof exportQuery>, 'f'>;

interface Asked {
  stations: string[];
  parameters: string[];
  fromS: number;
  toS: number;
  most: number;
}

/** All that a schema cannot see, in one list. */
function checkSeries(config: Config, { stations, parameters, fromS, toS, most }: Asked): void {
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
  if (stations.length * parameters.length > most) {
    faults.push({
      field: 'querystring.station',
      value: stations.length,
      expected: `at most ${most} series (stations × parameters) a request`,
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

function seriesBody(
  series: readonly SeriesColumns[],
  of: { as: 'json' | 'columns'; meta: Meta; objections: unknown; context: SeriesContext },
): string {
  const { as, meta, objections, context } = of;
  const write = as === 'json' ? seriesJson : denseSeriesJson;
  const results = series.map((columns) => write(columns, context)).join(',');
  const meanings = JSON.stringify(meaningsOf(series));
  return `{"meta":${JSON.stringify(meta)},"flagMeanings":${meanings},"objections":${JSON.stringify(objections)},"results":[${results}]}`;
}

const stationNames = (config: Config): Map<string, string> =>
  new Map([...registry(config)].map(([id, { station }]) => [id, station.name.zh]));

/** What a request asks of the store, checked. Throws E_BAD_REQUEST, E_NOT_FOUND. */
export async function askedSeries(
  deps: ApiDeps,
  query: SpanQuery,
  of: { actor: Parameters<typeof decide>[0]; most: number },
): Promise<SeriesQuery & { timeZone: string }> {
  const config = deps.config();
  const { timeZone } = config.region;
  const stations = [...new Set(query.station.split(','))];
  const parameters = [...new Set(query.parameter.split(','))];
  const [fromS, toS] = [instantOf(query.from, timeZone), instantOf(query.to, timeZone)];
  checkSeries(config, { stations, parameters, fromS, toS, most: of.most });
  await checkStations(deps, stations, of.actor);
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
  const asOf =
    query.asOf === undefined ? {} : { asOfSeq: await asOfPosition(deps.journal, query.asOf, timeZone) };
  const { averaging } = query;
  return { stations, parameters, averaging, provider: provider ?? '', fromS, toS, ...asOf, timeZone };
}

/** Series as columns, dense columns or CSV, one page at a time. */
export function seriesRoutes(
  app: Api,
  deps: ApiDeps,
  { viewer, kept }: { viewer: Viewer; kept: KeptAnswers },
): void {
  const objected = new Objections(deps);
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
  const schema = { tags: ['readings'], summary, querystring: seriesQuery, response };
  app.get('/series', { config: { tier: 'public' }, schema }, async (request, reply) => {
    const { query } = request;
    const config = deps.config();
    const asked = await askedSeries(deps, query, { actor: request.actor, most: mostSeries });
    const wanted = { ...asked, limit: query.limit, startS: cursorKey(request, byTime)?.timeS ?? null };
    const seen = await viewer.seenBy(request);
    const as = chooseRepresentation(request, query.f, ['json', 'columns', 'csv']);
    const context = { config, synthetic: deps.synthetic };
    // Objections are acts: they stand in no reading, so they are a part of the answer's name.
    const objections = as === 'csv' ? null : await objected.marks(asked);
    const make = async () => {
      const page = await seriesPage(seen.readings, wanted);
      const next = page.nextS === null ? null : encodeCursor(request, byTime, { timeS: page.nextS });
      const text =
        as === 'csv'
          ? [csvHeader, ...seriesCsv(page.series, stationNames(config), context)].join('')
          : seriesBody(page.series, { as, meta: metaOf(deps, next), objections, context });
      return { text, next };
    };
    return kept.send(request, reply, {
      seen,
      facts: [asked.asOfSeq ?? '', JSON.stringify(objections)],
      type: mediaTypes[as],
      make,
    });
  });
}

/** The whole of long spans as one stream, at the pace of its reader. */
export function seriesExportRoutes(app: Api, deps: ApiDeps, viewer: Viewer): void {
  const response = answers(
    {
      200: represented('all values, as they are read', {
        'text/csv': Type.String(),
        'application/x-ndjson': Type.String(),
      }),
    },
    'notFound',
  );
  const summary =
    'the same as one stream without pages: CSV, or a line of columns for each 10,000 values of a series';
  const schema = { tags: ['readings'], summary, querystring: exportQuery, response };
  app.get('/series/export', { config: { tier: 'public' }, schema }, async (request, reply) => {
    const { query } = request;
    const config = deps.config();
    const { timeZone, ...asked } = await askedSeries(deps, query, {
      actor: request.actor,
      most: mostExported,
    });
    const { fromS, toS } = asked;
    const within = belongs(asked.averaging, timeZone);
    const { readings } = await viewer.seenBy(request, 'export');
    const whole = wholeSeries(readings, {
      ...asked,
      // One state of the readings, however long the stream takes.
      asOfSeq: asked.asOfSeq ?? deps.progress().appliedSeq,
      ...keyWindow(asked.averaging, { fromS, toS }),
      keep: (keyS) => within(keyS, { fromS, toS }),
    });
    const as = chooseRepresentation(request, query.f, ['csv', 'ndjson']);
    const context = { config, synthetic: deps.synthetic };
    async function* chunks(): AsyncGenerator<string> {
      if (as === 'csv') yield csvHeader;
      for await (const columns of whole) {
        if (as === 'csv') yield* seriesCsv([columns], stationNames(config), context);
        else yield `${seriesJson(columns, context)}\n`;
      }
    }
    return reply.type(mediaTypes[as]).send(Readable.from(chunks(), { highWaterMark: 1 }));
  });
}
