import type { Api } from '../../graphql/api.ts';
import { createGraphql, GRAPHQL_PATH, serveWebSockets } from '../../graphql/server.ts';
import type { HypervisorDirectory } from '../../hypervisor/port.ts';
import type { IdentityEvent } from '../../identity/parts.ts';
import type { SignInPolicy } from '../../identity/policy.ts';
import { createContent, DEFAULT_CONTENT_OPTIONS } from '../../integrations/content/content.ts';
import type { Vault } from '../../integrations/seal/seal.ts';
import type { Admission } from '../../reconciler/admission/apply.ts';
import { withAccess } from '../../reconciler/admission/permissions.ts';
import type { AuditChain } from '../../reconciler/audit-chain.ts';
import { DEFAULT_OPTIONS, type Engine, type EngineOptions, type EngineWatcher } from '../../reconciler/engine.ts';
import { forecast } from '../../reconciler/forecast/forecast.ts';
import { createPendingAllocations } from '../../reconciler/pending-allocations.ts';
import type { Registry } from '../../reconciler/registry.ts';
import { openSession } from '../../reconciler/session.ts';
import type { BooksPort, Ports } from '../../resources/ports.ts';
import { REGISTRY } from '../../resources/registry.ts';
import type { MailOptions } from '../config/mail-settings.ts';
import { type OpenBooks, openBooks } from './books.ts';
import { bootstrap, type FirstObjects } from './bootstrap.ts';
import { type ChangeBell, createChangeBell } from './changes.ts';
import { type Consoles, serveConsoles } from './consoles.ts';
import { documentRoute } from './document-route.ts';
import { steadyClock, systemClock, systemEnvironment } from './environment.ts';
import { below, closeServer, createServer, type Handler, type HttpOptions, listen } from './http.ts';
import { type Authenticate, createIdentity, type Identity, identityPort, keepTidy } from './identity.ts';
import { installationOf } from './installation.ts';
import { startLoops } from './loops.ts';
import { keepDelivering } from './mail.ts';
import type { ForecastWorld } from './mirror-ports.ts';
import { type OpenPayments, openPayments, type PaymentsParts } from './payments.ts';
import { createPricing, type Pricing } from './pricing.ts';
import { openRights } from './rights.ts';
import { keepSealing } from './sealing.ts';
import { checkSignedBody } from './signed-body.ts';
import { openSources } from './sources.ts';
import { readStats } from './stats.ts';
import type { Storage } from './storage.ts';
import { keepSweeping, type SweepingOptions } from './sweeping.ts';
import { assemblePorts } from './world.ts';

export interface ServerOptions {
  http: HttpOptions;
  dataDir: string;
  /** How letters leave. */
  mail: MailOptions;
  /** Seals secrets, and opens them for acts. */
  vault: Vault;
  token: string;
  version: string;
  storage: Storage;
  hypervisors: { directory(installationId: string): Promise<HypervisorDirectory>; description: string };
  /** A harmless copy of the world for forecasts. */
  mirror(ports: Ports, forecast: ForecastWorld): Ports;
  first: FirstObjects;
  imageFolders: readonly string[];
  allowedHosts: readonly string[];
  explorer: boolean;
  engine: Partial<EngineOptions>;
  sweep: Pick<SweepingOptions, 'everyMs' | 'remove' | 'quarantineMs' | 'onOrphans'>;
  leaseMs: number;
  concurrency: number;
  /** Name of this instance among those on one database. */
  holder: string;
  watcher: EngineWatcher;
  onError(error: unknown): void;
  payments: Pick<PaymentsParts, 'gateways' | 'onAlert'>;
  /** Further handlers, asked before the API: health, metrics, files. */
  handlers(authenticate: Authenticate): readonly Handler[];
  /** How people sign in; without a `publicUrl` it is where the server listens. */
  signIn: SignInPolicy;
  /** What happens in signing in, for the log. */
  onIdentityEvent(event: IdentityEvent): void;
}

