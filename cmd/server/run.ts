import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Persisted } from '../../graphql/persisted/asked-document.ts';
import type { Vault } from '../../integrations/seal/seal.ts';
import { writeLocalEndpoint } from '../client/local-endpoint.ts';
import { mailOptions } from '../config/mail-settings.ts';
import type { Settings } from '../config/settings.ts';
import { signInPolicy } from '../config/sign-in-settings.ts';
import { openVault } from '../config/vault.ts';
import { CliError, EXIT } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { createTelemetry, type Telemetry } from '../telemetry/telemetry.ts';
import { VERSION } from '../version.ts';
import type { FirstObjects } from './bootstrap.ts';
import { showProgress } from './display.ts';
import { systemClock, systemEnvironment } from './environment.ts';
import type { HttpOptions } from './http.ts';
import { type ChosenHypervisor, chooseHypervisor, openHypervisors } from './hypervisors.ts';
import { installationOf } from './installation.ts';
import { mirrorPorts } from './mirror-ports.ts';
import { openGateways } from './payment-gateways.ts';
import { openPersisted } from './persisted-documents.ts';
import { openPostgresStorage } from './postgres-storage.ts';
import { restHandlers } from './rest-handlers.ts';
import { createScreen, type Screen } from './screen.ts';
import { type RunningServer, type ServerOptions, startServer } from './server.ts';
import { openMemoryStorage, type Storage } from './storage.ts';
import { type AdminToken, loadToken } from './tokens.ts';
import { uriResolver } from './world.ts';

export interface RunRequest {
  io: Io;
  settings: Settings;
  quickStart: boolean;
  holder: string;
}

const QUICK_START = new URL('../../manifests/examples/quick-start', import.meta.url).pathname;
const SWEEP_EVERY_MS = 600_000;
const DAY_MS = 86_400_000;

/** Runs the server from its settings until a signal ends it: prints where it is reached, shows objects converging, stops in order. */
export async function runServer(request: RunRequest): Promise<void> {
  const { io, settings } = request;
  const persisted = openPersisted(settings);
  const token = await openDataDir(settings);
  const screen = io.isTerminal ? createScreen(process.stdout) : null;
  // Logs share the terminal with the table of objects; sent elsewhere, they go there as they are.
  const err = screen && process.stderr.isTTY ? screen.say : io.err;
  const isTerminal = process.stderr.isTTY === true;
  const telemetry = createTelemetry(settings.log, { err, isTerminal, instance: request.holder });
  const vault = await vaultFor(settings);
  const storage = await openStorage(request, vault, telemetry.onError);
  try {
    const chosen = await chosenFor(request, storage);
    const gateways = await openGateways(settings, settings.dataDir);
    const server = await startServer(
      serverOptions(request, { token, vault, storage, chosen, telemetry, gateways, persisted }),
    );
    telemetry.watch({
      store: storage.store,
      inFlight: () => server.stats().inFlight,
      jobs: () => server.api.settings?.jobs() ?? [],
    });
    writeLocalEndpoint(settings.dataDir, { url: server.url });
    greet(io, { server, storage, chosen, token, settings });
    await untilStopped(io, { server, screen });
    io.err('Stopping: no new work is taken, what is under way ends first.\n');
    telemetry.stopping();
    await server.close();
  } catch (error) {
    await storage.close();
    throw error instanceof Error && !(error instanceof CliError) ? new CliError(error.message) : error;
  }
}

/** The folder of all that is kept, with the token: the first thing that a start writes. */
async function openDataDir({ dataDir, tokenFile }: Settings): Promise<AdminToken> {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o711 });
    return await loadToken(tokenFile || join(dataDir, 'token'));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CliError(
      `The data folder ${dataDir} cannot be used: ${why}. Mend it, or choose another with --data-dir FOLDER.`,
    );
  }
}

function vaultFor(settings: Settings): Promise<Vault> {
  return openVault(settings).catch((error: unknown) => {
    throw new CliError(error instanceof Error ? error.message : String(error));
  });
}

function openStorage(
  { settings, holder }: RunRequest,
  { personal }: Vault,
  onError: (error: unknown) => void,
): Promise<Storage> {
  if (settings.database === 'memory') return Promise.resolve(openMemoryStorage());
  const where =
    settings.database === 'embedded' ? { embedded: join(settings.dataDir, 'db') } : { url: settings.database };
  const { eventsDays, stepsDays, auditDays, journalDays } = settings.retention;
  const keptDays = { events: eventsDays, steps: stepsDays, audit: auditDays, journal: journalDays };
  return openPostgresStorage({
    where,
    holder,
    leaseMs: settings.engine.leaseMs,
    connections: 8,
    personal,
    keptDays,
    onError,
  }).catch((error: unknown) => {
    throw new CliError(`The database cannot be opened: ${error instanceof Error ? error.message : String(error)}`);
  });
}

/** The quick start manages a host; without it, hosts come from manifests alone. */
async function chosenFor({ settings, quickStart }: RunRequest, { store }: Storage): Promise<ChosenHypervisor | null> {
  if (!quickStart || settings.hypervisor === 'none') return null;
  const { id } = await installationOf(store, systemEnvironment.ids);
  const [host, pool] = await store.getByKey(
    ['Host', 'StoragePool'].map((kind) => ({ kind, project: null, name: 'local' })),
  );
  const known = host && { uri: String(host.spec.uri), poolPath: pool && String(pool.spec.path) };
  const chosen = await chooseHypervisor(settings.hypervisor, { shortId: id.slice(-8), known });
  if ('refused' in chosen) throw new CliError(chosen.refused, EXIT.usage);
  return chosen;
}

