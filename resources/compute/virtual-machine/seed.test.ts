import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../../reconciler/json.ts';
import { storedObject, testRefs, testUid } from '../../../test/fixtures/objects.ts';
import { EMPTY_USER_DATA, type SeedWish, seedFileName, seedImage, seedOwner, seedWish } from './seed.ts';
import type { MachineWish } from './spec.ts';

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIM6hFcxLIDDxphluw23eW7WONTu69nDGtoQs7tz0LFR0 "admin"';
const key = storedObject({ kind: 'SshKey', name: 'admin', spec: { publicKey: KEY } });
const secret = storedObject({ kind: 'Secret', name: 'init', spec: { data: { 'user-data': 'sealed:1' } } });
const refs = testRefs({ '/sshKeys/0': key, '/userDataFrom/secret': secret });
const wishOf = (spec: JsonObject, given = refs) =>
  seedWish(storedObject<MachineWish>({ kind: 'VirtualMachine', name: 'web', spec }), given);
const full = wishOf({ hostname: 'alpha', sshKeys: ['admin'], userData: '#cloud-config\n' }) as SeedWish;

describe('a seed', () => {
  it('is wished only for what DHCP cannot tell', () => {
    expect(wishOf({})).toBeNull();
    expect(wishOf({ hostname: 'alpha' })).toEqual({
      instanceId: testUid('web'),
      hostname: 'alpha',
      sshKeys: [],
      userData: null,
    });
    expect(wishOf({ sshKeys: ['admin'] })).toMatchObject({ hostname: 'web', sshKeys: [KEY] });
  });

  it('is not known while a key, a secret or its entry is missing', () => {
    expect(wishOf({ sshKeys: ['admin'] }, testRefs({}))).toBeUndefined();
    expect(wishOf({ userDataFrom: { secret: 'init' } }, testRefs({}))).toBeUndefined();
    expect(wishOf({ userDataFrom: { secret: 'init', key: 'other' } })).toBeUndefined();
  });

  it('keeps user data out of a secret sealed', () => {
    expect(wishOf({ userDataFrom: { secret: 'init' } })).toMatchObject({ userData: { sealed: 'sealed:1' } });
  });

  it('is named by its machine and what is in it', () => {
    const name = seedFileName(full);
    expect(seedOwner(name)).toBe(testUid('web'));
    for (const other of [
      { ...full, hostname: 'beta' },
      { ...full, sshKeys: [] },
      { ...full, userData: null },
    ]) {
      expect(seedFileName(other)).not.toBe(name);
      expect(seedOwner(seedFileName(other))).toBe(testUid('web'));
    }
    expect(seedOwner('install.iso')).toBeNull();
    expect(seedOwner(`${testUid('web')}.qcow2`)).toBeNull();
  });

  it('holds what cloud-init reads, quoted so that no comment breaks it', () => {
    const text = Buffer.from(seedImage(full, { userData: EMPTY_USER_DATA, at: 0 })).toString('latin1');
    expect(text).toContain(
      `instance-id: ${testUid('web')}\nlocal-hostname: alpha\npublic-keys:\n  - ${JSON.stringify(KEY)}\n`,
    );
    expect(text).toContain('#cloud-config\n{}\n');
  });
});
