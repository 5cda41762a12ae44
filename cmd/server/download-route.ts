import type { IncomingMessage, ServerResponse } from 'node:http';
import { allows as allowsMethod, refuse } from '../../graphql/rest/answer.ts';
import { credentialsOf } from '../../identity/credentials.ts';
import type { Principal } from '../../reconciler/principal.ts';
import type { Handler } from './http.ts';
import type { Authenticate } from './identity.ts';

/** A file that was written for one reader, under the name that a browser keeps it by. */
export interface Download {
  name: string;
  mediaType: string;
  content: Uint8Array | string;
}

export interface Refused {
  status: number;
  error: string;
}

/** `GET PREFIX…`: a file for those who may read it, written anew each time and kept by no cache between. */
export function downloadRoute(parts: {
  prefix: string;
  authenticate: Authenticate;
  answer(url: URL, principal: Principal): Promise<Download | Refused>;
}): Handler {
  return async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    if (!url.pathname.startsWith(parts.prefix)) return false;
    if (!allowsMethod(request, response, ['GET', 'HEAD'])) return true;
    const principal = await parts.authenticate(credentialsOf(request));
    const answer = principal === null ? ANONYMOUS : await parts.answer(url, principal);
    if ('error' in answer) refused(request, response, answer);
    else send(response, answer);
    return true;
  };
}

const ANONYMOUS: Refused = { status: 401, error: 'A token is needed: send "Authorization: Bearer …".' };

function refused(request: IncomingMessage, response: ServerResponse, answer: Refused): void {
  if (answer.status === 401) response.setHeader('www-authenticate', 'Bearer');
  refuse(request, response, answer);
}

function send(response: ServerResponse, { content, mediaType, name }: Download): void {
  const plain = name.replace(/[^A-Za-z0-9._-]/g, '_');
  response.writeHead(200, {
    'content-type': mediaType,
    'content-disposition': `attachment; filename="${plain}"`,
    'cache-control': 'private, no-store',
  });
  response.end(content);
}
