import type { IncomingMessage, ServerResponse } from 'node:http';

/** Answers JSON. */
export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(value));
}

export function sendText(response: ServerResponse, { type, text }: { type: string; text: string }): void {
  response.writeHead(200, { 'content-type': type, 'cache-control': 'no-store' });
  response.end(text);
}

/** An expected refusal: what is wrong and what would be right, in one sentence. */
export interface Refusal {
  status: number;
  error: string;
}

/** Refuses before the body was read: the connection ends with the answer, since the rest of the body is still under way. */
export function refuse(request: IncomingMessage, response: ServerResponse, { status, error }: Refusal): void {
  if (!request.complete) response.setHeader('connection', 'close');
  sendJson(response, status, { error });
}

/** Whether the method is one of these; otherwise the request is answered. */
export function allows(request: IncomingMessage, response: ServerResponse, methods: readonly string[]): boolean {
  if (methods.includes(request.method ?? '')) return true;
  response.setHeader('allow', methods.join(', '));
  refuse(request, response, { status: 405, error: `Only ${methods.join(' and ')} are answered here.` });
  return false;
}