export interface RunningServer {
  url: string;
  api: Api;
  engine: Engine<Ports>;
  stats(): { inFlight: number };
  close(): Promise<void>;
}

const POLL_MS = 1_000;
const DRAIN_MS = 5_000;

/** Puts the parts together and starts them: the only place that knows them all. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { storage, vault } = options;
  const installation = await installationOf(storage.store, systemEnvironment.ids);
  const bell = createChangeBell();
  const stopped = new AbortController();
  const { rights, following } = openRights(storage.store, { bell, stop: stopped.signal, onError: options.onError });
  const late: { payments?: OpenPayments } = {};
  const books = openBooks({
    ...storage,
    mine: () => storage.holds('books'),
    passed: (account) => late.payments?.passed(account),
    onError: options.onError,
  });
  const pricing = createPricing(storage, { ...books, onError: options.onError });
  const admission: Admission = {
    registry: REGISTRY as Registry,
    store: storage.store,
    environment: systemEnvironment,
    sealer: vault,
    rights,
    review: pricing.review,
  };
  const payments = openPayments({
    ...storage,
    ...options.payments,
    accounts: books.accounts,
    records: storage.payments,
    admission,
    vault,
    installationId: installation.id,
    onError: options.onError,
  });
  late.payments = payments;
  const { hypervisors, sources, ports } = await openWorld(options, {
    books: books.port,
    installationId: installation.id,
    admission,
    vault,
    bell,
  });
  const engine: Engine<Ports> = {
    registry: REGISTRY,
    store: openSession(storage.store),
    ports,
    environment: { ...systemEnvironment, clock: steadyClock },
    installationId: installation.id,
    options: { ...DEFAULT_OPTIONS, ...options.engine },
    watcher: { ...options.watcher },
    pending: createPendingAllocations(),
  };
  const web = await serveApi(options, {
    engine,
    admission,
    vault,
    bell,
    payments,
    books,
    priced: pricing.priced,
  });
  await bootstrap(admission, options.first);
  const resealing = storage.reseal(vault.rewrap).catch(options.onError);
  const loops = startLoops(engine, storage.store, {
    holder: options.holder,
    shards: storage.shards,
    leaseMs: options.leaseMs,
    concurrency: options.concurrency,
    pollMs: POLL_MS,
  });
  const sweeping = keepSweeping(
    ports,
    storage.store,
    { ...options.sweep, mine: () => storage.holds('sweeper'), onError: options.onError },
    stopped.signal,
  );
  const settling = Promise.all([books.keep(stopped.signal), payments.keep(stopped.signal)]);
  const delivering = keepDelivering(options.mail, {
    queue: storage.letters(web.identity.letterSeal),
    store: storage.store,
    stop: stopped.signal,
    onError: options.onError,
  });
  const sealing = keepSealing(web.chain, { stop: stopped.signal, onError: options.onError });
  const tidying = keepTidy(web.identity.tidy, { onError: options.onError, stop: stopped.signal });
  storage.onWake(() => {
    bell.ring();
    loops.worker.poke();
  });
  return {
    url: web.url,
    api: web.api,
    engine,
    stats: loops.worker.stats,
    close: async () => {
      stopped.abort();
      await web.close();
      await Promise.all([loops.stop(), sweeping, resealing, following, sealing, tidying, settling, delivering]);
      await sources.close();
      await hypervisors.close();
      await storage.close();
    },
  };
}

/** Everything outside of the database, as the kinds see it. */
async function openWorld(
  options: ServerOptions,
  {
    installationId,
    admission,
    vault,
    bell,
    books,
  }: { installationId: string; admission: Admission; vault: Vault; bell: ChangeBell; books: BooksPort },
) {
  const { storage } = options;
  const hypervisors = await options.hypervisors.directory(installationId);
  const sources = openSources({
    ...options,
    admission,
    vault,
    changed: (uid) => void storage.store.wake([uid]).then(bell.ring, options.onError),
  });
  const content = createContent({
    ...DEFAULT_CONTENT_OPTIONS,
    imageFolders: options.imageFolders,
    allowedHosts: options.allowedHosts,
  });
  const ports = assemblePorts({
    hypervisors,
    store: storage.store,
    secrets: vault,
    content,
    sources,
    books,
    identity: identityPort(storage.identity.records, vault),
    now: systemClock.now,
  });
  return { hypervisors, sources, ports };
}

