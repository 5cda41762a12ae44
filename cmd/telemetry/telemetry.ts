import type { EngineWatcher } from '../../reconciler/engine.ts';
import type { Settings } from '../config/settings.ts';
import { createLog, type Log } from './log.ts';
import { createMetrics, type MetricSources, type Metrics } from './metrics.ts';
import { createWatcher } from './watcher.ts';

/** How one server tells of itself. */
export interface Telemetry {
  log: Log;
  metrics: Metrics;
  watcher: EngineWatcher;
  /** Errors that nobody waits for: of idle connections, of requests, of loops. */
  onError(error: unknown): void;
  /** Names the sources of figures that are read at each scrape. */
  watch(sources: MetricSources): void;
  /** From now on the server is not ready: balancers send traffic elsewhere before anything ends. */
  stopping(): void;
  isStopping(): boolean;
}

/** Logs go to stderr, so that stdout stays the commands' own. */
export function createTelemetry(
  { level, format }: Settings['log'],
  { err, isTerminal, instance }: { err(text: string): void; isTerminal: boolean; instance: string },
): Telemetry {
  const chosen = format === 'auto' ? (isTerminal ? 'text' : 'json') : format;
  const log = createLog({ level, format: chosen, write: err, instance });
  const metrics = createMetrics();
  let stopping = false;
  return {
    log,
    metrics,
    watcher: createWatcher({ log, metrics }),
    onError: (error) => log.error({ err: error }, 'error'),
    watch: metrics.watch,
    stopping: () => {
      stopping = true;
    },
    isStopping: () => stopping,
  };
}
