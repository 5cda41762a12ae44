/** OpenSSH's known_hosts files: does a host's key match what was written down about it? */
import { createHash, createHmac } from 'node:crypto';

export type HostKeyVerdict = 'known' | 'unknown' | 'changed' | 'revoked';

interface Entry {
  readonly revoked: boolean;
  readonly type: string;
  readonly key: string;
}

interface Host {
  readonly host: string;
  readonly port: number;
}

/** The verdict on a key that a host showed (its SSH wire form). A revoked key is refused whatever else the file says. */
export function judgeHostKey(contents: string, at: Host, key: Buffer): HostKeyVerdict {
  const entries = entriesFor(contents, at);
  const shown = key.toString('base64');
  const same = entries.filter((entry) => entry.key === shown);
  if (same.some((entry) => entry.revoked)) return 'revoked';
  if (same.length > 0) return 'known';
  return entries.some((entry) => !entry.revoked) ? 'changed' : 'unknown';
}

/** Key types on file for a host (`ssh-ed25519`), so that it is asked for one that can be checked. */
export function knownKeyTypes(contents: string, at: Host): string[] {
  return [...new Set(entriesFor(contents, at).flatMap((entry) => (entry.revoked ? [] : [entry.type])))];
}

/** The fingerprint that ssh-keygen -l shows. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

function entriesFor(contents: string, { host, port }: Host): Entry[] {
  const name = port === 22 ? host.toLowerCase() : `[${host.toLowerCase()}]:${port}`;
  return contents.split('\n').flatMap((line) => {
    const fields = line.trim().split(/\s+/);
    const marker = fields[0]?.startsWith('@') ? fields.shift() : undefined;
    const [patterns, type, key] = fields;
    if (!patterns || !type || !key || patterns.startsWith('#')) return [];
    // Certificate authorities are for host certificates, which are not asked for here.
    if (marker !== undefined && marker !== '@revoked') return [];
    return matches(patterns, name) ? [{ revoked: marker === '@revoked', type, key }] : [];
  });
}

function matches(patterns: string, name: string): boolean {
  if (patterns.startsWith('|')) return matchesHash(patterns, name);
  const all = patterns.toLowerCase().split(',');
  const hit = (pattern: string) => globMatches(pattern, name);
  if (all.some((pattern) => pattern.startsWith('!') && hit(pattern.slice(1)))) return false;
  return all.some((pattern) => !pattern.startsWith('!') && hit(pattern));
}

function matchesHash(hashed: string, name: string): boolean {
  const [, version, salt, hash] = hashed.split('|');
  if (version !== '1' || !salt || !hash) return false;
  return createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64') === hash;
}

function globMatches(pattern: string, name: string): boolean {
  const source = pattern.replace(/[.*+?^${}()|[\]\\]/g, (character) => {
    if (character === '*') return '.*';
    return character === '?' ? '.' : `\\${character}`;
  });
  return new RegExp(`^${source}$`).test(name);
}
