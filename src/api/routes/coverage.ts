import { Type } from 'typebox';
import type { Config } from '../../domain/config/config.ts';
import type { SumColumns, SumsQuery } from '../../domain/ports.ts';
import type { CivilUnit } from '../../domain/sums.ts';
import { averagings } from '../../domain/time.ts';
import type { Viewer } from '../auth/seen-by.ts';
import type { ApiDeps } from '../deps.ts';
import type { Api } from '../http/fastify-types.ts';
import { rejectIfAny, type RequestFault } from '../http/faults.ts';
import { isoTimes } from '../http/iso-times.ts';
import type { KeptAnswers } from '../http/kept-answers.ts';
import { listForm } from '../http/list-options.ts';
import { metaOf } from '../http/negotiation.ts';
import {
  answers,
  Instant,
  many,
  NullableInteger,
  NullableNumber,
  oneOf,
  represented,
  strict,
} from '../http/schemas.ts';
import { askedSeries, spanQuery } from './series.ts';

const mostSeries = 256;
const mostRows = 50_000;
const unitSeconds: Record<CivilUnit, number> = {
  hour: 3600,
  day: 86_400,
  month: 28 * 86_400,
  year: 365 * 86_400,
};

const query = Type.Object(
  {
    ...spanQuery,
    period: oneOf(['hour', 'day', 'month', 'year'] as const, { description: 'civil periods of the region' }),
    f: Type.Optional(oneOf(['json', 'csv'], { description: 'representation; else by the Accept header' })),
  },
  strict,
);

const CoverageShape = Type.Object({
  station: Type.String(),
  parameter: Type.String(),
  averaging: Type.String(),
  provider: Type.String(),
  begin: Instant,
  end: Instant,
  expected: Type.Unsafe<number | null>({
    ...NullableInteger,
    description: 'readings due by averaging or by the cadence of the source; null: none is known',
  }),
  observed: Type.Integer({ description: 'readings with a value, whatever their marks' }),
  valid: Type.Integer({ description: 'of those, the ones that are not suspect or invalid' }),
  share: Type.Unsafe<number | null>({ ...NullableNumber, description: 'valid / expected' }),
});

/** Seconds between readings that are due: the averaging period itself, else the quickest source of this provider. */
function cadenceOf(
  config: Config,
  { averaging, provider }: Pick<SumsQuery, 'averaging' | 'provider'>,
): number | null {
  const { seconds } = averagings[averaging];
  if (seconds !== null && seconds > 0) return seconds;
  const cadences = config.sources
    .filter((source) => source.provider === provider)
    .map((source) => source.cadenceSeconds);
  return cadences.length === 0 ? null : Math.min(...cadences);
}

function checkCoverage(of: {
  averaging: SumsQuery['averaging'];
  period: CivilUnit;
  fromS: number;
  toS: number;
  series: number;
}): void {
  const faults: RequestFault[] = [];
  const { averaging, period } = of;
  if (averagings[averaging].sliding)
    faults.push({
      field: 'querystring.averaging',
      value: averaging,
      expected: 'an averaging period that is not sliding: sliding means are never counted',
    });
  const rows = of.series * Math.ceil((of.toS - of.fromS) / unitSeconds[period]);
  if (rows > mostRows)
    faults.push({
      field: 'querystring.period',
      value: period,
      expected: `at most ${mostRows} rows (series × periods) a request; this asks for about ${rows}`,
    });
  rejectIfAny(faults);
}

function rowsOf(
  all: readonly SumColumns[],
  of: Pick<SumsQuery, 'averaging' | 'provider'> & { iso: (atS: number) => string },
) {
  const { averaging, provider, iso } = of;
  const known = (value: number): number | null => (Number.isNaN(value) ? null : value);
  return all.flatMap(({ group, parameter, beginS, endS, expected, observed, valid, share }) =>
    Array.from(beginS, (begin, at) => ({
      station: group,
      parameter,
      averaging,
      provider,
      begin: iso(begin),
      end: iso(endS[at]!),
      expected: known(expected[at]!),
      observed: observed[at]!,
      valid: valid[at]!,
      share: known(share[at]!),
    })),
  );
}

/** How much of what was due is there, by series and civil period; counted by the engine. */
export function coverageRoutes(
  app: Api,
  deps: ApiDeps,
  { viewer, kept }: { viewer: Viewer; kept: KeptAnswers },
): void {
  const response = answers(
    {
      200: represented('a row for each series and period', {
        'application/json': many(CoverageShape),
        'text/csv': Type.String(),
      }),
    },
    'forbidden',
    'notFound',
  );
  const summary = 'readings expected, observed and valid, by series and civil period';
  const schema = { tags: ['readings'], summary, querystring: query, response };
  app.get('/coverage', { config: { tier: 'public' }, schema }, async (request, reply) => {
    const { period } = request.query;
    const config = deps.config();
    const asked = await askedSeries(deps, request.query, { actor: request.actor, most: mostSeries });
    const { stations, parameters, averaging, provider, fromS, toS, timeZone } = asked;
    checkCoverage({ averaging, period, fromS, toS, series: stations.length * parameters.length });
    const seen = await viewer.seenBy(request);
    const form = listForm(request);
    const make = async () => {
      const sums = await seen.readings.sums({
        groups: stations.map((id) => ({ id, stations: [id] })),
        parameters: parameters.map((id) => ({
          id,
          decimals: config.parameters.find((known) => known.id === id)?.decimals ?? 0,
        })),
        averaging,
        provider,
        fromS,
        toS,
        period,
        timeZone,
        cadenceS: cadenceOf(config, asked),
        ...(asked.asOfSeq === undefined ? {} : { asOfSeq: asked.asOfSeq }),
      });
      const results = rowsOf(sums, { averaging, provider, iso: isoTimes(timeZone) });
      return { text: form.write({ meta: metaOf(deps), results }) };
    };
    return kept.send(request, reply, { seen, facts: [asked.asOfSeq ?? ''], type: form.type, make });
  });
}
