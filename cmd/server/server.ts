import type { Api } from '../../graphql/api.ts';
import type { Persisted } from '../../graphql/persisted/asked-document.ts';
import { createGraphql, GRAPHQL_PATH, serveWebSockets } from '../../graphql/server.ts';
import type { HypervisorDirectory } from '../../hypervisor/port.ts';
import type { IdentityEvent } from '../../identity/parts.ts';
import type { SignInPolicy } from '../../identity/policy.ts';
import type { Vault } from '../../integrations/seal/seal.ts';
import type { Admission } from '../../reconciler/admission/apply.ts';
import { withAccess } from '../../reconciler/admission/permissions.ts';
import type { AuditChain } from '../../reconciler/audit-chain.ts';
import type { Engine, EngineOptions, EngineWatcher } from '../../reconciler/engine.ts';
import { forecast } from '../../reconciler/forecast/forecast.ts';
import type { Registry } from '../../reconciler/registry.ts';
import type { Ports } from '../../resources/ports.ts';
import { KINDS, REGISTRY } from '../../resources/registry.ts';
import type { MailOptions } from '../config/mail-settings.ts';
import { accountReview } from './account-review.ts';
import { type OpenAccounts, openAccounts } from './accounts.ts';
import { type OpenBooks, openBooks } from './books.ts';
import { bootstrap, type FirstObjects } from './bootstrap.ts';
import { type ChangeBell, createChangeBell } from './changes.ts';
import { keepChores } from './chores.ts';
import { type Closing, closingOnError } from './closing.ts';
import { type Consoles, serveConsoles } from './consoles.ts';
import type { CountingOptions } from './counting.ts';
import { documentRoute } from './document-route.ts';
import { engineFor } from './engine.ts';
import { systemClock, systemEnvironment } from './environment.ts';
import { heldReview, reviewing } from './held-review.ts';
import { below, closeServer, createServer, type Handler, type HttpOptions, listen } from './http.ts';
import { type Authenticate, createIdentity, type Identity } from './identity.ts';
import { installationOf } from './installation.ts';
import { fileDefaults } from './live-policy.ts';
import { createLiveSettings, type LiveSettings } from './live-settings.ts';
import { keepLooking } from './looking.ts';
import { startLoops } from './loops.ts';
import type { ForecastWorld } from './mirror-ports.ts';
import { openWorld } from './open-world.ts';
import { type OpenPayments, openPayments, type PaymentsParts } from './payments.ts';
import { peopleApis } from './people-ports.ts';
import { createPricing, type Pricing } from './pricing.ts';
import { reportRoute } from './report-route.ts';
import { openReports } from './reports.ts';
import { wakingAfterPause } from './resumed.ts';
import { openRights } from './rights.ts';
import { settingsApi } from './settings-api.ts';
import { settingsChangeReview, settingsReview } from './settings-review.ts';
import { checkSignedBody } from './signed-body.ts';
import { readStats } from './stats.ts';
import type { Storage } from './storage.ts';
import type { SweepingOptions } from './sweeping.ts';

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
  /** Documents that are known by name. */
  persisted?: Persisted;
  engine: Partial<EngineOptions>;
  /** Absent: what moves through devices is not counted. */
  counting?: CountingOptions;
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

/** Puts the parts together and starts them: the only place that knows them all. The storage stays open where one cannot be. */
export function startServer(options: ServerOptions): Promise<RunningServer> {
  return closingOnError((closing) => assemble(options, closing));
}

async function assemble(given: ServerOptions, closing: Closing): Promise<RunningServer> {
  const { storage, vault } = given;
  const settings = createLiveSettings({ ...storage, file: fileDefaults(given.signIn) });
  await settings.refresh();
  const options: Decided = { ...given, settings };
  const installation = await installationOf(storage.store, systemEnvironment.ids);
  const bell = createChangeBell();
  const stopped = new AbortController();
  const { rights, following } = openRights(storage.store, { bell, stop: stopped.signal, onError: options.onError });
  const decided = settings.follow({
    bell,
    stop: stopped.signal,
    changed: wakingAfterPause(settings, storage.store, KINDS),
    onError: options.onError,
  });
  const { books, pricing, payments, admission, accounts } = openMoney(options, {
    installationId: installation.id,
    rights,
  });
  closing.add(() => Promise.all([following, decided]));
  closing.add(() => stopped.abort());
  const world = { books: books.port, accounts: accounts.port, installationId: installation.id, admission, bell };
  const ports = await openWorld(options, world, closing);
  const engine = engineFor(options, { ports, installationId: installation.id });
  const web = await serveApi(options, {
    engine,
    admission,
    vault,
    bell,
    payments,
    books,
    accounts,
    priced: pricing.priced,
    closing,
  });
  await bootstrap(admission, options.first);
  const loops = startLoops(engine, storage.store, {
    holder: options.holder,
    shards: storage.shards,
    leaseMs: options.leaseMs,
    concurrency: options.concurrency,
    pollMs: POLL_MS,
  });
  const looking = keepLooking(web.look, { bell, stop: stopped.signal, onError: options.onError });
  const reading = { reports: openReports(options.storage), rights };
  const chores = keepChores(options, { ports, books, payments, web, reading, stop: stopped.signal });
  closing.add(() => {
    stopped.abort();
    return Promise.all([loops.stop(), looking, chores]);
  });
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
      await closing.close();
      await storage.close();
    },
  };
}

