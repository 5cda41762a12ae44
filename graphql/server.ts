import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import {
  type ExecutionArgs,
  GraphQLError,
  NoSchemaIntrospectionCustomRule,
  specifiedRules,
  type ValidationRule,
  validate,
} from 'graphql';
import type { SubscribePayload } from 'graphql-ws';
import { useServer } from 'graphql-ws/use/ws';
import { createYoga, type Plugin } from 'graphql-yoga';
import { type WebSocket, WebSocketServer } from 'ws';
import { type Credentials, credentialsOf } from '../identity/credentials.ts';
import { CursorError } from '../reconciler/cursor-error.ts';
import type { Principal } from '../reconciler/principal.ts';
import { StoreUnavailable } from '../reconciler/store-unavailable.ts';
import type { Api } from './api.ts';
import { refusedBody } from './body.ts';
import { compiledExecution } from './compiled.ts';
import { type Context, createContext } from './context.ts';
import { UserError } from './derive/list.ts';
import { createGate, type Gate } from './gate.ts';
import { DEFAULT_LIMITS, type Limits, limitsRule, parsedWithin } from './limits.ts';
import { actingAs, MASQUERADE_HEADER, masqueradeStands } from './masquerade.ts';
import {
  askedDocument,
  type DocumentRequest,
  NOTHING_PERSISTED,
  type Persisted,
  persistedId,
} from './persisted/asked-document.ts';
import { createPlainQueries } from './plain/plain-queries.ts';
import type { RateLimits } from './rate-limit.ts';
import { buildSchema } from './schema.ts';
import { createVigil, type Vigil, type VigilLimits } from './vigil.ts';

export const GRAPHQL_PATH = '/graphql';

export interface GraphqlOptions {
  api: Api;
  /** Who presents these credentials; null for nobody. */
  authenticate(credentials: Credentials): Promise<Principal | null>;
  /** Whether somebody who was recognised still would be; asked again and again of who keeps something open. */
  stands?(principal: Principal): Promise<boolean>;
  /** How much may be open, and for how long. */
  open?: VigilLimits;
  limits?: Limits;
  rates?: RateLimits;
  /** The explorer page and introspection for everybody who may read. */
  explorer: boolean;
  /** Documents that are known by name. */
  persisted?: Persisted;
  onError(error: unknown): void;
}

interface ServerContext {
  req: IncomingMessage;
  res: ServerResponse;
}

/** The GraphQL endpoint: queries and mutations over POST, subscriptions over SSE and WebSocket, the explorer over GET. */
export function createGraphql(options: GraphqlOptions) {
  const schema = buildSchema(options.api.registry);
  const limits = options.limits ?? DEFAULT_LIMITS;
  const rules = documentRules(limits, options);
  const persisted = options.persisted ?? NOTHING_PERSISTED;
  const gate = createGate(options);
  const vigil = createVigil({
    ...(options.open && { limits: options.open }),
    stands: async (principal) =>
      (await masqueradeStands(options.api, principal)) && ((await options.stands?.(principal)) ?? true),
    now: options.api.admission.environment.clock.now,
  });
  const contextOf = contexts(options, { gate, vigil });
  const yoga = createYoga<ServerContext, Context>({
    schema,
    graphqlEndpoint: GRAPHQL_PATH,
    landingPage: false,
    batching: false,
    logging: false,
    cors: false,
    graphiql: options.explorer ? { title: 'Steward', defaultQuery: EXPLORER_QUERY } : false,
    maskedErrors: { maskError: (error, message) => masked(error, message, options.onError) },
    parserAndValidationCache: true,
    extraParamNames: ['id'],
    plugins: [
      postOnly(),
      knownDocuments(persisted, contextOf),
      validation(rules, limits, options.explorer),
      compiledExecution(schema),
    ],
    context: async ({ req }) => {
      const context = await contextOf(req);
      if (context) return context;
      throw unauthenticated();
    },
  });
  const tokensMax = limits.tokens;
  const answered = createPlainQueries({ schema, rules, tokensMax, path: GRAPHQL_PATH, persisted, contextOf });
  const handle = async (req: IncomingMessage, res: ServerResponse): Promise<'plain' | 'usual'> => {
    if (await refusedBody(req, res, async () => (await contextOf(req)) !== null)) return 'usual';
    if (await answered(req, res)) return 'plain';
    await yoga(req, res);
    return 'usual';
  };
  return { schema, rules, limits, persisted, gate, vigil, handle };
}

