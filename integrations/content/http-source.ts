import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import type { PortErrorCode, Result } from '../../hypervisor/port.ts';
import type { AllowList } from './address.ts';
import { checkTarget, type Resolve, type Target } from './guard.ts';

const REDIRECTS_MAX = 5;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

export interface HttpOptions {
  resolve: Resolve;
  allowed: AllowList;
  /** Until the answer's head is there. */
  headTimeoutMs: number;
  /** Longest pause between two pieces of the body. */
  idleTimeoutMs: number;
}

export interface HttpGet {
  url: string;
  /** Only this many bytes from the start, if the server can. */
  firstBytes?: number;
  /** True: an https address may lead to an http one, since a checksum will tell. */
  mayLoseTls: boolean;
  signal?: AbortSignal | undefined;
}

/** A GET that follows at most five redirects, each checked like the first. The body is not read yet: destroy it or read it. */
export async function httpGet(get: HttpGet, options: HttpOptions): Promise<Result<IncomingMessage>> {
  let text = get.url;
  for (let hop = 0; hop <= REDIRECTS_MAX; hop++) {
    const target = await checkTarget(text, options);
    if (!target.ok) return target;
    const answer = await send(target.value, get, options);
    if (!answer.ok) return answer;
    const { statusCode = 0, headers } = answer.value;
    if (!REDIRECTS.has(statusCode)) return accepted(answer.value, target.value.url);
    answer.value.destroy();
    const { location } = headers;
    const { url } = target.value;
    if (location === undefined || !URL.canParse(location, url))
      return failed('Failed', `${url.host} redirects to nowhere`);
    const next = new URL(location, url);
    if (url.protocol === 'https:' && next.protocol === 'http:' && !get.mayLoseTls) {
      return failed('Invalid', `${url.host} redirects from https to http; give a checksum to allow that`);
    }
    text = next.href;
  }
  return failed('Invalid', `more than ${REDIRECTS_MAX} redirects`);
}

function accepted(answer: IncomingMessage, { host }: URL): Result<IncomingMessage> {
  const { statusCode = 0, headers } = answer;
  const encoding = headers['content-encoding'] ?? 'identity';
  const answers = statusCode === 200 || statusCode === 206;
  // Such as a form to sign in, or a notice of maintenance: what was asked for may be there later.
  const page = /^\s*(text\/html|application\/xhtml)/i.test(headers['content-type'] ?? '');
  if (answers && encoding === 'identity' && !page) return { ok: true, value: answer };
  answer.destroy();
  if (answers && page) return failed('Failed', `${host} answers with a web page, not with a file`);
  if (answers) return failed('Unsupported', `${host} sends it encoded as ${encoding}`);
  if (statusCode === 404 || statusCode === 410) return failed('NotFound', `${host} answers ${statusCode}`);
  return failed('Failed', `${host} answers ${statusCode}`);
}

function send(target: Target, get: HttpGet, options: HttpOptions): Promise<Result<IncomingMessage>> {
  return new Promise((resolve) => {
    const request = target.url.protocol === 'https:' ? httpsRequest : httpRequest;
    const sent = request(target.url, requestOptions(target, get));
    const overdue = setTimeout(() => sent.destroy(new Error('no answer in time')), options.headTimeoutMs);
    sent.on('response', (answer) => {
      clearTimeout(overdue);
      // Whoever reads the body hears of its errors; while nobody reads yet they must not end the process.
      answer.on('error', () => {});
      answer.setTimeout(options.idleTimeoutMs, () => answer.destroy(new Error('nothing came for too long')));
      resolve({ ok: true, value: answer });
    });
    sent.on('error', (error) => {
      clearTimeout(overdue);
      const code = get.signal?.aborted ? 'Aborted' : 'Unreachable';
      resolve(failed(code, `${target.url.host} cannot be read: ${error.message}`));
    });
    sent.end();
  });
}

function requestOptions({ address }: Target, { firstBytes, signal }: HttpGet): RequestOptions {
  const family = isIP(address);
  const range = firstBytes === undefined ? {} : { range: `bytes=0-${firstBytes - 1}` };
  return {
    agent: false,
    headers: { 'accept-encoding': 'identity', 'user-agent': 'steward', ...range },
    // Whatever is looked up, the connection goes to the address that was checked.
    lookup: (_hostname, asked, callback) => {
      if (asked.all) callback(null, [{ address, family }]);
      else callback(null, address, family);
    },
    ...(signal ? { signal } : {}),
  };
}

function failed(code: PortErrorCode, message: string): Result<never> {
  return { ok: false, error: { code, message } };
}
