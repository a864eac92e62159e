import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { MonitorError } from '../../domain/errors.ts';
import type { SilenceWatch } from '../../domain/silence.ts';
import type { ApiDeps } from '../deps.ts';
import type { Api } from '../http/fastify-types.ts';

/** Entries that readings may lag behind the journal before this process counts as not ready. */
const readyLagEntries = 1000;

async function failureOf(check: () => Promise<unknown>): Promise<string | null> {
  try {
    await check();
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function requestMetrics(app: Api, registry: Registry): void {
  const labels = ['method', 'route', 'status'] as const;
  const requests = new Counter({
    name: 'jiehe_http_requests_total',
    help: 'HTTP requests answered',
    labelNames: labels,
    registers: [registry],
  });
  const seconds = new Histogram({
    name: 'jiehe_http_request_seconds',
    help: 'time to answer',
    labelNames: ['route'] as const,
    buckets: [0.001, 0.005, 0.02, 0.05, 0.2, 1, 5],
    registers: [registry],
  });
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none';
    requests.inc({ method: request.method, route, status: `${Math.floor(reply.statusCode / 100)}xx` });
    seconds.observe({ route }, reply.elapsedTime / 1000);
  });
}

/** Series by source and state, so that an overdue one is seen from outside. */
function silenceMetrics(registry: Registry, silence: SilenceWatch): void {
  const gauge = new Gauge({
    name: 'jiehe_series',
    help: 'series of registered stations by source and whether they report',
    labelNames: ['source', 'state'] as const,
    registers: [registry],
    async collect() {
      // Metrics answer while the readings do not.
      const states = await silence.states().catch(() => []);
      gauge.reset();
      for (const { source, state } of states) gauge.inc({ source, state });
    },
  });
}

/** Liveness, readiness and metrics. Labels are route patterns and status classes, so their number is bounded. */
export function operationRoutes(app: Api, deps: ApiDeps): void {
  const registry = new Registry();
  requestMetrics(app, registry);
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(read());
      },
    });
  gauge('jiehe_journal_seq', 'last journal position', () => deps.progress().journalSeq);
  gauge(
    'jiehe_applied_seq',
    'last journal position projected into the reading store',
    () => deps.progress().appliedSeq,
  );
  if (deps.silence !== undefined) silenceMetrics(registry, deps.silence);
  gauge('jiehe_resident_memory_bytes', 'memory of this process', () => process.memoryUsage.rss());

  const config = { tier: 'public', rateLimit: false } as const;
  app.get('/healthz', { config, schema: { hide: true } }, () => ({ status: 'ok', version: deps.version }));
  app.get('/readyz', { config, schema: { hide: true } }, async () => {
    const readings = await failureOf(() => deps.readings.position());
    const state = await failureOf(() => deps.state.keys.count());
    const { journalSeq, appliedSeq } = deps.progress();
    const lag = Math.max(0, journalSeq - appliedSeq);
    const inForce = deps.staleAgainst?.() ?? null;
    const details = {
      readings: readings ?? 'ok',
      state: state ?? 'ok',
      journalSeq,
      appliedSeq,
      lag,
      projections: [{ store: deps.readings.kind, appliedSeq, lag, here: deps.projecting?.() ?? true }],
      configuration: inForce === null ? 'in force' : `stale: ${deps.config().hash} is not ${inForce}`,
    };
    if (inForce !== null)
      throw new MonitorError('E_NOT_READY', 'another configuration is in force', { details });
    if (readings !== null || state !== null)
      throw new MonitorError('E_NOT_READY', 'a store does not answer', { details });
    if (lag > readyLagEntries)
      throw new MonitorError('E_NOT_READY', `readings are ${lag} journal entries behind`, { details });
    return { status: 'ready', ...details };
  });
  app.get('/metrics', { config, schema: { hide: true } }, async (_request, reply) =>
    reply.type(registry.contentType).send(`${await registry.metrics()}${(await deps.moreMetrics?.()) ?? ''}`),
  );
}
