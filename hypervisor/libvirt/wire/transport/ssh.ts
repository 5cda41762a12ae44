import { readFile } from 'node:fs/promises';
import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { Client, type ConnectConfig, type ServerHostKeyAlgorithm } from 'ssh2';
import { reasonOf } from '../errors.ts';
import { fingerprint, judgeHostKey, knownKeyTypes } from './known-hosts.ts';
import { systemCode } from './net-socket.ts';
import { dialTcp } from './tcp.ts';
import type { Transport } from './uri.ts';

type SshTransport = Extract<Transport, { kind: 'ssh' }>;

/** What stands for one thing in ssh2's own words: RSA keys are stored under one name and used under three. */
const rsaAlgorithms: ServerHostKeyAlgorithm[] = ['rsa-sha2-512', 'rsa-sha2-256'];

/** The far daemon's socket, forwarded through SSH. The host's key must be on file; there is no way around it. */
export async function dialSsh(transport: SshTransport, signal: AbortSignal): Promise<Duplex> {
  const place = `SSH to ${transport.host} port ${transport.port}`;
  const file = transport.knownHostsFile ?? join(homedir(), '.ssh/known_hosts');
  const knownHosts = await readKnownHosts(file);
  const verdict = { problem: '' };
  const config = await configOf(transport, knownHosts);
  const sock = await dialTcp(transport, signal);
  const client = new Client();
  const hostVerifier = (key: Buffer): boolean => {
    verdict.problem = complaintAbout(knownHosts, transport, key, file);
    return verdict.problem === '';
  };
  try {
    await authenticated(client, { ...config, sock, hostVerifier }, signal);
    return await forwarded(client, transport.socketPaths, signal);
  } catch (error) {
    client.end();
    sock.destroy();
    throw new Error(`${place}: ${verdict.problem || reasonOf(error)}`, { cause: error });
  }
}

async function configOf(transport: SshTransport, knownHosts: string): Promise<ConnectConfig> {
  const types = knownKeyTypes(knownHosts, transport);
  const serverHostKey = types.flatMap((type) =>
    type === 'ssh-rsa' ? rsaAlgorithms : [type as ServerHostKeyAlgorithm],
  );
  const privateKey = await readKey(transport.keyFile);
  const agent = process.env.SSH_AUTH_SOCK;
  return {
    username: transport.user ?? userInfo().username,
    ...(privateKey === null ? {} : { privateKey }),
    ...(agent === undefined || transport.keyFile !== null ? {} : { agent }),
    ...(serverHostKey.length === 0 ? {} : { algorithms: { serverHostKey } }),
    // The whole dialling has one deadline, held by the caller's signal.
    readyTimeout: 0,
  };
}

function complaintAbout(knownHosts: string, at: SshTransport, key: Buffer, file: string): string {
  const print = fingerprint(key);
  switch (judgeHostKey(knownHosts, at, key)) {
    case 'known':
      return '';
    case 'revoked':
      return `the host shows a key that ${file} marks as revoked (${print})`;
    case 'changed':
      return `the host's key is not the one in ${file}: somebody may be in between, or the host was reinstalled (${print})`;
    case 'unknown':
      return `the host's key is not in ${file} (${print}); check it, then add it: ssh-keyscan -p ${at.port} ${at.host} >> ${file}`;
  }
}

function authenticated(client: Client, config: ConnectConfig, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abandon = () => reject(signal.reason);
    signal.addEventListener('abort', abandon, { once: true });
    client.on('ready', resolve);
    // The listener stays: ssh2 reports later failures here too, and the channel's end is what tells the connection.
    client.on('error', reject);
    client.on('close', () => reject(new Error('the server hung up')));
    if (signal.aborted) abandon();
    else client.connect(config);
  });
}

/** The first of the far sockets that opens. The SSH connection ends with it. */
async function forwarded(client: Client, paths: readonly string[], signal: AbortSignal): Promise<Duplex> {
  const problems: string[] = [];
  for (const path of paths) {
    signal.throwIfAborted();
    try {
      const channel = await forward(client, path, signal);
      channel.on('close', () => client.end());
      client.on('close', () => channel.destroy());
      return channel;
    } catch (error) {
      problems.push(`${path}: ${reasonOf(error)}`);
    }
  }
  throw new Error(`the libvirt socket does not open there (${problems.join('; ')})`);
}

function forward(client: Client, path: string, signal: AbortSignal): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const abandon = () => reject(signal.reason);
    signal.addEventListener('abort', abandon, { once: true });
    client.openssh_forwardOutStreamLocal(path, (error, channel) => {
      signal.removeEventListener('abort', abandon);
      if (error) reject(error);
      else resolve(channel);
    });
  });
}

async function readKnownHosts(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new Error(`${file} cannot be read (${systemCode(error) ?? reasonOf(error)}); SSH hosts must be known there`);
  }
}

/** The key named in the URI, or the first usual one there is. Null leaves it to the agent. */
async function readKey(keyFile: string | null): Promise<Buffer | null> {
  if (keyFile !== null) {
    return await readFile(keyFile).catch((error: unknown) => {
      throw new Error(`keyfile=${keyFile} cannot be read (${systemCode(error) ?? reasonOf(error)})`);
    });
  }
  for (const name of ['id_ed25519', 'id_ecdsa', 'id_rsa']) {
    const key = await readFile(join(homedir(), '.ssh', name)).catch(() => null);
    if (key !== null) return key;
  }
  return null;
}
