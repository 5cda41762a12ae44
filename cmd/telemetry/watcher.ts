import type { EngineWatcher } from '../../reconciler/engine.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';

/** Listens to the engine: what it did becomes log lines that share a reconcile id, and figures. */
export function createWatcher({ log, metrics }: { log: Log; metrics: Metrics }): EngineWatcher {
  return {
    reconciled: ({ claim: { uid, kind }, outcome, reason, durationMs, reconcileId }) => {
      metrics.reconciles.inc({ kind, outcome });
      metrics.reconcileSeconds.observe({ kind }, durationMs / 1000);
      log[LEVELS[outcome]]({ reconcileId, kind, uid, outcome, reason, durationMs }, 'reconciled');
    },
    acted: ({ kind, uid, verb, ok, reason, durationMs, drift, reconcileId }) => {
      metrics.actSeconds.observe({ kind, verb, result: ok ? 'ok' : 'failed' }, durationMs / 1000);
      if (drift) metrics.driftFound.inc({ kind });
      if (drift && ok) metrics.driftRepaired.inc({ kind });
      log[ok ? 'info' : 'warn'](
        { reconcileId, kind, uid, verb, reason, drift, durationMs },
        ok ? 'acted' : 'act failed',
      );
    },
    storeFailed: (error) => {
      metrics.storeFailures.inc();
      log.error({ err: error }, 'the database did not answer');
    },
    defect: ({ claim: { uid, kind }, error, reconcileId }) => {
      metrics.defects.inc({ kind });
      log.error({ reconcileId, kind, uid, err: error }, 'defect');
    },
  };
}

/** Quiet while nothing happens: a pass over settled objects writes nothing at the level `info`. */
const LEVELS = {
  settled: 'debug',
  waiting: 'debug',
  gone: 'info',
  progressed: 'info',
  failed: 'warn',
  fenced: 'warn',
} as const;
