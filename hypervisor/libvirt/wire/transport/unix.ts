import type { Duplex } from 'node:stream';
import { reasonOf } from '../errors.ts';
import { connectSocket, systemCode } from './net-socket.ts';

/** The first of the daemon's possible sockets that answers. */
export async function dialUnix(socketPaths: readonly string[], signal: AbortSignal): Promise<Duplex> {
  for (const path of socketPaths) {
    try {
      return await connectSocket({ path }, signal);
    } catch (error) {
      const code = systemCode(error);
      if (code === 'EACCES')
        throw new Error(`${path}: permission denied; run as root or as a member of the group that owns it`);
      if (code !== 'ENOENT' && code !== 'ECONNREFUSED')
        throw new Error(`${path}: ${reasonOf(error)}`, { cause: error });
    }
  }
  throw new Error(
    `nothing listens at ${socketPaths.join(' or ')}; start libvirtd, or name its socket with ?socket=/path`,
  );
}
