import type { IncomingMessage } from 'node:http';

/** Whether what a request asks for is an address at all: whoever reads it later may take it apart without a thought. */
export function hasTarget({ url }: Pick<IncomingMessage, 'url'>): boolean {
  if (url === undefined || !URL.canParse(url, BASE)) return false;
  try {
    return !decodeURIComponent(new URL(url, BASE).pathname).includes('\0');
  } catch {
    return false;
  }
}

const BASE = 'http://localhost';
