import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import {
  BASE,
  type DirectoryServer,
  groupLdif,
  personLdif,
  startDirectory,
} from '../../test/fixtures/directory-server.ts';
import { describeReal } from '../../test/real-parts.ts';
import { verifyByLdap } from './ldap.ts';

jest.setTimeout(120_000);

describeReal('a directory', ['slapd', 'certtool'], () => {
  let directory: DirectoryServer;
  beforeAll(async () => {
    const ad = (control: number) => `objectClass: steward-test-ad\nuserAccountControl: ${control}\n`;
    directory = await startDirectory(
      [
        personLdif('anna.meier', { password: 'anna knows' }),
        personLdif('bert', { password: 'bert knows', more: ad(512) }),
        personLdif('gone', { password: 'gone knows', more: ad(514) }),
        personLdif('a*b(c)\\5c', { password: 'odd knows' }),
      ].join('\n'),
    );
    directory.modify(
      `dn: cn=ops,ou=groups,${BASE}\nchangetype: add\n${groupLdif('ops', ['anna.meier', 'bert']).split('\n').slice(1).join('\n')}`,
    );
    directory.modify(
      `dn: cn=dev,ou=groups,${BASE}\nchangetype: add\n${groupLdif('dev', ['anna.meier']).split('\n').slice(1).join('\n')}`,
    );
  });
  afterAll(() => directory.close());

  const ask = (name: string, password: string, change = {}) =>
    verifyByLdap({ ...directory.options, ...change }, { name, password });

  it('knows who a password is of, and the groups, one or many', async () => {
    expect(await ask('anna.meier', 'anna knows')).toEqual({
      state: 'known',
      facts: {
        subject: expect.stringMatching(/^[0-9a-f-]{36}$/),
        name: 'anna.meier',
        displayName: 'anna.meier of Acme',
        email: 'anna.meier@acme.example',
        groups: [`cn=ops,ou=groups,${BASE}`, `cn=dev,ou=groups,${BASE}`],
      },
    });
    expect(await ask('bert', 'bert knows')).toMatchObject({ facts: { groups: [`cn=ops,ou=groups,${BASE}`] } });
  });

  it.each([
    ['a wrong password', 'anna.meier', 'wrong'],
    ['no password, which the server would take for nobody', 'anna.meier', ''],
    ['an unknown name', 'nobody', 'anna knows'],
    ['a name that is a pattern', 'anna*', 'anna knows'],
    ['a name that is a filter', 'anna.meier)(uid=*', 'anna knows'],
    ['a disabled person of Active Directory', 'gone', 'gone knows'],
  ])('refuses %s', async (_what, name, password) => {
    expect(await ask(name, password)).toEqual({ state: 'refused' });
  });

  it('finds a name full of signs that filters are made of', async () => {
    expect(await ask('a*b(c)\\5c', 'odd knows')).toMatchObject({ state: 'known', facts: { name: 'a*b(c)\\5c' } });
  });

  it('finds nobody by any name that is not exactly one', async () => {
    const sign = fc.constantFrom('*', '(', ')', '\\', '\0', '=', '&', '|', 'a', 'anna.meier', 'é');
    await fc.assert(
      fc.asyncProperty(fc.array(sign, { maxLength: 6 }), async (signs) => {
        const name = signs.join('');
        fc.pre(name !== 'anna.meier');
        expect((await ask(name, 'anna knows')).state).toBe('refused');
      }),
      { seed: 20_260_101, numRuns: 60 },
    );
  });

  it('is spoken to over TLS only with a certificate that is trusted, by either way', async () => {
    expect((await ask('bert', 'bert knows', { urls: [directory.secureUrl] })).state).toBe('known');
    expect(await ask('bert', 'bert knows', { ca: null })).toEqual({ state: 'unavailable' });
    expect(await ask('bert', 'bert knows', { ca: null, urls: [directory.secureUrl] })).toEqual({
      state: 'unavailable',
    });
  });

  it('is asked elsewhere when a server does not answer; our own wrong password is nobody else’s', async () => {
    const dead = 'ldap://127.0.0.1:1';
    expect((await ask('bert', 'bert knows', { urls: [dead, directory.url] })).state).toBe('known');
    expect(await ask('bert', 'bert knows', { urls: [dead] })).toEqual({ state: 'unavailable' });
    expect(await ask('bert', 'bert knows', { bindPassword: 'wrong' })).toEqual({ state: 'unavailable' });
    expect(await ask('bert', 'bert knows', { userFilter: '(broken' })).toEqual({ state: 'unavailable' });
  });

  it('of whom two have the name means neither', async () => {
    expect(await ask('inetOrgPerson', 'bert knows', { nameAttribute: 'objectClass' })).toEqual({ state: 'refused' });
  });
});
