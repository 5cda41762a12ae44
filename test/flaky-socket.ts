import { mkdtemp, rm } from 'node:fs/promises';
import { createConnection, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What happens to the next `commit` (or another message) that passes. */
export type CommitFault =
  /** It never arrives, and the connection breaks. */
  | 'lostRequest'
  /** It is carried out, and the connection breaks before the answer. */
  | 'lostReply';

export interface FlakySocket {
  url: string;
  /** Strikes the next message that holds `words`, once. Default: a commit. */
  strike(fault: CommitFault, words?: string): void;
  struck(): number;
  close(): Promise<void>;
}

const COMMIT = 'commit\0';

/** A wire to a PostgreSQL on a Unix socket that breaks at the worst moment. */
export async function flakySocket(url: string): Promise<FlakySocket> {
  const target = `${new URL(url.replace('@/', '@localhost/')).searchParams.get('host')}/.s.PGSQL.5432`;
  const folder = await mkdtemp(join(tmpdir(), 'steward-flaky-'));
  const sockets = new Set<Socket>();
  let fault: CommitFault | null = null;
  let words = COMMIT;
  let struck = 0;
  const server = createServer((client) => {
    const upstream = createConnection(target);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => sockets.delete(socket));
    }
    let deaf = false;
    client.on('data', (chunk) => {
      if (fault === null || !chunk.includes(words)) {
        upstream.write(chunk);
        return;
      }
      struck++;
      deaf = true;
      if (fault === 'lostReply') upstream.end(chunk);
      else upstream.destroy();
      fault = null;
      client.destroy();
    });
    upstream.on('data', (chunk) => {
      if (!deaf) client.write(chunk);
    });
    client.on('close', () => upstream.end());
    upstream.on('close', () => client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(join(folder, '.s.PGSQL.5432'), resolve));
  return {
    url: url.replace(/host=.*$/, `host=${encodeURIComponent(folder)}`),
    strike: (next, at = COMMIT) => {
      fault = next;
      words = at;
    },
    struck: () => struck,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true, force: true });
    },
  };
}