async function serveApi(
  options: ServerOptions,
  {
    engine,
    admission,
    vault,
    bell,
    payments,
    books,
    priced,
  }: {
    engine: Engine<Ports>;
    admission: Admission;
    vault: Vault;
    bell: ChangeBell;
    payments: OpenPayments;
    books: OpenBooks;
    priced: Pricing['priced'];
  },
) {
  const late: { consoles?: Consoles } = {};
  const identity = identityFor(options, admission);
  const chain = options.storage.auditChain(vault.fingerprint);
  const api = apiOf(options, {
    chain,
    identity: identity.parts,
    engine,
    admission,
    vault,
    bell,
    payments,
    books,
    priced,
    consoles: () => late.consoles,
  });
  const graphqlOptions = {
    api,
    authenticate: identity.authenticate,
    explorer: options.explorer,
    onError: options.onError,
  };
  const graphql = createGraphql(graphqlOptions);
  const server = createServer(
    options.http,
    [
      ...options.handlers(async (credentials) => {
        const principal = await identity.authenticate(credentials);
        return principal && withAccess(admission, principal);
      }),
      payments.handler,
      documentRoute({ ...identity, ...books.api, admission, store: options.storage.store, now: systemClock.now }),
      checkSignedBody,
      identity.handler,
      below(GRAPHQL_PATH, graphql.handle),
    ],
    options.onError,
  );
  const sockets = serveWebSockets(server, graphql, graphqlOptions);
  late.consoles = serveConsoles(server, engine.ports.hypervisors, systemClock.now);
  const url = await listen(server, options.http);
  identity.listensAt(url);
  const close = async () => {
    for (const client of sockets.clients) client.close(1001, 'The server stops.');
    late.consoles?.close();
    await closeServer(server, DRAIN_MS);
  };
  return { url, api, close, identity, chain };
}

function identityFor(options: ServerOptions, admission: Admission): Identity {
  return createIdentity({
    ...options,
    ...options.storage.identity,
    admission,
    store: options.storage.store,
    policy: options.signIn,
    tls: options.http.tls !== null,
    noted: options.onIdentityEvent,
  });
}

function apiOf(
  options: ServerOptions,
  {
    chain,
    engine,
    admission,
    vault,
    bell,
    identity,
    payments,
    books,
    priced,
    consoles,
  }: {
    chain: AuditChain | null;
    engine: Engine<Ports>;
    admission: Admission;
    vault: Vault;
    bell: ChangeBell;
    identity: Identity['parts'];
    payments: OpenPayments;
    books: OpenBooks;
    priced: Pricing['priced'];
    consoles(): Consoles | undefined;
  },
): Api {
  const { store, description } = options.storage;
  return {
    registry: REGISTRY as Registry,
    store,
    admission,
    forecast: async (request) =>
      priced(
        await forecast({
          ...request,
          registry: REGISTRY,
          base: store,
          world: (clock, overlay) =>
            options.mirror(engine.ports, { clock, store: overlay, installationId: engine.installationId }),
          ids: systemEnvironment.ids,
          sealer: vault,
          installationId: engine.installationId,
          startMs: systemClock.now(),
        }),
      ),
    stats: (object) => readStats(engine.ports, object),
    openConsole: async (object, type) =>
      (await consoles()?.open(object, type)) ?? { ok: false, message: 'Consoles are not served yet.' },
    ...(chain && { auditChain: chain }),
    changed: bell.next,
    payments: payments.api,
    books: books.api,
    identity,
    about: {
      version: options.version,
      database: description,
      hypervisor: options.hypervisors.description,
      installationId: engine.installationId,
    },
  };
}
