import type { Duplex } from 'node:stream';
import { dialTcp } from './tcp.ts';
import { dialTls } from './tls.ts';
import { dialUnix } from './unix.ts';
import type { Transport } from './uri.ts';

/** An established byte stream to the daemon, ready for its first call. Rejects with what stood in the way; the signal gives up. */
export async function dial(transport: Transport, signal: AbortSignal): Promise<Duplex> {
  switch (transport.kind) {
    case 'unix':
      return dialUnix(transport.socketPaths, signal);
    case 'tcp':
      return dialTcp(transport, signal);
    case 'tls':
      return dialTls(transport, signal);
    case 'ssh':
      return (await import('./ssh.ts')).dialSsh(transport, signal);
  }
}
