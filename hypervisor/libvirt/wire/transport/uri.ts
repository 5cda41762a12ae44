/** libvirt's connection URIs, `driver[+transport]://[user@][host][:port]/path[?extra]`, taken apart into what dialling needs. */
import { InvalidUri } from '../errors.ts';

export type Transport =
  | { readonly kind: 'unix'; readonly socketPaths: readonly string[] }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | {
      readonly kind: 'tls';
      readonly host: string;
      readonly port: number;
      /** Folder with cacert.pem, clientcert.pem and clientkey.pem; null for libvirt's standard places. */
      readonly pkiPath: string | null;
      /** The name the server's certificate must carry. */
      readonly serverName: string;
      readonly verify: boolean;
    }
  | {
      readonly kind: 'ssh';
      readonly host: string;
      readonly port: number;
      readonly user: string | null;
      readonly keyFile: string | null;
      readonly knownHostsFile: string | null;
      /** Sockets on the far side. */
      readonly socketPaths: readonly string[];
    };

export interface Target {
  readonly uri: string;
  readonly driver: string;
  /** What the server is asked to open: the URI without transport, user, host and this client's own parameters. */
  readonly remoteUri: string;
  readonly transport: Transport;
}

const shape = /^([a-z][a-z0-9]*)(?:\+([a-z0-9]+))?:\/\/([^/?#]*)([^?#]*)(?:\?([^#]*))?$/i;
const authorityShape = /^(?:([^@]*)@)?(\[[0-9a-f:.%]+\]|[^:[\]@]*)(?::([0-9]+))?$/i;
const examples = 'qemu:///system, test:///default, qemu+tls://host/system, qemu+ssh://user@host/system';
const unused = new Set(['netcat', 'proxy', 'no_tty', 'no_sanity', 'authfile']);
const refused: Record<string, string> = {
  command: 'this client runs no commands; it dials by itself',
  tls_priority: 'this client uses the cipher defaults of its runtime',
  auth: 'this client authenticates by certificate, socket permission or polkit',
  sshauth: 'this client uses keyfile=, the agent, and the usual key files, in this order',
  known_hosts_verify: 'host keys are always checked against known_hosts=',
};

interface Parts {
  readonly uri: string;
  readonly driver: string;
  readonly kind: string;
  readonly user: string | null;
  readonly host: string;
  readonly port: number | null;
  readonly path: string;
  readonly params: Map<string, string>;
  /** Parameters that are not this client's own and go to the server. */
  readonly passedOn: readonly string[];
}

/** Takes a URI apart. Throws InvalidUri, naming what is wrong and what would be right. `env` finds a session's socket. */
export function parseUri(uri: string, env: { readonly XDG_RUNTIME_DIR?: string | undefined } = {}): Target {
  const parts = partsOf(uri);
  const query = parts.passedOn.length > 0 ? `?${parts.passedOn.join('&')}` : '';
  return {
    uri,
    driver: parts.driver,
    remoteUri: parts.params.get('name') ?? `${parts.driver}://${parts.path}${query}`,
    transport: transportOf(parts, env.XDG_RUNTIME_DIR),
  };
}

function partsOf(uri: string): Parts {
  const match = shape.exec(uri);
  if (!match) throw new InvalidUri(`this is not a libvirt URI; it should look like one of ${examples}`);
  const [, driver = '', kind, authority = '', path = '', query = ''] = match;
  const inside = authorityShape.exec(authority);
  if (!inside)
    throw new InvalidUri(`the part between // and / should be [user@]host[:port], an IPv6 address in brackets`);
  const [, user, host = '', port] = inside;
  if (user?.includes(':')) {
    throw new InvalidUri('a URI must not hold a password; for SSH use a key (keyfile=) or an agent');
  }
  if (port !== undefined && (Number(port) < 1 || Number(port) > 65_535)) {
    throw new InvalidUri(`port ${port} is not between 1 and 65535 in ${uri}`);
  }
  return {
    uri,
    driver: driver.toLowerCase(),
    kind: (kind ?? (host === '' ? 'unix' : 'tls')).toLowerCase(),
    user: user === undefined || user === '' ? null : decoded(user, uri),
    host: host.replace(/^\[|\]$/g, ''),
    port: port === undefined ? null : Number(port),
    path: path === '' ? '/' : path,
    ...paramsOf(query, uri),
  };
}

const ownParams = new Set(['name', 'socket', 'mode', 'keyfile', 'known_hosts', 'pkipath', 'tls_hostname', 'no_verify']);

function paramsOf(query: string, uri: string): { params: Map<string, string>; passedOn: string[] } {
  const params = new Map<string, string>();
  const passedOn: string[] = [];
  for (const pair of query.split(/[&;]/).filter((text) => text !== '')) {
    const [rawName = '', ...rest] = pair.split('=');
    const name = decoded(rawName, uri).toLowerCase();
    const reason = refused[name];
    if (reason !== undefined) throw new InvalidUri(`the parameter ${name} cannot be used: ${reason}; leave it out`);
    if (ownParams.has(name)) params.set(name, decoded(rest.join('='), uri));
    else if (!unused.has(name)) passedOn.push(pair);
  }
  return { params, passedOn };
}

function transportOf(parts: Parts, runtimeDir: string | undefined): Transport {
  const { host, port, params } = parts;
  switch (parts.kind) {
    case 'unix':
      if (host !== '')
        throw new InvalidUri(
          `a local socket has no host: write ${parts.driver}+unix://${parts.path} in place of ${parts.uri}`,
        );
      return { kind: 'unix', socketPaths: socketPathsOf(parts, runtimeDir) };
    case 'tcp':
      return { kind: 'tcp', host: host || 'localhost', port: port ?? 16_509 };
    case 'tls':
      return {
        kind: 'tls',
        host: host || 'localhost',
        port: port ?? 16_514,
        pkiPath: absolute(params.get('pkipath'), 'pkipath'),
        serverName: params.get('tls_hostname') ?? (host || 'localhost'),
        verify: !isSet(params.get('no_verify')),
      };
    case 'ssh':
    case 'libssh':
    case 'libssh2':
      return sshOf(parts);
    default:
      throw new InvalidUri(
        `the transport ${parts.kind} is not known; known are unix, tls, ssh, tcp, as in ${examples}`,
      );
  }
}

function sshOf(parts: Parts): Transport {
  const { host, port, params, user } = parts;
  if (host === '') throw new InvalidUri(`SSH needs a host: ${parts.driver}+ssh://user@host${parts.path}`);
  if (isSet(params.get('no_verify'))) {
    throw new InvalidUri(
      'no_verify cannot be used with SSH: put the host key into a file and name it with known_hosts=',
    );
  }
  return {
    kind: 'ssh',
    host,
    port: port ?? 22,
    user,
    keyFile: absolute(params.get('keyfile'), 'keyfile'),
    knownHostsFile: absolute(params.get('known_hosts'), 'known_hosts'),
    socketPaths: socketPathsOf(parts, undefined),
  };
}

/** Where the daemon may listen, in order of preference: the monolithic libvirtd, then the driver's own daemon. */
function socketPathsOf(parts: Parts, runtimeDir: string | undefined): string[] {
  const named = absolute(parts.params.get('socket'), 'socket');
  if (named !== null) return [named];
  const mode = parts.params.get('mode') ?? 'auto';
  if (!['auto', 'direct', 'legacy'].includes(mode))
    throw new InvalidUri(`mode=${mode} is not known; it is auto, direct or legacy`);
  const folders = parts.path === '/session' ? sessionFolders(runtimeDir) : ['/run/libvirt', '/var/run/libvirt'];
  const paths: string[] = [];
  if (mode !== 'direct') paths.push(...folders.map((folder) => `${folder}/libvirt-sock`));
  if (mode !== 'legacy') paths.push(...folders.map((folder) => `${folder}/virt${parts.driver}d-sock`));
  return paths;
}

function sessionFolders(runtimeDir: string | undefined): string[] {
  if (!runtimeDir)
    throw new InvalidUri('where the session daemon listens is not known here: add socket=/path/to/libvirt-sock');
  return [`${runtimeDir}/libvirt`];
}

function absolute(path: string | undefined, name: string): string | null {
  if (path === undefined || path === '') return null;
  if (!path.startsWith('/')) throw new InvalidUri(`${name}=${path} is not an absolute path; write ${name}=/…`);
  return path;
}

function isSet(value: string | undefined): boolean {
  if (value !== undefined && !/^\d+$/.test(value))
    throw new InvalidUri(`no_verify=${value} is not a number; it is 0 or 1`);
  return value !== undefined && Number(value) !== 0;
}

function decoded(text: string, uri: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new InvalidUri(`${text} is not percent-encoded properly in ${uri}`);
  }
}
