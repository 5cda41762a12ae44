import { createHash } from 'node:crypto';

export interface GitLocation {
  url: string;
  branch: string;
  /** Folder in the repository, '' for the whole. */
  path: string;
}

export type GitScheme = 'https' | 'ssh' | 'file';

const CONTROL = /[\p{Cc}\s]/u;
const BRANCH = /^(?!-)(?!.*(\.\.|\/\/|@\{|\.lock(\/|$)))[A-Za-z0-9._][A-Za-z0-9._/+@=-]{0,198}$/;
const SCP = /^(?<user>[A-Za-z0-9][A-Za-z0-9._-]*)@(?<host>[A-Za-z0-9][A-Za-z0-9.-]*):(?<path>[^-/][^:]*)$/;

/**
 * What is wrong with a place in Git, or null. Strings that users write reach the git binary, so only what is known to be harmless
 * passes: known schemes, no options, no credentials in URLs (they would end up in logs), no way out of the repository.
 */
export function gitLocationError(location: GitLocation, schemes: readonly GitScheme[]): string | null {
  return urlError(location.url, schemes) ?? branchError(location.branch) ?? pathError(location.path);
}

function urlError(url: string, schemes: readonly GitScheme[]): string | null {
  const wanted = `expected ${schemes.map((s) => `${s}://`).join(' or ')}`;
  if (url.length > 2048 || CONTROL.test(url) || url.startsWith('-')) return `the URL is not one; ${wanted}`;
  if (SCP.test(url)) return schemes.includes('ssh') ? null : `the URL is of scheme ssh; ${wanted}`;
  if (!URL.canParse(url)) return `the URL "${url}" is not one; ${wanted}`;
  const parsed = new URL(url);
  const scheme = parsed.protocol.slice(0, -1);
  if (!schemes.some((s) => s === scheme)) return `the URL is of scheme ${scheme.slice(0, 20)}; ${wanted}`;
  if (parsed.password !== '' || (scheme === 'https' && parsed.username !== ''))
    return 'the URL holds credentials; put them into a Secret and name it in "secret"';
  if (parsed.hostname.startsWith('-') || parsed.username.startsWith('-')) return `the URL's host is not one; ${wanted}`;
  if (scheme !== 'file' && parsed.hostname === '') return `the URL has no host; ${wanted}`;
  if (scheme === 'https' && isLocal(parsed.hostname)) return 'the URL leads to this machine itself';
  return null;
}

/** Loopback, link-local (cloud metadata) and unspecified addresses: a URL must not reach what only the server can reach. */
function isLocal(host: string): boolean {
  return /^(localhost|.*\.localhost|127\.[\d.]+|0\.[\d.]+|169\.254\.[\d.]+|\[(::1?|fe[89ab].*|::ffff:.*)\])$/i.test(
    host,
  );
}

function branchError(branch: string): string | null {
  if (BRANCH.test(branch) && !/[./]$/.test(branch)) return null;
  return `the branch ${JSON.stringify(branch.slice(0, 80))} is not a branch's name`;
}

function pathError(path: string): string | null {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  const bad = path.startsWith('/') || parts.includes('..') || parts.includes('.git') || /[\p{Cc}\\]/u.test(path);
  return bad ? `the path ${JSON.stringify(path.slice(0, 80))} must stay within the repository` : null;
}

/** Name of the folder that caches a repository's branch. */
export function cacheName(location: GitLocation): string {
  return createHash('sha256').update(`${location.url}\0${location.branch}`).digest('hex').slice(0, 32);
}

/** Host of a URL, as known_hosts and credentials are about. */
export function isSsh(url: string): boolean {
  return SCP.test(url) || url.startsWith('ssh://');
}

/** The host that a URL leads to, without brackets; null for a folder. */
export function hostOf(url: string): { host: string; port: number } | null {
  const scp = SCP.exec(url)?.groups?.host;
  if (scp !== undefined) return { host: scp, port: DEFAULT_PORTS.ssh };
  const { protocol, hostname, port } = new URL(url);
  if (protocol === 'file:') return null;
  const fallback = protocol === 'ssh:' ? DEFAULT_PORTS.ssh : DEFAULT_PORTS.https;
  return { host: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? fallback : Number(port) };
}

const DEFAULT_PORTS = { ssh: 22, https: 443 };
