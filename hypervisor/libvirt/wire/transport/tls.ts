import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { connect, type TLSSocket } from 'node:tls';
import { asError, reasonOf } from '../errors.ts';
import { systemCode } from './net-socket.ts';
import { dialTcp } from './tcp.ts';
import type { Transport } from './uri.ts';

type TlsTransport = Extract<Transport, { kind: 'tls' }>;

interface Credentials {
  readonly ca: Buffer;
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly crl?: Buffer;
}

/**
 * TLS with a client certificate. After its handshake libvirtd looks at our certificate and sends one byte, 1, when it likes it;
 * otherwise it hangs up. Only then does its protocol begin.
 */
export async function dialTls(transport: TlsTransport, signal: AbortSignal): Promise<Duplex> {
  const credentials = await readCredentials(transport.pkiPath);
  const tcp = await dialTcp(transport, signal);
  const socket = connect({
    socket: tcp,
    ...credentials,
    minVersion: 'TLSv1.2',
    rejectUnauthorized: transport.verify,
    // A name is sent and compared; an address is only compared, with the certificate's IP entries.
    ...(isIP(transport.serverName) ? { host: transport.serverName } : { servername: transport.serverName }),
  });
  // Errors may follow the one that settles the matter, and one without a listener would end the process.
  socket.on('error', () => undefined);
  writeSingly(socket);
  try {
    await admitted(socket, signal);
    return socket;
  } catch (error) {
    socket.destroy();
    throw new Error(`TLS with ${transport.host} port ${transport.port}: ${reasonOf(error)}`, { cause: error });
  }
}

/**
 * Keeps the runtime from putting several packets into one TLS record. libvirtd decrypts a whole record, serves the first packet
 * in it, and goes to sleep on the socket without looking at what it has decrypted already: the rest would wait for seconds.
 */
function writeSingly(socket: TLSSocket): void {
  Object.defineProperty(socket, '_writev', { value: undefined });
}

function admitted(socket: TLSSocket, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onReadable = () => {
      const byte = socket.read(1) as Buffer | null;
      if (byte === null) return;
      if (byte[0] === 1) settle(null);
      else settle(new Error('the server did not greet as libvirtd does; is this its TLS port?'));
    };
    const onClose = () => {
      settle(new Error('the server hung up: it does not accept our certificate (see tls_allowed_dn_list and its CA)'));
    };
    const onAbort = () => settle(signal.reason);
    const settle = (error: unknown) => {
      socket.off('readable', onReadable).off('close', onClose).off('end', onClose).off('error', settle);
      signal.removeEventListener('abort', onAbort);
      if (error) reject(error);
      else resolve();
    };
    socket.on('readable', onReadable).on('close', onClose).on('end', onClose).on('error', settle);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
  });
}

/** The files libvirt's own client uses, from where it looks for them. */
async function readCredentials(pkiPath: string | null): Promise<Credentials> {
  if (pkiPath !== null) return readFolder({ ca: pkiPath, cert: pkiPath, key: pkiPath });
  const own = join(homedir(), '.pki/libvirt');
  try {
    return await readFolder({ ca: own, cert: own, key: own });
  } catch (error) {
    if (systemCode(asError(error).cause) !== 'ENOENT') throw error;
  }
  return readFolder({ ca: '/etc/pki/CA', cert: '/etc/pki/libvirt', key: '/etc/pki/libvirt/private' });
}

async function readFolder(folders: { ca: string; cert: string; key: string }): Promise<Credentials> {
  const ca = await readPem(join(folders.ca, 'cacert.pem'));
  const cert = await readPem(join(folders.cert, 'clientcert.pem'));
  const key = await readPem(join(folders.key, 'clientkey.pem'));
  const crl = await readFile(join(folders.ca, 'cacrl.pem')).catch(() => null);
  return crl === null ? { ca, cert, key } : { ca, cert, key, crl };
}

async function readPem(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    const remedy = 'put libvirt client certificates there, or name their folder with ?pkipath=/path';
    throw new Error(`${path} cannot be read (${systemCode(error) ?? reasonOf(error)}); ${remedy}`, { cause: error });
  }
}