/** What was opened before the server. */
interface Opened {
  token: AdminToken;
  vault: Vault;
  storage: Storage;
  chosen: ChosenHypervisor | null;
  telemetry: Telemetry;
  gateways: Awaited<ReturnType<typeof openGateways>>;
  persisted: Persisted;
}

function serverOptions(
  { settings, quickStart, holder }: RunRequest,
  { token, vault, storage, chosen, telemetry, gateways, persisted }: Opened,
): ServerOptions {
  const { listen, engine, usage, images, dataDir } = settings;
  const folders = settings.manifests.length > 0 || !quickStart ? settings.manifests : [QUICK_START];
  const first: FirstObjects = {
    host: chosen && { uri: chosen.uri, poolPath: chosen.poolPath },
    folders: folders.map((path, index) => ({ name: index === 0 ? 'manifests' : `manifests-${index + 1}`, path })),
  };
  const imageFolders = [join(dataDir, 'images'), ...images.folders];
  return {
    http: httpOptions(listen),
    dataDir,
    vault,
    token: token.token,
    version: VERSION,
    storage,
    hypervisors: {
      directory: (installationId) =>
        openHypervisors({ dataDir, installationId, resolveUri: uriResolver(storage.store, systemClock.now) }),
      description: chosen?.says ?? 'hosts from manifests',
    },
    mirror: mirrorPorts,
    payments: {
      gateways,
      onAlert: ({ code, key, gateway }) => telemetry.log.warn({ code, key, gateway }, 'payment'),
    },
    first,
    imageFolders,
    allowedHosts: images.allowedHosts,
    explorer: settings.explorer,
    persisted,
    engine: {
      resyncMs: engine.resyncMs,
      reportOnly: engine.reportOnly,
      takeoverGraceMs: Math.min(15_000, engine.leaseMs),
    },
    counting: { readMs: usage.readSeconds * 1_000, bookMs: usage.bookSeconds * 1_000 },
    leaseMs: engine.leaseMs,
    concurrency: engine.concurrency,
    holder,
    watcher: telemetry.watcher,
    onError: telemetry.onError,
    handlers: (authenticate) =>
      restHandlers({
        authenticate,
        telemetry,
        store: storage.store,
        imageFolder: join(dataDir, 'images'),
        maxUploadGiB: images.maxUploadGiB,
      }),
    signIn: signInPolicy(settings.signIn),
    mail: mailOptions(settings.mail, settings.signIn.publicUrl),
    onIdentityEvent: (event) => telemetry.log.info(event, 'sign-in'),
    sweep: sweepOptions(settings.sweeper, telemetry),
  };
}

function httpOptions({ host, port, trustedProxies, tls }: Settings['listen']): HttpOptions {
  const read = (path: string) => readFileSync(path, 'utf8');
  return { host, port, trustedProxies, tls: tls.cert === '' ? null : { cert: read(tls.cert), key: read(tls.key) } };
}

function sweepOptions({ remove, quarantineDays }: Settings['sweeper'], { log }: Telemetry): ServerOptions['sweep'] {
  return {
    everyMs: SWEEP_EVERY_MS,
    remove,
    quarantineMs: quarantineDays * DAY_MS,
    onOrphans: (orphans) => {
      for (const { kind, place, externalId, remembered } of orphans)
        log.warn({ kind, place, externalId, remembered }, 'leftover');
    },
  };
}

function greet(
  io: Io,
  {
    server,
    storage,
    chosen,
    token,
    settings,
  }: {
    server: RunningServer;
    storage: Storage;
    chosen: ChosenHypervisor | null;
    token: AdminToken;
    settings: Settings;
  },
): void {
  const lines = [
    `${io.paint.bold('Steward')} ${VERSION}`,
    `  API        ${server.url}/graphql${settings.explorer ? '  (open it in a browser for the explorer)' : ''}`,
    `  REST       ${server.url}/openapi.json   health ${server.url}/readyz   metrics ${server.url}/metrics`,
    `  database   ${storage.description}`,
    `  machines   ${chosen?.says ?? 'on the hosts that manifests name'}`,
    `  token      ${token.fresh ? `${token.token}  (shown this once; kept in ${settings.tokenFile || join(settings.dataDir, 'token')})` : `in ${settings.tokenFile || join(settings.dataDir, 'token')}`}`,
    '  Try        npx steward get vm -A · npx steward describe vm web --project demo · Ctrl-C stops',
    '',
  ];
  io.out(`${lines.join('\n')}\n`);
}

async function untilStopped(
  io: Io,
  { server, screen }: { server: RunningServer; screen: Screen | null },
): Promise<void> {
  const { api } = server;
  const stopped = new Promise<void>((resolve) => {
    if (io.signal.aborted) resolve();
    io.signal.addEventListener('abort', () => resolve(), { once: true });
  });
  const shown = showProgress({
    registry: api.registry,
    store: api.store,
    changed: api.changed,
    screen,
    write: io.out,
    signal: io.signal,
  });
  await stopped;
  await shown;
}
