import { createRest } from '../../graphql/rest/rest.ts';
import { schemaFiles } from '../../manifests/json-schema.ts';
import type { ObjectStore } from '../../reconciler/store.ts';
import { REGISTRY } from '../../resources/registry.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { Handler } from './http.ts';
import { authenticator } from './tokens.ts';

export interface RestHandlerOptions {
  token: string;
  telemetry: Telemetry;
  store: Pick<ObjectStore, 'position'>;
  /** Folder of uploads. */
  imageFolder: string;
  maxUploadGiB: number;
}

const READY_DEADLINE_MS = 3_000;
const UPLOAD_IDLE_MS = 60_000;

/** What stands before the API: figures of every request, then health, metrics, files and schemas. */
export function restHandlers({ token, telemetry, store, imageFolder, maxUploadGiB }: RestHandlerOptions): Handler[] {
  const { metrics, isStopping } = telemetry;
  const rest = createRest({
    authenticate: authenticator(token),
    health: {
      stopping: isStopping,
      checks: [{ name: 'database', run: () => store.position() }],
      deadlineMs: READY_DEADLINE_MS,
    },
    metrics: async () => ({ type: metrics.contentType, text: await metrics.metricsText() }),
    files: { folder: imageFolder, maxBytes: maxUploadGiB * 1024 ** 3, idleMs: UPLOAD_IDLE_MS },
    schemas: schemaFiles(REGISTRY),
  });
  return [metrics.requests, rest];
}
