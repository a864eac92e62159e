import { Type } from 'typebox';
import { MonitorError, issueCodes } from '../../domain/errors.ts';
import type { RunReport } from '../../domain/ports.ts';
import type { ApiDeps } from '../deps.ts';
import type { Api } from '../http/fastify-types.ts';
import { isoTimes } from '../http/iso-times.ts';
import { metaOf } from '../http/negotiation.ts';
import { pageOf } from '../http/paging.ts';
import {
  answers,
  IdInput,
  Instant,
  many,
  NullableInstant,
  NullableInteger,
  NullableText,
  oneOf,
  paging,
  SeqInput,
  strict,
  TextPair,
} from '../http/schemas.ts';

const RunShape = Type.Object({
  runId: Type.String(),
  source: Type.String(),
  started: Instant,
  finished: NullableInstant,
  trigger: Type.String(),
  status: Type.String(),
  entries: Type.Integer(),
  cells: Type.Record(Type.String(), Type.Integer()),
  issues: Type.Record(Type.String(), Type.Integer()),
  message: NullableText,
});

const SourceShape = Type.Object({
  id: Type.String(),
  adapter: Type.String(),
  provider: Type.String(),
  name: TextPair,
  enabled: Type.Boolean(),
  takesFiles: Type.Boolean({ description: 'people hand in files to it: /api/v1/sources/{id}/uploads' }),
  cron: Type.String(),
  timeZone: Type.String(),
  cadenceSeconds: Type.Integer(),
  stampMeans: Type.String(),
  licence: Type.String(),
  attribution: TextPair,
  nextDue: NullableInstant,
  issuesOfLastRun: Type.Integer(),
  lastRuns: Type.Array(RunShape),
});

const IssueShape = Type.Object({
  id: Type.Integer(),
  code: Type.String(),
  path: Type.String(),
  message: Type.String(),
  source: Type.Object({ id: Type.String(), record: Type.String() }),
  seq: NullableInteger,
  at: Instant,
});

const UnregisteredShape = Type.Object({
  id: Type.String(),
  provider: Type.String(),
  naturalKey: Type.String(),
  name: Type.String(),
  lon: Type.Optional(Type.Number()),
  lat: Type.Optional(Type.Number()),
  firstSeen: Instant,
});

function runShape(run: RunReport, iso: (atS: number) => string) {
  const { runId, source, startedS, finishedS, trigger, status, entries, cells, issues, message } = run;
  const counted = Object.fromEntries(Object.entries(issues).map(([code, count]) => [code, count ?? 0]));
  const finished = finishedS === null ? null : iso(finishedS);
  return {
    runId,
    source,
    started: iso(startedS),
    finished,
    trigger,
    status,
    entries,
    cells: { ...cells },
    issues: counted,
    message,
  };
}

async function sourceShapes(deps: ApiDeps) {
  const config = deps.config();
  const iso = isoTimes(config.region.timeZone);
  const takers = new Set(deps.uploads?.sources());
  return Promise.all(
    config.sources.map(async (source) => {
      const {
        id,
        adapter,
        provider,
        name,
        enabled,
        cron,
        timeZone,
        cadenceSeconds,
        stampMeans,
        licence,
        attribution,
      } = source;
      const lastRuns = (await deps.state.runs.recent({ source: id, limit: 5 })).map((run) =>
        runShape(run, iso),
      );
      const nextDueS = deps.nextDueS(id);
      const issuesOfLastRun = Object.values(lastRuns[0]?.issues ?? {}).reduce((sum, count) => sum + count, 0);
      return {
        id,
        adapter,
        provider,
        name,
        enabled,
        takesFiles: takers.has(id),
        cron,
        timeZone,
        cadenceSeconds,
        stampMeans,
        licence,
        attribution,
        nextDue: nextDueS === null ? null : iso(nextDueS),
        issuesOfLastRun,
        lastRuns,
      };
    }),
  );
}

const tags = ['sources'];

function runRoutes(app: Api, deps: ApiDeps): void {
  const iso = (atS: number) => isoTimes(deps.config().region.timeZone)(atS);

  app.get(
    '/sources',
    {
      config: { tier: 'public' },
      schema: {
        tags,
        summary: 'sources with schedule, licence and last runs',
        response: answers({ 200: many(SourceShape) }),
      },
    },
    async () => ({
      meta: metaOf(deps),
      results: await sourceShapes(deps),
    }),
  );

  const params = Type.Object({ id: IdInput }, strict);
  const runQuery = Type.Object(paging(500, 50), strict);
  app.get(
    '/sources/:id/runs',
    {
      config: { tier: 'public' },
      schema: {
        tags,
        summary: 'runs of one source, newest first',
        params,
        querystring: runQuery,
        response: answers({ 200: many(RunShape) }, 'notFound'),
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      if (!deps.config().sources.some((source) => source.id === id))
        throw new MonitorError('E_NOT_FOUND', `no such source: ${id}`, { details: { id } });
      const { rows, next } = await pageOf(request, reply, {
        key: { startedS: 'number', runId: 'text' },
        read: (page) => deps.state.runs.recent({ source: id, ...page }),
      });
      return { meta: metaOf(deps, next), results: rows.map((run) => runShape(run, iso)) };
    },
  );
}

function issueRoutes(app: Api, deps: ApiDeps): void {
  const iso = (atS: number) => isoTimes(deps.config().region.timeZone)(atS);
  const issueQuery = Type.Object(
    {
      source: Type.Optional(IdInput),
      code: Type.Optional(oneOf(issueCodes)),
      seq: Type.Optional(SeqInput),
      ...paging(1000, 100),
    },
    strict,
  );
  app.get(
    '/issues',
    {
      config: { tier: 'partner' },
      schema: {
        tags,
        summary: 'faults in data, newest first',
        querystring: issueQuery,
        response: answers({ 200: many(IssueShape) }, 'forbidden'),
      },
    },
    async (request, reply) => {
      const { rows, next } = await pageOf(request, reply, {
        key: { id: 'number' },
        read: (page) => deps.state.issues.list({ ...request.query, ...page }),
      });
      return {
        meta: metaOf(deps, next),
        results: rows.map(({ atS, ...issue }) => ({ ...issue, at: iso(atS) })),
      };
    },
  );

  app.get(
    '/unregistered-stations',
    {
      config: { tier: 'owner' },
      schema: {
        tags,
        summary: 'stations that sources report and no registry knows',
        response: answers({ 200: many(UnregisteredShape) }, 'forbidden'),
      },
    },
    async () => {
      const stations = await deps.state.issues.unknownStations();
      return {
        meta: metaOf(deps),
        results: stations.map(({ firstSeenS, ...station }) => ({ ...station, firstSeen: iso(firstSeenS) })),
      };
    },
  );
}

/** Sources, what their runs did, and what was wrong with the data. */
export function sourceRoutes(app: Api, deps: ApiDeps): void {
  runRoutes(app, deps);
  issueRoutes(app, deps);
}
