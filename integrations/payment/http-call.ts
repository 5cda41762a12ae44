import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';

export interface HttpCall {
  method: 'GET' | 'POST';
  url: URL;
  headers: Readonly<Record<string, string>>;
  body: string;
  /** From the first byte to the last. */
  deadlineMs: number;
}

/** `sent: false`: the gateway cannot have seen any of it. Errors are codes: what was sent is in none of them. */
export type HttpAnswer =
  | { ok: true; status: number; body: string; headers: Readonly<Record<string, string | string[] | undefined>> }
  | { ok: false; sent: boolean; code: string };

const ANSWER_BYTES_MAX = 4 * 1024 * 1024;

/** One request on a connection of its own: a kept one that was closed meanwhile would leave every charge in doubt. */
export function httpCall({ method, url, headers, body, deadlineMs }: HttpCall): Promise<HttpAnswer> {
  return new Promise((resolve) => {
    const request = url.protocol === 'https:' ? httpsRequest : httpRequest;
    let sent = false;
    const outgoing = request(url, {
      method,
      agent: false,
      headers: { ...headers, 'content-length': String(Buffer.byteLength(body)), connection: 'close' },
    });
    const overdue = setTimeout(
      () => outgoing.destroy(Object.assign(new Error('overdue'), { code: 'ETIMEDOUT' })),
      deadlineMs,
    );
    const end = (answer: HttpAnswer) => {
      clearTimeout(overdue);
      resolve(answer);
    };
    const fail = (error: NodeJS.ErrnoException) => end({ ok: false, sent, code: error.code ?? 'ECONNRESET' });
    outgoing.on('socket', (socket) => {
      // The request is written once the connection stands, with TLS: not before.
      socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', () => {
        sent = true;
      });
    });
    outgoing.on('error', fail);
    outgoing.on('response', (answer) => {
      const pieces: Buffer[] = [];
      let bytes = 0;
      answer.on('data', (piece: Buffer) => {
        bytes += piece.length;
        if (bytes > ANSWER_BYTES_MAX) outgoing.destroy(Object.assign(new Error('too large'), { code: 'EMSGSIZE' }));
        else pieces.push(piece);
      });
      answer.on('error', fail);
      answer.on('end', () => {
        if (!answer.complete) return fail(Object.assign(new Error('cut off'), { code: 'ECONNRESET' }));
        const text = Buffer.concat(pieces).toString('utf8');
        end({ ok: true, status: answer.statusCode ?? 0, body: text, headers: answer.headers });
      });
    });
    outgoing.end(body);
  });
}
