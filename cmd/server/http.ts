import {
  createServer as createHttp,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { StoreUnavailable } from '../../reconciler/store-unavailable.ts';
import { createForwarded } from './forwarded.ts';
import { hasTarget } from './request-target.ts';

export interface HttpOptions {
  host: string;
  port: number;
  tls: { cert: string; key: string } | null;
  /** Addresses and networks of proxies that say for whom they ask. Default none. */
  trustedProxies?: readonly string[];
  /** How long a body may take to arrive; a file's may take longer. */
  bodyMs?: number;
}

/** Answers a request, or says that it is none of its own. */
export type Handler = (req: IncomingMessage, res: ServerResponse) => boolean | Promise<boolean>;

const HEADERS = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
} as const;

const BODY_MS = 60_000;
/** For whoever takes a WebSocket to take it. */
const UPGRADE_MS = 10_000;
const NOWHERE = '/nowhere';

/** Whoever came by TLS once comes by nothing else for a year. */
const TLS_HEADERS = { 'strict-transport-security': 'max-age=31536000' } as const;

export function createServer(
  { tls, trustedProxies = [], bodyMs = BODY_MS }: Pick<HttpOptions, 'tls' | 'trustedProxies' | 'bodyMs'>,
  handlers: readonly Handler[],
  onError: (error: unknown) => void,
): Server {
  const forwarded = createForwarded(trustedProxies);
  const listener: RequestListener = (req, res) => {
    if (!hasTarget(req)) return void res.writeHead(400, { ...HEADERS, connection: 'close' }).end();
    forwarded(req);
    boundBody(req, bodyMs);
    void answer({ req, res, handlers, onError, headers: tls ? { ...HEADERS, ...TLS_HEADERS } : HEADERS });
  };
  const server = tls
    ? (createHttps({ cert: tls.cert, key: tls.key }, listener) as unknown as Server)
    : createHttp(listener);
  // Before those who take WebSockets.
  server.on('upgrade', (req, socket) => {
    forwarded(req);
    // Nobody listens to this socket until somebody takes it, and nobody may: then it ends by itself, and its errors are nobody's.
    socket.on('error', () => socket.destroy());
    (socket as Socket).setTimeout(UPGRADE_MS, () => socket.destroy());
    if (hasTarget(req)) return;
    req.url = NOWHERE;
    socket.destroy();
  });
  // The whole of a large upload; what is silent meanwhile is cut off by the upload itself.
  server.requestTimeout = 6 * 3_600_000;
  server.headersTimeout = 15_000;
  server.maxHeadersCount = 100;
  return server;
}

/** Bodies that come a byte at a time hold nobody's place for long. */
function boundBody(req: IncomingMessage, bodyMs: number): void {
  if (req.method === 'GET' || req.method === 'HEAD' || req.url?.startsWith('/files/')) return;
  const timer = setTimeout(() => {
    if (!req.complete) req.destroy();
  }, bodyMs);
  req.once('close', () => clearTimeout(timer));
}

async function answer({
  req,
  res,
  handlers,
  onError,
  headers,
}: {
  req: IncomingMessage;
  res: ServerResponse;
  headers: Readonly<Record<string, string>>;
  handlers: readonly Handler[];
  onError(error: unknown): void;
}): Promise<void> {
  for (const [name, value] of Object.entries(headers)) res.setHeader(name, value);
  try {
    for (const handle of handlers) if (await handle(req, res)) return;
    res
      .writeHead(404, { 'content-type': 'application/json' })
      .end('{"error":"Nothing is here. The API is at /graphql, its REST part at /openapi.json."}');
  } catch (error) {
    // Whoever went away in the middle of a request is no error here, and hears nothing.
    if (req.destroyed && !req.complete) return;
    onError(error);
    const away = error instanceof StoreUnavailable;
    if (!res.headersSent) res.writeHead(away ? 503 : 500, { 'content-type': 'application/json' });
    res.end(`{"error":"${away ? 'The database of the server is not available at the moment.' : 'Unexpected error.'}"}`);
  }
}

/** Listens, and answers the base URL. A port that is taken is an error that says so. */
export function listen(server: Server, { host, port, tls }: HttpOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = `${host}:${port} is taken by another program. Choose another with --listen ${host}:PORT.`;
      reject(error.code === 'EADDRINUSE' ? new Error(taken) : error);
    });
    server.listen(port, host, () => {
      const address = server.address() as AddressInfo;
      const name = address.family === 'IPv6' ? `[${address.address}]` : address.address;
      resolve(`${tls ? 'https' : 'http'}://${name}:${address.port}`);
    });
  });
}

export async function closeServer(server: Server, graceMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearTimeout(timer);
}

/** A handler that owns the requests below one path. */
export function below(path: string, handle: (req: IncomingMessage, res: ServerResponse) => unknown): Handler {
  return async (req, res) => {
    const { pathname } = new URL(req.url ?? '/', 'http://localhost');
    if (pathname !== path && !pathname.startsWith(`${path}/`)) return false;
    await handle(req, res);
    return true;
  };
}