/** What every document must keep to, beside the language itself. */
export function documentRules(limits: Limits, { explorer }: { explorer: boolean }): ValidationRule[] {
  return [limitsRule(limits), ...(explorer ? [] : [NoSchemaIntrospectionCustomRule])];
}

/** Credentials are judged once a request, whichever way it takes: a signature or a failed sign-in counts once. */
function contexts(
  options: GraphqlOptions,
  { gate, vigil }: { gate: Gate; vigil: Vigil },
): (req: IncomingMessage) => Promise<Context | null> {
  const judged = new WeakMap<IncomingMessage, Promise<Principal | null>>();
  return async (req) => {
    const judging = judged.get(req) ?? callerOf(options, gate, req);
    judged.set(req, judging);
    const principal = await judging;
    return principal && { ...createContext(options.api, principal), vigil };
  };
}

/** Who asks, and as whom. */
async function callerOf(
  { api, authenticate }: GraphqlOptions,
  gate: Gate,
  req: IncomingMessage,
): Promise<Principal | null> {
  const credentials = credentialsOf(req);
  const principal = await authenticate(credentials);
  gate.pass(principal, credentials.from, Number(req.headers['content-length']));
  const masquerade = req.headers[MASQUERADE_HEADER];
  return principal && typeof masquerade === 'string' ? actingAs(api, principal, masquerade) : principal;
}

export type Graphql = ReturnType<typeof createGraphql>;

function unauthenticated(): GraphQLError {
  return new GraphQLError(UNAUTHENTICATED, { extensions: { code: 'UNAUTHENTICATED', http: { status: 401 } } });
}

const UNAUTHENTICATED =
  'A token is needed: send "Authorization: Bearer …". The first start printed it; the steward command finds it by itself.';

/** Of one message: strangers send them too before they say who they are. */
const SOCKET_BYTES_MAX = 256 * 1024;

/** Subscriptions, queries and mutations over one WebSocket (graphql-transport-ws). The token comes in the connection parameters, or a page's session in its cookie. */
export function serveWebSockets(server: Server, graphql: Graphql, options: GraphqlOptions): WebSocketServer {
  const wss = new WebSocketServer({
    noServer: true,
    maxPayload: SOCKET_BYTES_MAX,
    handleProtocols: (names) => (names.has('graphql-transport-ws') ? 'graphql-transport-ws' : false),
  });
  useServer<{ authorization?: string; csrf?: string; masquerade?: unknown }, SocketExtra>(
    {
      schema: graphql.schema,
      onSubscribe: (ctx, _id, payload) => socketOperation(graphql, options, { payload, ...ctx.extra }),
      onConnect: async (ctx) => {
        const principal = await socketCaller(graphql, options, {
          ...ctx.extra,
          parameters: ctx.connectionParams ?? {},
        });
        if (!principal) return false;
        ctx.extra.principal = principal;
        return true;
      },
      context: (ctx) => {
        const context: Context = {
          ...createContext(options.api, ctx.extra.principal as Principal),
          vigil: graphql.vigil,
        };
        return context as never;
      },
      onNext: (_ctx, _id, _payload, _args, result) => withMasked(result, options.onError) as never,
      onError: (_ctx, _id, _payload, errors) =>
        errors.map((error) => (masked(error, 'Unexpected error.', options.onError) as GraphQLError).toJSON()),
    },
    wss,
  );
  server.on('upgrade', (request, socket, head) => {
    if (request.url?.split('?', 1)[0] !== GRAPHQL_PATH) return;
    if (!sameOrigin(request)) return void socket.destroy();
    wss.handleUpgrade(request, socket, head, (client) => wss.emit('connection', client, request));
  });
  return wss;
}