/** With what is decided while it runs. */
type Decided = ServerOptions & { settings: LiveSettings };

/** Books, prices and payments, and the admission that asks them. */
function openMoney(
  options: Decided,
  { installationId, rights }: { installationId: string; rights: ReturnType<typeof openRights>['rights'] },
) {
  const { storage, vault, settings } = options;
  const late: { payments?: OpenPayments } = {};
  const books = openBooks({
    ...storage,
    settings,
    mine: () => storage.holds('books'),
    passed: (account) => late.payments?.passed(account),
    onError: options.onError,
  });
  const pricing = createPricing({ ...storage, settings }, { ...books, onError: options.onError });
  const admission: Admission = {
    registry: REGISTRY as Registry,
    store: storage.store,
    environment: systemEnvironment,
    sealer: vault,
    rights,
    review: reviewing(
      heldReview({ registry: REGISTRY as Registry, books: storage.books }),
      accountReview(storage),
      pricing.review,
      settingsReview({ ...storage, settings, now: systemClock.now }),
    ),
    reviewChange: settingsChangeReview({ ...storage, settings, now: systemClock.now }),
  };
  const payments = openPayments({
    ...storage,
    ...options.payments,
    settings,
    accounts: books.accounts,
    records: storage.payments,
    admission,
    vault,
    installationId,
    onError: options.onError,
  });
  late.payments = payments;
  const accounts = openAccounts(storage, { accounts: books.accounts, admission, vault });
  return { books, pricing, payments, admission, accounts };
}

/** What the API stands on, beside the options. */
interface Served {
  engine: Engine<Ports>;
  admission: Admission;
  vault: Vault;
  bell: ChangeBell;
  payments: OpenPayments;
  books: OpenBooks;
  accounts: OpenAccounts;
  priced: Pricing['priced'];
  closing: Closing;
}

async function serveApi(options: Decided, served: Served) {
  const { engine, admission, vault, payments, books } = served;
  const late: { consoles?: Consoles } = {};
  const identity = identityFor(options, served);
  const chain = options.storage.auditChain(vault.fingerprint);
  const api = apiOf(options, { ...served, chain, identity: identity.parts, consoles: () => late.consoles });
  const graphqlOptions = {
    api,
    authenticate: identity.authenticate,
    stands: identity.stands,
    explorer: options.explorer,
    ...(options.persisted && { persisted: options.persisted }),
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
      reportRoute({ ...identity, admission, reports: openReports(options.storage) }),
      checkSignedBody(identity.parts),
      identity.handler,
      below(GRAPHQL_PATH, graphql.handle),
    ],
    options.onError,
  );
  const sockets = serveWebSockets(server, graphql, graphqlOptions);
  late.consoles = serveConsoles(server, { ...options, ...served, ...engine.ports, ...graphql, now: systemClock.now });
  const url = await listen(server, options.http);
  identity.listensAt(url);
  served.closing.add(() => {
    for (const client of sockets.clients) client.close(1001, 'The server stops.');
    late.consoles?.close();
    return closeServer(server, DRAIN_MS);
  });
  return { url, api, identity, chain, look: graphql.vigil.look };
}

function identityFor(
  options: Decided,
  { admission, accounts, bell }: Pick<Served, 'admission' | 'accounts' | 'bell'>,
): Identity {
  return createIdentity({
    ...options,
    ...options.storage.identity,
    admission,
    store: options.storage.store,
    standing: accounts.standing,
    policy: options.signIn,
    tls: options.http.tls !== null,
    noted: (event) => {
      options.onIdentityEvent(event);
      // Sessions may have ended with it, and what they hold open.
      bell.ring();
    },
  });
}

function apiOf(
  options: Decided,
  {
    chain,
    engine,
    admission,
    vault,
    bell,
    identity,
    payments,
    books,
    accounts,
    priced,
    consoles,
  }: Served & { chain: AuditChain | null; identity: Identity['parts']; consoles(): Consoles | undefined },
): Api {
  const { store, description } = options.storage;
  return {
    registry: REGISTRY as Registry,
    store,
    admission,
    keys: options.storage.keys,
    vault: options.vault,
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
          reviews: admission,
          installationId: engine.installationId,
          startMs: systemClock.now(),
        }),
      ),
    stats: (object) => readStats(engine.ports, object),
    openConsole: async (object, type, principal) =>
      (await consoles()?.open(object, type, principal)) ?? { ok: false, message: 'Consoles are not served yet.' },
    ...(chain && { auditChain: chain }),
    changed: bell.next,
    payments: payments.api,
    books: books.api,
    reports: openReports(options.storage),
    accounts: accounts.api,
    identity,
    ...peopleApis(options.storage),
    settings: settingsApi(options.settings),
    about: {
      version: options.version,
      database: description,
      hypervisor: options.hypervisors.description,
      installationId: engine.installationId,
    },
  };
}
