import type { Socket } from 'node:net';
import { reasonOf } from '../errors.ts';
import { connectSocket } from './net-socket.ts';

/** Plain TCP, neither encrypted nor authenticated: for a lab's own networks only. */
export async function dialTcp(at: { host: string; port: number }, signal: AbortSignal): Promise<Socket> {
  try {
    const socket = await connectSocket(at, signal);
    socket.setNoDelay(true);
    return socket;
  } catch (error) {
    throw new Error(`${at.host} port ${at.port}: ${reasonOf(error)}`, { cause: error });
  }
}
