import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { BASE, type DirectoryServer, groupLdif, personLdif, startDirectory } from '../../fixtures/directory-server.ts';
import { type IdentityServer, startIdentityServer } from '../../fixtures/identity-server.ts';
import { describeReal } from '../../real-parts.ts';

jest.setTimeout(120_000);

describeReal('people of a directory', ['slapd', 'certtool'], () => {
  let directory: DirectoryServer;
  let server: IdentityServer;
  beforeAll(async () => {
    directory = await startDirectory(
      [personLdif('Anna.Meier', { password: 'anna knows' }), personLdif('bert', { password: 'bert knows' })].join('\n'),
    );
    const ops = groupLdif('ops', ['Anna.Meier']).split('\n').slice(1).join('\n');
    directory.modify(`dn: cn=ops,ou=groups,${BASE}\nchangetype: add\n${ops}`);
    server = await startIdentityServer();
    const { certificate: ca, options } = directory;
    const { urls, baseDn, bindDn, bindPassword } = options;
    await server.apply(
      {
        kind: 'IdentityProvider',
        metadata: { name: 'corp' },
        spec: {
          type: 'ldap',
          ldap: { urls, baseDn, bindDn, bindPassword, ca },
          provision: { account: 'default' },
          groupRoles: [{ group: 'ops', role: 'power-user', account: 'default' }],
        },
      },
      { kind: 'User', metadata: { name: 'bert' }, spec: {} },
    );
  });
  afterAll(async () => {
    await server.close();
    await directory.close();
  });

  const signIn = (login: string, password: string, provider?: string) =>
    server.browser().auth('sign-in', { login, password, ...(provider && { provider }) });
  const rolesOf = async (name: string) => {
    const { body } = await server.asAdmin(
      'query ($name: String!) { user(name: $name) { spec { roles { role account } identityProvider } } }',
      { name },
    );
    return body.data.user?.spec;
  };

  it('come for the first time by naming it, and have the roles of their groups', async () => {
    expect((await signIn('Anna.Meier', 'anna knows')).status).toBe(401);
    expect((await signIn('Anna.Meier', 'wrong', 'corp')).status).toBe(401);
    expect(await signIn('Anna.Meier', 'anna knows', 'corp')).toMatchObject({
      status: 200,
      body: { user: 'anna-meier' },
    });
    expect(await rolesOf('anna-meier')).toEqual({
      roles: [{ role: 'power-user', account: 'default' }],
      identityProvider: 'corp',
    });
  });

  it('come again by their name alone, and lose the roles of groups that they left', async () => {
    directory.modify(`dn: cn=ops,ou=groups,${BASE}\nchangetype: delete\n`);
    expect((await signIn('anna.meier', 'anna knows')).status).toBe(200);
    expect((await rolesOf('anna-meier')).roles).toEqual([]);
  });

  it('are never taken for a user of ours with the same name', async () => {
    expect((await signIn('bert', 'bert knows', 'corp')).status).toBe(401);
    expect((await rolesOf('bert')).identityProvider).toBeNull();
  });

  it('cannot come while the provider is suspended, and its password shows nowhere', async () => {
    const { body } = await server.asAdmin('{ identityProvider(name: "corp") { spec { type } manifest } }');
    expect(JSON.stringify(body)).not.toContain('finds people');
    expect(JSON.stringify([server.events, server.errors])).not.toMatch(/finds people|anna knows/);
  });
});
