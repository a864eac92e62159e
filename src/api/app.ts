import compress from '@fastify/compress';
import etag from '@fastify/etag';
import rateLimit from '@fastify/rate-limit';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import Fastify, { type FastifyInstance, type FastifyReply } from 'fastify';
import helmet from 'helmet';
import { MonitorError } from '../domain/errors.ts';
import { openIdRoutes } from './auth/openid.ts';
import { ReadAudit } from './auth/read-audit.ts';
import { Viewer } from './auth/seen-by.ts';
import { installAuthentication } from './auth/authentication.ts';
import { installDashboard } from './http/dashboard.ts';
import type { ApiDeps } from './deps.ts';
import { installDocumentation, installSchemaCollection } from './http/documentation.ts';
import { errorBody, installFaultHandler } from './http/faults.ts';
import type { Api } from './http/fastify-types.ts';
import { KeptAnswers } from './http/kept-answers.ts';
import { installListOptions } from './http/list-options.ts';
import { LatestVerdicts } from './readings/latest-view.ts';
import { acknowledgeRoutes } from './routes/acknowledge.ts';
import { agreementRoutes } from './routes/agreements.ts';
import { alertStreamRoutes } from './routes/alert-stream.ts';
import { alertRoutes } from './routes/alerts.ts';
import { deliveryRoutes } from './routes/deliveries.ts';
import { incidentRoutes } from './routes/incidents.ts';
import { assessmentRoutes } from './routes/assessments.ts';
import { changeRoutes } from './routes/changes.ts';
import { capFeedRoutes } from './routes/cap-feeds.ts';
import { circumstanceRoutes } from './routes/circumstances.ts';
import { coverageRoutes } from './routes/coverage.ts';
import { commandRoutes } from './routes/command.ts';
import { journalRoutes } from './routes/journal.ts';
import { deviceRoutes } from './routes/devices.ts';
import { eventRoutes } from './routes/events.ts';
import { loadRoutes } from './routes/loads.ts';
import { keyRoutes } from './routes/keys.ts';
import { qualityRoutes } from './routes/quality.ts';
import { readingActRoutes } from './routes/reading-acts.ts';
import { latestVerdictRoutes } from './routes/latest-verdicts.ts';
import { latestRoutes } from './routes/latest.ts';
import { installOpenData } from './http/open-data.ts';
import { operationRoutes } from './routes/operations.ts';
import { overviewRoutes } from './routes/overview.ts';
import { readingRoutes } from './routes/readings.ts';
import { publicationRoutes } from './routes/publications.ts';
import { readLogRoutes } from './routes/read-log.ts';
import { regionRoutes } from './routes/region.ts';
import { seriesExportRoutes, seriesRoutes } from './routes/series.ts';
import { sessionRoutes } from './routes/session.ts';
import { gapRoutes } from './routes/gaps.ts';
import { sourceRoutes } from './routes/sources.ts';
import { settlementActRoutes } from './routes/settlement-acts.ts';
import { signingKeyRoutes } from './routes/signing-keys.ts';
import { settlementFollowUpRoutes } from './routes/settlement-follow-up.ts';
import { statementRoutes } from './routes/statements.ts';
import { stationRoutes } from './routes/stations.ts';
import { subscriptionRoutes } from './routes/subscriptions.ts';
import { userRoutes } from './routes/users.ts';
import { uploadRoutes } from './routes/uploads.ts';
import { edrRoutes } from './ogc/edr.ts';
import { ogcRoutes } from './ogc/index.ts';
import { requestValidators } from './http/validators.ts';
import { SeriesList } from './readings/series-list.ts';
import { sensorThingsRoutes } from './sensorthings/index.ts';
import { verdictRoutes } from './routes/verdicts.ts';
import { waterRoutes } from './routes/waters.ts';

const bodyLimitBytes = 1024 * 1024;

function newServer(): Api {
  const app = Fastify({
    logger: false,
    bodyLimit: bodyLimitBytes,
    requestTimeout: 60_000,
    routerOptions: { maxParamLength: 200 },
    frameworkErrors: (_error, request, reply) => {
      const fault = new MonitorError('E_BAD_REQUEST', 'the path is not a readable address', {
        details: { faults: [] },
      });
      const plain = reply as unknown as FastifyReply;
      void plain.code(400).type('application/json; charset=utf-8').send(errorBody(fault, request.id));
    },
  }).withTypeProvider<TypeBoxTypeProvider>();
  app.setValidatorCompiler(requestValidators());
  // Answers are checked against their schemas by the tests; compiled serializers were no faster and drop unlisted fields silently.
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
  return app;
}

/** Headers that every answer has; see docs/decisions/061. */
async function installGuards(app: Api, deps: ApiDeps): Promise<void> {
  const protect = helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:', 'blob:'],
        fontSrc: ["'self'", 'data:'],
        connectSrc: ["'self'"],
        workerSrc: ["'self'", 'blob:'],
        objectSrc: ["'none'"],
        baseUri: ["'self'"],
        formAction: ["'self'"],
        frameAncestors: ["'self'"],
      },
    },
    strictTransportSecurity: false,
  });
  app.addHook('onRequest', (request, reply, done) => protect(request.raw, reply.raw, () => done()));
  const limit = deps.rateLimit ?? { requests: 600, windowSeconds: 60 };
  await app.register(rateLimit, {
    max: limit.requests,
    timeWindow: limit.windowSeconds * 1000,
    keyGenerator: (request) =>
      request.actor === null ? `address ${request.ip}` : `actor ${request.actor.id}`,
    errorResponseBuilder: (_request, context) => {
      const details = {
        limit: context.max,
        windowSeconds: limit.windowSeconds,
        retryAfterSeconds: Math.ceil(context.ttl / 1000),
      };
      return new MonitorError(
        'E_TOO_MANY_REQUESTS',
        `more than ${context.max} requests in ${limit.windowSeconds} s`,
        { details },
      );
    },
  });
}

