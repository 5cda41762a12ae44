import type { IncomingMessage, ServerResponse } from 'node:http';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { ObjectStore } from '../../reconciler/store.ts';

/** What the figures that are read only when somebody asks come from. */
export interface MetricSources {
  store: Pick<ObjectStore, 'queueStats' | 'countByKind'>;
  /** Claims that this instance works on now. */
  inFlight(): number;
  /** What runs by itself, and whether somebody paused it. */
  jobs(): readonly { job: string; paused: boolean }[];
}

export type Metrics = ReturnType<typeof createMetrics>;

/** Prometheus metrics of one server, in a registry of its own, so that two servers in one process do not mix. */
export function createMetrics() {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const engine = engineMetrics(registry);
  const http = httpMetrics(registry);
  const late: { sources?: MetricSources } = {};
  const refresh = liveMetrics(registry);
  return {
    ...engine,
    ...http,
    /** Names the sources of the figures that are read at each scrape, once they exist. */
    watch: (sources: MetricSources) => {
      late.sources = sources;
    },
    /** Names of the jobs that somebody paused. */
    paused: () => (late.sources?.jobs() ?? []).flatMap(({ job, paused }) => (paused ? [job] : [])),
    contentType: registry.contentType,
    metricsText: async (): Promise<string> => {
      if (late.sources !== undefined) await refresh(late.sources);
      return registry.metrics();
    },
    /** Every metric of ours with its meaning, for the docs. */
    described: () =>
      registry
        .getMetricsAsArray()
        .filter(({ name }) => name.startsWith('steward_'))
        .map(({ name, help }) => ({ name, help })),
  };
}

const SECONDS = [0.001, 0.005, 0.02, 0.05, 0.1, 0.5, 1, 5, 15, 60, 600];

function engineMetrics(registry: Registry) {
  const registers = [registry];
  return {
    reconciles: new Counter({
      name: 'steward_reconciles_total',
      help: 'Reconciles that ended, by kind and outcome (settled, waiting, progressed, failed, fenced, gone).',
      labelNames: ['kind', 'outcome'] as const,
      registers,
    }),
    reconcileSeconds: new Histogram({
      name: 'steward_reconcile_duration_seconds',
      help: 'How long a reconcile took, by kind.',
      labelNames: ['kind'] as const,
      buckets: SECONDS,
      registers,
    }),
    actSeconds: new Histogram({
      name: 'steward_act_duration_seconds',
      help: 'How long an act in the world took, by kind, verb and result (ok, failed).',
      labelNames: ['kind', 'verb', 'result'] as const,
      buckets: SECONDS,
      registers,
    }),
    driftFound: new Counter({
      name: 'steward_drift_found_total',
      help: 'Steps that were needed although nobody changed the wish, by kind.',
      labelNames: ['kind'] as const,
      registers,
    }),
    driftRepaired: new Counter({
      name: 'steward_drift_repaired_total',
      help: 'Of those, the steps that succeeded, by kind.',
      labelNames: ['kind'] as const,
      registers,
    }),
    storeFailures: new Counter({
      name: 'steward_store_failures_total',
      help: 'Calls of the database that failed or did not answer.',
      registers,
    }),
    defects: new Counter({
      name: 'steward_defects_total',
      help: 'Errors in Steward itself, by kind: each is in the log with its trace.',
      labelNames: ['kind'] as const,
      registers,
    }),
  };
}

function httpMetrics(registry: Registry) {
  const seconds = new Histogram({
    name: 'steward_http_request_duration_seconds',
    help: 'HTTP requests by route, method and status; streams count when they end.',
    labelNames: ['route', 'method', 'status'] as const,
    buckets: SECONDS,
    registers: [registry],
  });
  return {
    /** A handler that answers nothing: it stands first and sees every request end. */
    requests: (request: IncomingMessage, response: ServerResponse): boolean => {
      const end = seconds.startTimer({ route: routeOf(request.url ?? '/'), method: methodOf(request.method) });
      response.once('close', () => end({ status: String(response.statusCode) }));
      return false;
    },
  };
}

const ROUTES = ['graphql', 'files', 'schemas', 'consoles', 'livez', 'readyz', 'metrics', 'openapi.json'];
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS'];

/** Names that callers choose would make a new series each. */
function routeOf(url: string): string {
  const first = url.split(/[/?#]/)[1] ?? '';
  return ROUTES.includes(first) ? `/${first}` : 'other';
}

function methodOf(method: string | undefined): string {
  return method !== undefined && METHODS.includes(method) ? method : 'other';
}

/** Figures that are read when somebody asks. Where the database does not answer they are absent, and `steward_database_up` says so. */
function liveMetrics(registry: Registry) {
  const gauge = (name: string, help: string, labelNames: string[] = []) =>
    new Gauge({ name, help, labelNames, registers: [registry] });
  const queue = gauge('steward_queue_depth', 'Objects in the queue: one row an object.');
  const due = gauge('steward_queue_due', 'Of those, the ones that wait for a worker now.');
  const age = gauge('steward_queue_oldest_due_seconds', 'How long the longest waiting of them has waited.');
  const objects = gauge('steward_objects', 'Objects by kind.', ['kind']);
  const claims = gauge('steward_claims_in_flight', 'Reconciles that this instance works on now.');
  const paused = gauge('steward_job_paused', '1 while somebody has paused the job, else 0.', ['job']);
  const up = gauge('steward_database_up', '1 when the database answered this scrape.');
  return async ({ store, inFlight, jobs }: MetricSources): Promise<void> => {
    claims.set(inFlight());
    for (const { job, paused: isPaused } of jobs()) paused.set({ job }, isPaused ? 1 : 0);
    const read = await Promise.all([store.queueStats(), store.countByKind()]).catch(() => undefined);
    up.set(read === undefined ? 0 : 1);
    objects.reset();
    for (const figure of [queue, due, age]) figure.remove();
    if (read === undefined) return;
    const [stats, counts] = read;
    queue.set(stats.depth);
    due.set(stats.due);
    age.set(stats.oldestDueMs / 1000);
    for (const [kind, count] of Object.entries(counts)) objects.set({ kind }, count);
  };
}