interface SocketExtra extends Record<PropertyKey, unknown> {
  principal?: Principal;
  socket: WebSocket;
  request: IncomingMessage;
}

/** Who opens a socket. It is closed when who opened it may not ask any more. */
async function socketCaller(
  { gate, vigil }: Graphql,
  { authenticate, onError }: GraphqlOptions,
  { request, socket, parameters }: SocketExtra & { parameters: Readonly<Record<string, unknown>> },
): Promise<Principal | null> {
  const { authorization, csrf, masquerade } = parameters;
  // Each request under a masquerade is judged anew; a socket would outlast it. Nobody acts as themselves by mistake either.
  if (masquerade !== undefined || request.headers[MASQUERADE_HEADER] !== undefined) return null;
  const credentials = credentialsOf(request);
  try {
    const principal = await authenticate({
      ...credentials,
      authorization: typeof authorization === 'string' ? authorization : null,
      csrf: typeof csrf === 'string' ? csrf : null,
    });
    gate.pass(principal, credentials.from);
    if (!principal) return null;
    const { ended, leave } = vigil.enter('socket', principal);
    ended.addEventListener('abort', () => socket.close(CLOSED_ENDED, String(ended.reason)), { once: true });
    socket.once('close', leave);
    return principal;
  } catch (error) {
    if (error instanceof GraphQLError) socket.close(CLOSED_TOO_MANY, error.message);
    else onError(error);
    return null;
  }
}

/** Codes of the close, beside those of the protocol. */
export const CLOSED_ENDED = 4403;
const CLOSED_TOO_MANY = 4429;

/** An operation of a socket is held to what one over HTTP is: rates, sizes, limits, and which documents are taken. */
async function socketOperation(
  { schema, rules, limits, persisted, gate, vigil }: Graphql,
  { explorer }: GraphqlOptions,
  { payload, principal, request }: SocketExtra & { payload: SubscribePayload },
): Promise<ExecutionArgs | readonly GraphQLError[]> {
  if (!principal) return [unauthenticated()];
  try {
    gate.pass(principal, credentialsOf(request).from);
    if (!(await vigil.stands(principal))) return [unauthenticated()];
    const asked = askedDocument(payload, persisted, principal);
    if (asked && 'refused' in asked) return [asked.refused];
    const document = parsedWithin(limits, asked?.query ?? payload.query);
    const errors = validate(schema, document, [...specifiedRules, ...rules]);
    if (errors.length > 0) return explorer ? errors : errors.map(withoutSuggestion);
    const { operationName, variables } = payload;
    return { schema, document, operationName: operationName ?? null, variableValues: variables ?? null };
  } catch (error) {
    // Whatever is wrong with the text, and whoever asks too often, is told; the socket stays open.
    if (error instanceof GraphQLError) return [error];
    throw error;
  }
}

/** Browsers tell where a WebSocket comes from; other sites may not open one. */
export function sameOrigin(request: IncomingMessage): boolean {
  const { origin, host } = request.headers;
  if (!origin) return true;
  return URL.canParse(origin) && new URL(origin).host === host;
}

