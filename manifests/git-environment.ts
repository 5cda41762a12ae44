import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';
import type { GitScheme } from './git-location.ts';
import { hostOf, isSsh } from './git-location.ts';

const SSH_PORT = 22;

/** Opened credentials, by the names that a Secret's `data` uses: `token`, or `username` and `password`, or `sshKey` with `knownHosts`. */
export type GitCredentials = Readonly<Record<string, string>>;

export interface GitEnvironment {
  variables: Record<string, string>;
  /** Removes what holds credentials. */
  dispose(): Promise<void>;
}

/**
 * The whole environment of a git process: nothing of the server's own gets in, no user or system configuration is read, nothing is
 * asked on a terminal, no other transport is possible, and credentials appear neither in arguments nor in the repository.
 */
export async function gitEnvironment(input: {
  home: string;
  url: string;
  /** Where the URL's host was found to be: only this is connected to, whatever the name answers a moment later. Null for a folder. */
  address: string | null;
  schemes: readonly GitScheme[];
  credentials: GitCredentials | null;
}): Promise<GitEnvironment> {
  await mkdir(input.home, { recursive: true, mode: 0o700 });
  const scratch = await mkdtemp(join(input.home, 'run-'));
  const ssh = isSsh(input.url) ? await sshCommand({ ...input, scratch }) : null;
  const variables = {
    PATH: process.env.PATH ?? '/usr/bin:/bin',
    HOME: scratch,
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ALLOW_PROTOCOL: input.schemes.join(':'),
    ...(ssh !== null && { GIT_SSH_COMMAND: ssh }),
    ...configVariables(settings(input)),
  };
  return { variables, dispose: () => rm(scratch, { recursive: true, force: true }) };
}

function settings(input: {
  url: string;
  address: string | null;
  credentials: GitCredentials | null;
}): [string, string][] {
  const fixed: [string, string][] = [
    // A redirect could lead to places that the URL was checked not to lead to.
    ['http.followRedirects', 'false'],
    ['http.lowSpeedLimit', '1000'],
    ['http.lowSpeedTime', '30'],
    ['fetch.fsckObjects', 'true'],
    ['submodule.recurse', 'false'],
    ['gc.auto', '0'],
    ['maintenance.auto', 'false'],
    ...pinned(input),
  ];
  const { token, username = 'git', password = token } = input.credentials ?? {};
  if (password === undefined || !input.url.startsWith('https://')) return fixed;
  const basic = Buffer.from(`${username}:${password}`).toString('base64');
  return [...fixed, [`http.${new URL(input.url).origin}/.extraHeader`, `Authorization: Basic ${basic}`]];
}

function pinned({ url, address }: { url: string; address: string | null }): [string, string][] {
  const at = hostOf(url);
  if (!at || address === null || isSsh(url) || isIP(at.host) !== 0) return [];
  return [['http.curloptResolve', `${at.host}:${at.port}:${isIP(address) === 6 ? `[${address}]` : address}`]];
}

function configVariables(pairs: readonly [string, string][]): Record<string, string> {
  const entries = pairs.flatMap(([key, value], i) => [
    [`GIT_CONFIG_KEY_${i}`, key],
    [`GIT_CONFIG_VALUE_${i}`, value],
  ]);
  return { GIT_CONFIG_COUNT: String(pairs.length), ...Object.fromEntries(entries) };
}

/** Without `knownHosts` in the secret, a host's key is taken on trust at its first use and held to from then on. */
async function sshCommand(input: {
  home: string;
  scratch: string;
  url: string;
  address: string | null;
  credentials: GitCredentials | null;
}): Promise<string> {
  const { sshKey, knownHosts } = input.credentials ?? {};
  const hosts = knownHosts === undefined ? join(input.home, 'known_hosts') : join(input.scratch, 'known_hosts');
  if (knownHosts !== undefined) await writeFile(hosts, `${knownHosts.trimEnd()}\n`, { mode: 0o600 });
  const key = join(input.scratch, 'key');
  if (sshKey !== undefined) await writeFile(key, `${sshKey.trimEnd()}\n`, { mode: 0o600 });
  const lines = [
    'BatchMode yes',
    `StrictHostKeyChecking ${knownHosts === undefined ? 'accept-new' : 'yes'}`,
    `UserKnownHostsFile "${hosts}"`,
    'IdentitiesOnly yes',
    ...(sshKey === undefined ? [] : [`IdentityFile "${key}"`]),
    'ConnectTimeout 15',
    'ForwardAgent no',
    'ClearAllForwardings yes',
    'PermitLocalCommand no',
  ];
  const at = hostOf(input.url);
  // Keys are known by the host's name, though the connection goes to its address.
  if (at && input.address !== null && isIP(at.host) === 0)
    lines.push(
      `HostName ${input.address}`,
      `HostKeyAlias ${at.port === SSH_PORT ? at.host : `[${at.host}]:${at.port}`}`,
    );
  const config = join(input.scratch, 'ssh_config');
  await writeFile(config, `${lines.join('\n')}\n`, { mode: 0o600 });
  return `ssh -F '${config.replaceAll("'", "'\\''")}'`;
}
