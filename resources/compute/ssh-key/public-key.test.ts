import { describe, expect, it } from '@jest/globals';
import { parsePublicKey } from './public-key.ts';

const BLOB = 'AAAAC3NzaC1lZDI1NTE5AAAAIM6hFcxLIDDxphluw23eW7WONTu69nDGtoQs7tz0LFR0';
const ECDSA =
  'AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBEgIMUBGTE4OIiWN8+SEvBQAwGOOywDuilyROVoMv6/c/RBu8lH43EzXw3Ie5wAVd0jj5I9FlB7g69c+lCUzA4Q=';

describe('a public key', () => {
  it.each([
    ['ssh-ed25519', BLOB, 'SHA256:Tyegk/KaYbI9UJJ+w8SDMNKgeDkdbkwQBO4EXZSLLQU'],
    ['ecdsa-sha2-nistp256', ECDSA, 'SHA256:3tjEVIVZZdlGkUoFA5Jla1iDn6HJX9ckM0iYozRxqWs'],
  ])('%s has the fingerprint that ssh-keygen prints', (type, blob, fingerprint) => {
    expect(parsePublicKey(`${type} ${blob} a key of mine\n`)).toEqual({
      ok: true,
      key: { type, fingerprint, comment: 'a key of mine' },
    });
  });

  it.each([
    ['a private key', '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNz\n', 'private key'],
    ['two lines', `ssh-ed25519 ${BLOB}\nssh-ed25519 ${BLOB}`, 'one line'],
    ['options before it', `no-pty ssh-ed25519 ${BLOB}`, 'must begin with'],
    ['an unknown type', `ssh-dss ${BLOB}`, 'must begin with'],
    ['no base64', 'ssh-ed25519 ???', 'must be base64'],
    ['a cut key', `ssh-ed25519 ${BLOB.slice(0, 60)}`, 'cut off'],
    ['another type inside', `ssh-rsa ${BLOB}`, 'another than its first word'],
    ['only a type inside', 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5', 'holds no key'],
  ])('is not %s', (_what, line, problem) => {
    expect(parsePublicKey(line)).toMatchObject({ ok: false, problem: expect.stringContaining(problem) });
  });
});