/** Only JSON over POST executes: GET, forms and text could be sent by another site's page. GET with an accept of HTML is the explorer. */
function postOnly(): Plugin {
  return {
    onRequest: ({ request, endResponse, fetchAPI }) => {
      const type = request.headers.get('content-type')?.split(';')[0]?.trim() ?? '';
      const json = request.method === 'POST' && (type === 'application/json' || type === 'application/graphql+json');
      const page =
        request.method === 'GET' &&
        (request.headers.get('accept') ?? '').includes('text/html') &&
        !new URL(request.url).searchParams.has('query');
      if (json || page) return;
      const message =
        request.method === 'POST' ? 'Send JSON: content-type application/json.' : 'Send a POST with JSON.';
      const status = request.method === 'POST' ? 415 : 405;
      endResponse(
        new fetchAPI.Response(JSON.stringify({ errors: [{ message }] }), {
          status,
          headers: { 'content-type': 'application/json' },
        }),
      );
    },
  };
}

/** Puts known documents in the place of their names, and refuses what only the administrator may send. */
function knownDocuments(
  persisted: Persisted,
  contextOf: (req: IncomingMessage) => Promise<Context | null>,
): Plugin<object, ServerContext> {
  return {
    onParams: async ({ params, setParams, context }) => {
      const request = (params ?? {}) as DocumentRequest;
      if (persistedId(request) === null && !persisted.only) return;
      const known = await contextOf(context.req);
      // Strangers do not learn which names are known.
      if (!known) throw unauthenticated();
      const asked = askedDocument(request, persisted, known.principal);
      if (asked && 'refused' in asked) throw asked.refused;
      if (asked) setParams({ ...params, query: asked.query });
    },
  };
}

function validation(rules: readonly ValidationRule[], limits: Limits, explorer: boolean): Plugin {
  return {
    onParse: ({ setParseFn }) => setParseFn((source: string) => parsedWithin(limits, source)),
    onValidate: ({ addValidationRule }) => {
      for (const rule of rules) addValidationRule(rule);
      return ({ result, setResult }) => {
        if (!explorer) setResult((result as readonly GraphQLError[]).map(withoutSuggestion));
      };
    },
  };
}

/** Who may not look at the schema is not helped to guess it. */
function withoutSuggestion(error: GraphQLError): GraphQLError {
  const message = error.message.replace(/ Did you mean .*$/s, '');
  if (message === error.message) return error;
  return new GraphQLError(message, { nodes: error.nodes ?? null, extensions: error.extensions });
}

/** What callers caused is shown; everything else is logged and masked, so that no internals leak. */
function masked(error: unknown, message: string, onError: (error: unknown) => void): Error {
  if (!(error instanceof GraphQLError)) return report(error, message, onError);
  const cause = error.originalError;
  if (!cause) return error;
  if (cause instanceof UserError || cause instanceof CursorError)
    return new GraphQLError(cause.message, {
      nodes: error.nodes ?? null,
      path: error.path ?? null,
      extensions: { code: 'BAD_USER_INPUT' },
    });
  if (cause instanceof GraphQLError) return cause;
  return report(cause, message, onError);
}

/** A result whose errors may be told. */
function withMasked<R extends { errors?: readonly GraphQLError[] | undefined }>(
  result: R,
  onError: (error: unknown) => void,
): R {
  if (result.errors === undefined) return result;
  return { ...result, errors: result.errors.map((one) => masked(one, 'Unexpected error.', onError) as GraphQLError) };
}

function report(error: unknown, message: string, onError: (error: unknown) => void): GraphQLError {
  onError(error);
  if (error instanceof StoreUnavailable)
    return new GraphQLError(UNAVAILABLE, { extensions: { code: 'SERVICE_UNAVAILABLE', http: { status: 503 } } });
  return new GraphQLError(message, { extensions: { code: 'INTERNAL_SERVER_ERROR' } });
}

const UNAVAILABLE =
  'The database of the server is not available at the moment: try again in a while. A change may have been made all the same.';

const EXPLORER_QUERY = `# All objects that are not ready, with the reason in words.
{
  virtualMachines(first: 20) {
    nodes { name project ready { status reason message } status { allocated } }
  }
  hosts(first: 20) { nodes { name ready { status message } } }
}
`;
