import { createHash } from 'node:crypto';

export interface PublicKey {
  /** `ssh-ed25519`, `ecdsa-sha2-nistp256`, … */
  type: string;
  /** As `ssh-keygen -l` prints it: `SHA256:` and unpadded base64. */
  fingerprint: string;
  comment: string;
}

export type ParsedKey = { ok: true; key: PublicKey } | { ok: false; problem: string };

const TYPES = [
  'ssh-ed25519',
  'ssh-rsa',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'sk-ssh-ed25519@openssh.com',
  'sk-ecdsa-sha2-nistp256@openssh.com',
];

/** Parses one line of an `authorized_keys` file without options (RFC 4253, section 6.6: the blob repeats its type). */
export function parsePublicKey(line: string): ParsedKey {
  const text = line.trim();
  if (/PRIVATE KEY/.test(text)) return refused('this is a private key: never hand it out, give the .pub file');
  if (/[\r\n\0]/.test(text)) return refused('one line is needed, as in a .pub file');
  const [type = '', encoded = '', ...comment] = text.split(/[ \t]+/);
  if (!TYPES.includes(type)) return refused(`it must begin with one of ${TYPES.join(', ')}`);
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(encoded)) return refused('the second word must be base64');
  const blob = Buffer.from(encoded, 'base64');
  const fields = readFields(blob);
  if (fields === null) return refused('its base64 is cut off or damaged');
  if (fields[0]?.toString('latin1') !== type) return refused('the type inside the key is another than its first word');
  if (fields.length < 2) return refused('it holds no key');
  const fingerprint = `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;
  return { ok: true, key: { type, fingerprint, comment: comment.join(' ') } };
}

function refused(problem: string): ParsedKey {
  return { ok: false, problem };
}

/** Length-prefixed fields of a key blob; null when they do not add up. */
function readFields(blob: Buffer): Buffer[] | null {
  const fields: Buffer[] = [];
  let at = 0;
  while (at < blob.length) {
    if (at + 4 > blob.length) return null;
    const length = blob.readUInt32BE(at);
    if (at + 4 + length > blob.length) return null;
    fields.push(blob.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return fields;
}
