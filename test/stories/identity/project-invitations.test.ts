import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { DEFAULT_SIGN_IN } from '../../../cmd/config/sign-in-settings.ts';
import { type IdentityServer, linkToken, startIdentityServer } from '../../fixtures/identity-server.ts';
import { invitedPeople, PASSWORD } from '../../fixtures/invited.ts';

jest.setTimeout(120_000);

const user = (name: string, account: string, role: string) => ({
  kind: 'User',
  metadata: { name },
  spec: { email: `${name}@${account}.example`, account, roles: [{ role }] },
});

describe('an invitation to a project', () => {
  let server: IdentityServer;
  const as = invitedPeople(() => server);
  const ask = async (name: string, query: string) => (await (await as(name)).query(query)).body;
  const told = async (name: string, query: string) => (await ask(name, query)).errors?.[0].message ?? null;
  const invite = (who: string, role = 'project-member') =>
    `mutation { inviteToProject(project: "shop", ${who}, roles: ["${role}"]) }`;
  const newest = async () => (await server.letters()).findLast(({ template }) => template === 'ProjectInvitation');
  const accept = (token: string) => `mutation { acceptProjectInvitation(token: "${token}") }`;
  const members = async () =>
    (await server.asAdmin('{ project(name: "shop") { spec { members { user roles } } } }')).body.data.project.spec
      .members;

  beforeAll(async () => {
    server = await startIdentityServer({
      lettersPerRecipient: 20,
      registration: { ...DEFAULT_SIGN_IN.registration, open: true },
    });
    await server.apply(
      { kind: 'Account', metadata: { name: 'acme' }, spec: {} },
      { kind: 'Account', metadata: { name: 'bolt' }, spec: {} },
      { kind: 'Project', metadata: { name: 'shop' }, spec: { account: 'acme' } },
      user('anna', 'acme', 'master-user'),
      user('paul', 'acme', 'power-user'),
      user('ben', 'bolt', 'user'),
      user('bea', 'bolt', 'user'),
    );
  });
  afterAll(() => server.close());

  it('goes by letter to an address, and is taken once by whoever reads it: also by a user of another account', async () => {
    expect(await told('ben', '{ sshKeys(project: "shop") { nodes { name } } }')).toBeNull();
    expect((await ask('ben', '{ project(name: "shop") { name } }')).data.project).toBeNull();
    expect(await told('anna', invite('email: "ben@bolt.example"'))).toBeNull();
    const letter = await newest();
    expect(letter).toMatchObject({ recipient: 'ben@bolt.example', params: { project: 'shop', by: 'anna' } });
    const token = linkToken(letter);
    expect((await ask('ben', accept(token))).data).toEqual({ acceptProjectInvitation: 'shop' });
    expect(await members()).toEqual([{ user: 'ben', roles: ['project-member'] }]);
    expect((await ask('ben', '{ project(name: "shop") { name } }')).data.project).toEqual({ name: 'shop' });
    expect(await told('bea', accept(token))).toContain('was answered already');
    const { audit } = (await server.asAdmin('{ audit(kind: "Project", first: 5) { nodes { actor op } } }')).body.data;
    expect(audit.nodes[0]).toEqual({ actor: 'user:ben', op: 'update' });
  });

  it('is the same whether or not anybody is there, and pending until it is answered or taken back', async () => {
    const before = (await server.letters()).length;
    const answers = [];
    for (const who of ['email: "nobody@nowhere.example"', 'user: "bea"', 'user: "nobody"'])
      answers.push(await ask('anna', invite(who)));
    for (const { data, errors } of answers)
      expect({ id: typeof data.inviteToProject, errors }).toEqual({ id: 'string', errors: undefined });
    expect((await server.letters()).length).toBe(before + 2);
    const list = '{ projectInvitations(project: "shop") { id to roles by } }';
    const pending = (await ask('anna', list)).data.projectInvitations;
    expect(pending.map(({ to }: { to: string }) => to)).toEqual(['nobody@nowhere.example', 'bea', 'nobody']);
    expect(await told('ben', list)).toContain('may not invite');
    expect(await told('bea', list)).toBe('There is no Project "shop".');
    const token = linkToken(await newest());
    expect(await told('ben', accept(token))).toContain('another’s');
    const revoke = `mutation { revokeProjectInvitation(project: "shop", id: "${pending[1].id}") }`;
    expect((await ask('anna', revoke)).data).toEqual({ revokeProjectInvitation: true });
    expect((await ask('anna', revoke)).data).toEqual({ revokeProjectInvitation: false });
    expect(await told('bea', accept(token))).toContain('was answered already');
    await ask('anna', invite('user: "bea"'));
    const again = linkToken(await newest());
    expect((await ask('bea', `mutation { declineProjectInvitation(token: "${again}") }`)).data).toEqual({
      declineProjectInvitation: true,
    });
    expect(await told('bea', accept(again))).toContain('was answered already');
  });

  it('is answered by somebody without a user who registers by it, once the address is proved, and by nobody twice', async () => {
    expect(await told('anna', invite('email: "nina@new.example"'))).toBeNull();
    const projectInvitation = linkToken(await newest());
    const register = async (name: string, email: string, more: object = { projectInvitation }) => {
      const browser = server.browser();
      return browser.auth('register', { name, email, captcha: await browser.solve(), ...more });
    };
    const complete = async (email: string) => {
      const letter = (await server.letters()).findLast(
        ({ template, recipient }) => template === 'VerifyEmail' && recipient === email,
      );
      return server.browser().auth('register/complete', { token: linkToken(letter), password: PASSWORD });
    };
    const wrong = await register('nina', 'nina@new.example', { projectInvitation: 'stp_guessed' });
    expect(wrong).toMatchObject({ status: 400, body: { issues: [{ field: 'projectInvitation' }] } });
    expect((await register('nina', 'nina@new.example')).status).toBe(202);
    expect((await register('nora', 'nora@new.example')).status).toBe(202);
    expect((await members()).map(({ user: name }: { user: string }) => name)).toEqual(['ben']);
    const registered = { state: 'registered', user: 'nina', invitation: { joined: true, why: null } };
    expect((await complete('nina@new.example')).body).toEqual(registered);
    const late = (await complete('nora@new.example')).body;
    expect(late).toMatchObject({ user: 'nora', invitation: { joined: false } });
    expect(late.invitation.why).toContain('was answered already');
    expect(await members()).toEqual([
      { user: 'ben', roles: ['project-member'] },
      { user: 'nina', roles: ['project-member'] },
    ]);
    const nina = server.browser();
    await nina.auth('sign-in', { login: 'nina', password: PASSWORD });
    expect((await nina.query('{ project(name: "shop") { name } }')).body.data.project).toEqual({ name: 'shop' });
    const { audit } = (await server.asAdmin('{ audit(kind: "Project", first: 5) { nodes { name actor op } } }')).body
      .data;
    expect(audit.nodes).toContainEqual({ name: 'shop', actor: 'user:nina', op: 'update' });
  });

  it('gives nothing that the inviter lacks, now or when it is answered', async () => {
    expect(await told('paul', invite('user: "bea"'))).toContain('may not invite');
    expect(await told('anna', invite('user: "bea"', 'root'))).toContain('would give what you lack yourself');
    expect(await told('anna', invite('user: "bea"', 'nothing'))).toBe('There is no Role "nothing".');
    expect(await told('anna', 'mutation { inviteToProject(project: "shop", roles: ["project-member"]) }')).toContain(
      'either',
    );
    expect(await told('anna', invite('user: "bea"', 'project-viewer'))).toBeNull();
    const token = linkToken(await newest());
    await server.apply({ ...user('anna', 'acme', 'billing-admin') });
    expect(await told('bea', accept(token))).toContain('may not do so any more');
    expect((await members()).map(({ user: name }: { user: string }) => name)).toEqual(['ben', 'nina']);
    expect(server.errors).toEqual([]);
  });
});
