import { connect, type NetConnectOpts, type Socket } from 'node:net';
import { types } from 'node:util';

/** A connected socket, or a rejection with the system's error. The signal abandons the attempt. */
export function connectSocket(options: NetConnectOpts, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(options);
    const settle = (error: unknown) => {
      signal.removeEventListener('abort', abandon);
      socket.removeListener('error', settle);
      if (!error) return resolve(socket);
      socket.destroy();
      // Nobody listens any more, and an error without a listener would end the process.
      socket.on('error', () => undefined);
      reject(error);
    };
    const abandon = () => settle(signal.reason);
    socket.once('connect', () => settle(null));
    socket.once('error', settle);
    signal.addEventListener('abort', abandon, { once: true });
    if (signal.aborted) abandon();
  });
}

/** The system's code of an error (`ENOENT`), if it has one. */
export function systemCode(error: unknown): string | undefined {
  return types.isNativeError(error) && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
