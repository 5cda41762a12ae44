import { CONTENT_HEADER } from '../../identity/credentials.ts';
import { sameText } from '../../identity/one-way.ts';
import { contentSha256 } from '../../identity/signature.ts';
import { collectBody } from './auth-request.ts';
import type { Handler } from './http.ts';

const BODY_BYTES_MAX = 16 * 1024 * 1024;
const BODY_MS_MAX = 60_000;

/**
 * A signature covers the digest that the header names; that the body is what the digest says is found out here, before anybody reads it.
 * Stands before what takes signed requests.
 */
export const checkSignedBody: Handler = async (req, res) => {
  const claimed = req.headers[CONTENT_HEADER];
  if (claimed === undefined) return false;
  const body = await collectBody(req, { maxBytes: BODY_BYTES_MAX, maxMs: BODY_MS_MAX });
  if (body !== null && typeof claimed === 'string' && sameText(contentSha256(body), claimed)) return false;
  const error =
    body === null ? 'The body is too large or came too slowly.' : `The body is not what ${CONTENT_HEADER} says.`;
  res
    .writeHead(body === null ? 413 : 400, { 'content-type': 'application/json', connection: 'close' })
    .end(JSON.stringify({ error }));
  return true;
};
