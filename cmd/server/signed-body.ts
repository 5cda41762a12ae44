import type { IncomingMessage } from 'node:http';
import { BODY_LIMITS } from '../../graphql/body.ts';
import { CONTENT_HEADER } from '../../identity/credentials.ts';
import { sameText } from '../../identity/one-way.ts';
import type { Parts } from '../../identity/parts.ts';
import type { Records } from '../../identity/records.ts';
import { contentSha256, parseSignedHeader } from '../../identity/signature.ts';
import { collectBody } from './auth-request.ts';
import type { Handler } from './http.ts';

const BODY_MS_MAX = 60_000;

/**
 * A signature covers the digest that the header names; that the body is what the digest says is found out here, before anybody reads it.
 * Stands before what takes signed requests. A large body is only waited for where a key signs that there is: strangers do not fill the memory.
 */
export const checkSignedBody =
  ({ records }: Pick<Parts, 'records'>): Handler =>
  async (req, res) => {
    const claimed = req.headers[CONTENT_HEADER];
    if (claimed === undefined) return false;
    if (!(Number(req.headers['content-length']) <= BODY_LIMITS.strangerBytes) && !(await isOfKey(records, req))) {
      res.writeHead(401, { 'content-type': 'application/json', connection: 'close' }).end(NO_KEY);
      return true;
    }
    const body = await collectBody(req, { maxBytes: BODY_LIMITS.bytes, maxMs: BODY_MS_MAX });
    if (body !== null && typeof claimed === 'string' && sameText(contentSha256(body), claimed)) return false;
    const error =
      body === null ? 'The body is too large or came too slowly.' : `The body is not what ${CONTENT_HEADER} says.`;
    res
      .writeHead(body === null ? 413 : 400, { 'content-type': 'application/json', connection: 'close' })
      .end(JSON.stringify({ error }));
    return true;
  };

const NO_KEY = '{"error":"A large body is taken from a key that signs it, and this is none."}';

/** Whether it names a secret that there is; that it signed with it is for others to judge, who need the body. */
async function isOfKey(records: Pick<Records, 'get'>, { headers }: IncomingMessage): Promise<boolean> {
  const signed = parseSignedHeader(headers.authorization ?? '');
  return signed !== null && (await records.get('apiKey', signed.key)) !== undefined;
}