function installCommonHeaders(app: Api, deps: ApiDeps): void {
  app.addHook('onSend', async (request, reply) => {
    reply.header('x-request-id', request.id);
    if (deps.synthetic) reply.header('x-jiehe-data', 'synthetic');
    const inForce = deps.staleAgainst?.() ?? null;
    if (inForce !== null) reply.header('x-jiehe-configuration', `stale; in-force=${inForce}`);
    if (!/^\/(api\/v1|sta|ogc|feeds)\b/.test(request.url) || reply.hasHeader('cache-control')) return;
    reply.header('cache-control', request.actor === null ? 'no-cache' : 'private, no-cache');
    reply.header('vary', 'accept, accept-encoding, authorization, cookie');
  });
}

/** What several routes share in one process. */
interface Shared {
  viewer: Viewer;
  verdicts: LatestVerdicts;
  list: SeriesList;
  kept: KeptAnswers;
}

function sharedBy(app: FastifyInstance, deps: ApiDeps): Shared {
  const audit = new ReadAudit(deps.state.readLog, (error) =>
    deps.onFault?.({ requestId: '', method: '', path: 'read log', error }),
  );
  app.addHook('onClose', () => audit.flush());
  return {
    viewer: new Viewer(deps, audit),
    verdicts: new LatestVerdicts(),
    list: new SeriesList(deps),
    kept: new KeptAnswers(),
  };
}

/** Our own API, below `/api/v1`. */
function ownRoutes(api: Api, deps: ApiDeps, { viewer, verdicts, kept }: Shared): void {
  regionRoutes(api, deps);
  overviewRoutes(api, deps, { verdicts, viewer });
  stationRoutes(api, deps);
  latestRoutes(api, deps, { verdicts, viewer, kept });
  seriesRoutes(api, deps, { viewer, kept });
  coverageRoutes(api, deps, { viewer, kept });
  seriesExportRoutes(api, deps, viewer);
  readingRoutes(api, deps, viewer);
  changeRoutes(api, deps, viewer);
  sourceRoutes(api, deps);
  gapRoutes(api, deps);
  agreementRoutes(api, deps);
  verdictRoutes(api, deps, viewer);
  waterRoutes(api, deps, viewer);
  latestVerdictRoutes(api, deps, viewer);
  assessmentRoutes(api, deps, viewer);
  loadRoutes(api, deps, viewer);
  eventRoutes(api, deps, viewer);
  alertRoutes(api, deps);
  incidentRoutes(api, deps);
  deliveryRoutes(api, deps);
  circumstanceRoutes(api, deps);
  statementRoutes(api, deps);
  settlementFollowUpRoutes(api, deps);
  settlementActRoutes(api, deps);
  signingKeyRoutes(api, deps);
  keyRoutes(api, deps);
  sessionRoutes(api, deps);
  userRoutes(api, deps);
  publicationRoutes(api, deps, viewer);
  subscriptionRoutes(api, deps);
  readLogRoutes(api, deps);
  readingActRoutes(api, deps);
  uploadRoutes(api, deps);
  qualityRoutes(api, deps, viewer);
  deviceRoutes(api, deps);
  alertStreamRoutes(api, deps);
  journalRoutes(api, deps, viewer);
}

/** Doors that other standards prescribe. */
function standardRoutes(app: Api, deps: ApiDeps, { viewer, verdicts, list, kept }: Shared): void {
  openIdRoutes(app, deps);
  acknowledgeRoutes(app, deps);
  capFeedRoutes(app, deps);
  sensorThingsRoutes(app, deps, { viewer, list, kept });
  ogcRoutes(app, deps, { viewer, verdicts });
  edrRoutes(app, deps, { viewer, list });
}

/** The whole HTTP side, ready for `listen` or `inject`; it reaches nothing but `deps`. Throws E_CONFIG for a route without a tier. */
export async function buildApp(deps: ApiDeps): Promise<FastifyInstance> {
  const app = newServer();
  installFaultHandler(app, deps);
  await installAuthentication(app, deps);
  await installGuards(app, deps);
  installCommonHeaders(app, deps);
  await app.register(etag, { weak: true });
  await app.register(compress, {
    encodings: ['gzip', 'deflate', 'identity'],
    threshold: 1024,
    zlibOptions: { level: 3 },
  });
  installListOptions(app);
  await installSchemaCollection(app, deps);
  if (deps.operationsOnly === true) {
    operationRoutes(app, deps);
    commandRoutes(app, deps);
    await app.ready();
    return app;
  }
  const shared = sharedBy(app, deps);
  await app.register(
    (v1) => {
      ownRoutes(v1.withTypeProvider<TypeBoxTypeProvider>(), deps, shared);
      return Promise.resolve();
    },
    { prefix: '/api/v1' },
  );
  standardRoutes(app, deps, shared);
  operationRoutes(app, deps);
  commandRoutes(app, deps);
  await installDocumentation(app);
  await installOpenData(app, deps);
  await installDashboard(app, deps);
  await app.ready();
  return app;
}
