import { createRest } from '../../graphql/rest/rest.ts';
import { schemaFiles } from '../../manifests/json-schema.ts';
import type { ObjectStore } from '../../reconciler/store.ts';
import { REGISTRY } from '../../resources/registry.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { Handler } from './http.ts';
import type { Authenticate } from './identity.ts';

export interface RestHandlerOptions {
  authenticate: Authenticate;
  telemetry: Telemetry;
  store: Pick<ObjectStore, 'position'>;
  /** Folder of uploads. */
  imageFolder: string;
  maxUploadGiB: number;
}

const READY_DEADLINE_MS = 3_000;
const UPLOAD_IDLE_MS = 60_000;

/** What stands before the API: figures of every request, then health, metrics, files and schemas. */
export function restHandlers({
  authenticate,
  telemetry,
  store,
  imageFolder,
  maxUploadGiB,
}: RestHandlerOptions): Handler[] {
  const { metrics, isStopping } = telemetry;
  const rest = createRest({
    authenticate: unsigned(authenticate),
    health: {
      stopping: isStopping,
      checks: [{ name: 'database', run: () => store.position() }],
      paused: metrics.paused,
      deadlineMs: READY_DEADLINE_MS,
    },
    metrics: async () => ({ type: metrics.contentType, text: await metrics.metricsText() }),
    files: { folder: imageFolder, maxBytes: maxUploadGiB * 1024 ** 3, idleMs: UPLOAD_IDLE_MS },
    schemas: schemaFiles(REGISTRY),
  });
  return [metrics.requests, rest];
}

/** Files are taken as they come: nobody can say before their end whether they are what a signature covers. */
function unsigned(authenticate: Authenticate): Authenticate {
  return async (credentials) => (credentials.contentSha256 === null ? authenticate(credentials) : null);
}
