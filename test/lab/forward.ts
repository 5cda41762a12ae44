import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { environment } from './command.ts';
import type { Namespace } from './namespace.ts';

/** An end outside the lab of a TCP connection inside it. */
export type Forward = {
  /** The port on 127.0.0.1; 0 where it listens on a unix socket. */
  port: number;
  close(): Promise<void>;
};

/**
 * Lets a program outside reach a TCP port of a lab host over the lab's switch, so that a partition cuts it off like a
 * real network would: connections hang, nothing is refused. Listens on a free loopback port, or on a unix socket.
 */
export async function forward(to: {
  through: Namespace;
  address: string;
  port: number;
  socketPath?: string;
}): Promise<Forward> {
  const open = new Set<() => void>();
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const end = pipe(client, to);
    open.add(end);
    client.once('close', () => open.delete(end));
  });
  server.listen(to.socketPath === undefined ? { host: '127.0.0.1', port: 0 } : { path: to.socketPath });
  await once(server, 'listening');
  const bound = server.address();
  return {
    port: bound !== null && typeof bound === 'object' ? bound.port : 0,
    close: async () => {
      if (!server.listening) return;
      for (const end of open) end();
      server.close();
      await once(server, 'close');
    },
  };
}

function pipe(client: Socket, to: { through: Namespace; address: string; port: number }): () => void {
  const inNetwork = [`--target=${to.through.pid}`, '--net', '--'];
  const nc = spawn('nsenter', [...inNetwork, 'busybox', 'nc', to.address, String(to.port)], {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: environment(),
  });
  const end = () => {
    client.destroy();
    nc.kill('SIGKILL');
  };
  client.pipe(nc.stdin);
  nc.stdout.pipe(client);
  for (const stream of [client, nc.stdin, nc.stdout]) stream.on('error', end);
  nc.once('error', end);
  nc.once('exit', end);
  client.once('close', end);
  return end;
}
