import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Credentials, credentialsOf } from '../../identity/credentials.ts';
import { authorize, type Principal } from '../../reconciler/principal.ts';
import { allows, refuse, sendText } from './answer.ts';
import { createFiles, type FilesOptions } from './files.ts';
import { type HealthOptions, livez, readyz } from './health.ts';

export interface RestOptions {
  /** Who presents these credentials, with what it may do; null for nobody. */
  authenticate(credentials: Credentials): Promise<Principal | null>;
  health: HealthOptions;
  metrics(): Promise<{ type: string; text: string }>;
  files: FilesOptions;
  /** JSON Schemas for editors by their file names: `virtual-machine.json`. */
  schemas: readonly { name: string; text: string }[];
}

const OPENAPI = new URL('openapi.json', import.meta.url);

/**
 * The few endpoints beside GraphQL, as openapi.json says them: health, metrics, files, schemas. Answers true when the
 * request was one of them. Health, the description and the schemas hold nothing secret; the rest wants a token.
 */
export function createRest(options: RestOptions) {
  const files = createFiles(options.files);
  const schemas = new Map(options.schemas.map(({ name, text }) => [`/schemas/${name}`, text]));
  const openapi = readFileSync(OPENAPI, 'utf8');
  return async (request: IncomingMessage, response: ServerResponse): Promise<boolean> => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const text = url.pathname === '/openapi.json' ? openapi : schemas.get(url.pathname);
    if (text !== undefined) return reads(request, response, () => sendText(response, { type: JSON_TYPE, text }));
    if (url.pathname === '/livez') return reads(request, response, () => livez(response));
    if (url.pathname === '/readyz') return reads(request, response, () => readyz(response, options.health));
    if (url.pathname !== '/metrics' && !url.pathname.startsWith('/files/')) return false;
    const principal = await options.authenticate(credentialsOf(request));
    if (principal === null) response.setHeader('www-authenticate', 'Bearer');
    if (principal === null || !authorize(principal, verbOf(request), targetOf(url))) {
      refuse(request, response, principal === null ? UNAUTHENTICATED : FORBIDDEN);
      return true;
    }
    if (url.pathname !== '/metrics') await files.handle(request, response, url);
    else await reads(request, response, async () => sendText(response, await options.metrics()));
    return true;
  };
}

const JSON_TYPE = 'application/json';
const UNAUTHENTICATED = {
  status: 401,
  error: 'A token is needed: send "Authorization: Bearer …" with the token that the first start printed.',
};
/** The same whether the file is there or not. */
const FORBIDDEN = { status: 403, error: 'Your roles do not allow this.' };

function verbOf({ method }: IncomingMessage): 'get' | 'create' {
  return method === 'GET' || method === 'HEAD' ? 'get' : 'create';
}

/** Figures and files are nobody's in particular: a role allows all of them or none. */
function targetOf({ pathname }: URL): { kind: string; project: null } {
  return { kind: pathname === '/metrics' ? 'Metrics' : 'File', project: null };
}

async function reads(
  request: IncomingMessage,
  response: ServerResponse,
  answer: () => void | Promise<void>,
): Promise<true> {
  if (allows(request, response, ['GET', 'HEAD'])) await answer();
  return true;
}
