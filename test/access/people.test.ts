import { beforeEach, describe, expect, it } from '@jest/globals';
import { actingAs } from '../../graphql/masquerade.ts';
import { applyManifests } from '../../reconciler/admission/apply.ts';
import { deleteObjects } from '../../reconciler/admission/change.ts';
import type { ManifestInput } from '../../reconciler/admission/manifest.ts';
import type { JsonObject } from '../../reconciler/json.ts';
import type { Principal } from '../../reconciler/principal.ts';
import { ADMIN, createTenants, ME, person, type Tenants } from '../fixtures/tenants.ts';

let tenants: Tenants;
beforeEach(() => {
  tenants = createTenants([{ role: 'master-user' }]);
});

const apply = async (principal: Principal, ...manifests: ManifestInput[]) => {
  const outcome = await applyManifests(tenants.admission, { manifests, principal, source: 'api', takeOver: true });
  return outcome.ok ? 'ok' : outcome.issues.map(({ code, message }) => `${code}: ${message}`);
};
const user = (name: string, roles: JsonObject[], more: JsonObject = {}): ManifestInput => ({
  kind: 'User',
  metadata: { name },
  spec: { account: 'acme', roles, ...more },
});
const role = (name: string, spec: JsonObject): ManifestInput => ({ kind: 'Role', metadata: { name }, spec });
const key = (name: string, project: string): ManifestInput => ({
  kind: 'SshKey',
  metadata: { name, project },
  spec: tenants.specOf('SshKey', 'own-thing'),
});
const denied = [expect.stringMatching(/^Denied: /)];

describe('nobody gives what they lack', () => {
  it('an owner of an account makes users of it, with what an owner has', async () => {
    expect(await apply(ME, user('new', [{ role: 'power-user' }]))).toBe('ok');
    expect(await apply(ME, user('second', [{ role: 'master-user', account: 'acme' }]))).toBe('ok');
    expect(await apply(ME, user('boss', [{ role: 'root' }]))).toEqual([
      expect.stringContaining('would give what you lack yourself'),
    ]);
    expect(await apply(ME, user('desk', [{ role: 'help-desk' }]))).toEqual(denied);
    expect(await apply(ME, user('spy', [{ role: 'user' }], { account: 'bolt' }))).toEqual(denied);
    expect(await apply(ME, user('spy', [{ role: 'user', account: 'bolt' }]))).toEqual(denied);
  });

  it('not to themselves either, nor by changing a role or a project', async () => {
    expect(await apply(ME, user('me', [{ role: 'root' }]))).toEqual(denied);
    expect(await apply(ME, role('mine', { authorities: ['USER'], rules: [] }))).toEqual(denied);
    const project = (roles: string[]): ManifestInput => ({
      kind: 'Project',
      metadata: { name: 'acme-own' },
      spec: { account: 'acme', members: [{ user: 'olga', roles }] },
    });
    expect(await apply(ME, project(['project-admin']))).toBe('ok');
    tenants = createTenants([{ role: 'billing-admin' }]);
    expect(await apply(ME, project(['project-admin']))).toEqual(denied);
  });

  it('sales staff make customers’ owners without being one, and nobody of the provider', async () => {
    tenants = createTenants([{ role: 'sales-support' }]);
    expect(await apply(ME, user('owner', [{ role: 'master-user' }], { account: 'bolt' }))).toBe('ok');
    expect(await apply(ME, user('colleague', [{ role: 'finance-admin' }]))).toEqual(denied);
  });

  it('nobody changes or deletes somebody who may do more', async () => {
    expect(await apply(ADMIN, user('olga', [{ role: 'root' }]))).toBe('ok');
    expect(await apply(ME, user('olga', [{ role: 'user' }]))).toEqual([
      expect.stringContaining('may do more than you'),
    ]);
    const outcome = await deleteObjects(tenants.admission, {
      keys: [{ kind: 'User', project: null, name: 'olga' }],
      principal: ME,
    });
    expect(outcome.ok).toBe(false);
  });

  it('a key is made for oneself; for others only by those who may do as much', async () => {
    const of = (name: string): ManifestInput => ({
      kind: 'ApiKey',
      metadata: { name: `k-${name}` },
      spec: { user: name, scopes: ['get:*'] },
    });
    expect(await apply(ME, of('me'))).toBe('ok');
    expect(await apply(ME, of('olga'))).toEqual(denied);
    expect(await apply(ME, of('ben'))).toEqual([expect.stringMatching(/^(Denied|RefMissing)/)]);
  });
});

describe('root', () => {
  const root = (name: string) => user(name, [{ role: 'root' }]);
  it('is not deleted, suspended or demoted as long as it is the last, not even by the administrator', async () => {
    expect(await apply(ADMIN, root('ada'), root('bob'))).toBe('ok');
    expect(await apply(ADMIN, user('ada', [{ role: 'root' }], { suspended: true }))).toBe('ok');
    const protectedMessage = [expect.stringMatching(/^Protected: .*last user with the role "root"/)];
    expect(await apply(ADMIN, user('bob', [{ role: 'root' }], { suspended: true }))).toEqual(protectedMessage);
    expect(await apply(ADMIN, user('bob', [{ role: 'root', account: 'acme' }]))).toEqual(protectedMessage);
    const bob = [{ kind: 'User', project: null, name: 'bob' }];
    expect((await deleteObjects(tenants.admission, { keys: bob, principal: ADMIN })).ok).toBe(false);
    expect(await apply(ADMIN, root('ada'))).toBe('ok');
    expect((await deleteObjects(tenants.admission, { keys: bob, principal: ADMIN })).ok).toBe(true);
  });
});

describe('what a rule is narrowed by', () => {
  it('an update changes the fields that the rule names, and nothing else', async () => {
    tenants = createTenants([{ role: 'billing-admin' }]);
    const account = (spec: JsonObject, labels = {}): ManifestInput => ({
      kind: 'Account',
      metadata: { name: 'acme', labels },
      spec: { channel: 'direct', currency: 'EUR', ...spec },
    });
    expect(await apply(ME, account({ legalName: 'Acme Limited' }))).toBe('ok');
    expect(await apply(ME, account({ legalName: 'Acme Limited', displayName: 'A' }))).toEqual(denied);
    expect(await apply(ME, account({ legalName: 'Acme Limited' }, { vip: 'yes' }))).toEqual(denied);
  });

  it('a selector shows and opens only what carries its labels', async () => {
    const rules: JsonObject[] = [
      { verbs: ['get', 'update'], kinds: ['SshKey'], scope: 'account', selector: { team: 'web' } },
    ];
    expect(await apply(ADMIN, role('web', { authorities: ['USER'], rules }), user('olga', [{ role: 'web' }]))).toBe(
      'ok',
    );
    const labelled = {
      ...key('own-thing', 'acme-own'),
      metadata: { name: 'own-thing', project: 'acme-own', labels: { team: 'web' } },
    };
    expect(await apply(ADMIN, labelled)).toBe('ok');
    const { data } = await tenants.as(person('olga'))('{ sshKeys { nodes { name } } }');
    expect(data.sshKeys.nodes).toEqual([{ name: 'own-thing' }]);
    expect(await apply(person('olga'), key('own-thing', 'acme-own'))).toEqual(denied);
  });

  it('a key does no more than its scopes and its user', async () => {
    const keyed = person('me', { actor: 'key:k', onBehalfOf: 'user:me' });
    const withScopes = (scopes: string[]): Principal => ({
      ...keyed,
      authentication: { ...person('me').authentication, scopes } as never,
    });
    expect(await apply(withScopes(['get:*', 'create:SshKey']), key('a', 'acme-own'))).toBe('ok');
    expect(await apply(withScopes(['get:*']), key('b', 'acme-own'))).toEqual(denied);
    expect(await apply(withScopes(['*:*']), key('c', 'bolt-other'))).toEqual(denied);
    const blind = await tenants.as(withScopes(['create:SshKey']))('{ sshKeys { nodes { name } } }');
    expect(blind.data.sshKeys.nodes).toEqual([]);
    expect(
      (await tenants.store.getByKey([{ kind: 'SshKey', project: 'acme-own', name: 'a' }]))[0]?.metadata.createdBy,
    ).toBe('user:me');
  });

  it('a member of a project reaches that project of another customer, and nothing else of theirs', async () => {
    const members = { account: 'bolt', members: [{ user: 'me', roles: ['project-member', 'root'] }] };
    expect(await apply(ADMIN, { kind: 'Project', metadata: { name: 'bolt-other' }, spec: members })).toBe('ok');
    expect(await apply(ME, key('mine', 'bolt-other'))).toBe('ok');
    const { data } = await tenants.as(ME)(
      '{ sshKeys { nodes { name project } } accounts { nodes { name } } users { nodes { name } } }',
    );
    expect(data.sshKeys.nodes).toContainEqual({ name: 'other-thing', project: 'bolt-other' });
    expect(data.sshKeys.nodes.filter((one: { project: string }) => one.project.startsWith('apex'))).toEqual([]);
    expect(data.accounts.nodes).toEqual([{ name: 'acme' }]);
    expect(data.users.nodes.map((one: { name: string }) => one.name).sort()).toEqual(['me', 'olga']);
  });

  it('a suspended user, and one without roles, may do nothing', async () => {
    expect((await tenants.as(person('olga'))('{ sshKeys { nodes { name } } zones { nodes { name } } }')).data).toEqual({
      sshKeys: { nodes: [] },
      zones: { nodes: [] },
    });
    expect(await apply(ADMIN, user('me', [{ role: 'master-user' }], { suspended: true }))).toBe('ok');
    tenants.rights.forget();
    expect((await tenants.as(ME)('{ accounts { nodes { name } } }')).data.accounts.nodes).toEqual([]);
  });
});

describe('a batch', () => {
  it('makes a project and what is in it at once, for the own account only', async () => {
    const project = (name: string, account: string): ManifestInput => ({
      kind: 'Project',
      metadata: { name },
      spec: { account },
    });
    expect(await apply(ME, project('fresh', 'acme'), key('k', 'fresh'))).toBe('ok');
    expect(await apply(ME, project('theirs', 'bolt'), key('k', 'theirs'))).toEqual([...denied, ...denied]);
    expect(await apply(ME, key('k', 'nowhere'))).toEqual(denied);
  });
});

describe('a source', () => {
  const source = (name: string): ManifestInput => ({
    kind: 'Source',
    metadata: { name, project: 'acme-own' },
    spec: { git: { url: 'https://git.example.org/x.git' } },
  });
  const acting = (name: string): Principal => ({
    actor: `source:acme-own/${name}`,
    onBehalfOf: null,
    from: 'loop',
    requestId: 'r',
  });

  it('writes in its own project, with the rights of whoever made it', async () => {
    expect(await apply(ME, source('mine'))).toBe('ok');
    expect(await apply(acting('mine'), key('a', 'acme-own'))).toBe('ok');
    expect(await apply(acting('mine'), key('b', 'acme-account'))).toEqual(denied);
    expect(await apply(acting('mine'), key('c', 'bolt-other'))).toEqual(denied);
    expect(await apply(acting('mine'), { kind: 'Zone', metadata: { name: 'z' }, spec: {} })).toEqual(denied);
    expect(await apply(acting('unknown'), key('d', 'acme-own'))).toEqual(denied);
  });

  it('writes everywhere when the administrator made it, and is then changed by nobody else', async () => {
    expect(await apply(ADMIN, source('roots'))).toBe('ok');
    expect(await apply(acting('roots'), key('c', 'bolt-other'))).toBe('ok');
    const other = { ...source('roots'), spec: { git: { url: 'https://evil.example.org/x.git' } } };
    expect(await apply(ME, other)).toEqual([expect.stringContaining('acts with the rights of whoever made it')]);
  });

  it('reads folders of the server for operators only, as nobody else adopts what is outside', async () => {
    const folder = { ...source('local'), spec: { folder: '/etc' } };
    expect(await apply(ME, folder)).toEqual([expect.stringContaining('may not read folders of the server')]);
    const adopting = { ...key('x', 'acme-own'), metadata: { name: 'x', project: 'acme-own', adopt: 'some-uuid' } };
    expect(await apply(ME, adopting)).toEqual([expect.stringContaining('may not adopt')]);
  });
});

describe('a masquerade', () => {
  const STAFF = person('sam');
  const masquerade = (name: string, more: JsonObject = {}): ManifestInput => ({
    kind: 'Masquerade',
    metadata: { name },
    spec: { user: 'me', account: 'acme', reason: 'Ticket 4711: cannot make a key.', ...more },
  });
  const staffed = async () => {
    expect(await apply(ADMIN, user('sam', [{ role: 'help-desk' }], { account: 'apex' }))).toBe('ok');
    expect(await apply(ADMIN, user('tim', [{ role: 'finance-admin' }], { account: 'apex' }))).toBe('ok');
  };
  const refusal = (principal: Principal, name: string) =>
    actingAs(tenants.api, principal, name).then(
      () => null,
      (error: Error) => error.message,
    );

  it('acts as the customer for a while, with both names in the audit trail and in sight of the customer', async () => {
    await staffed();
    expect(await apply(STAFF, key('before', 'acme-own'))).toEqual(denied);
    expect(await apply(STAFF, masquerade('help'))).toBe('ok');
    const acting = await actingAs(tenants.api, STAFF, 'help');
    expect(await apply(acting, key('made', 'acme-own'))).toBe('ok');
    const [row] = (await tenants.store.audit({ kind: 'SshKey', limit: 1 })).items;
    expect(row?.row).toMatchObject({ actor: 'user:sam', onBehalfOf: 'user:me', name: 'made' });
    const seen = await tenants.as(ME)(
      '{ masquerades { nodes { name spec { reason } metadata { createdBy } } } audit { nodes { actor onBehalfOf name } } }',
    );
    expect(seen.data.masquerades.nodes).toContainEqual({
      name: 'help',
      spec: { reason: 'Ticket 4711: cannot make a key.' },
      metadata: { createdBy: 'user:sam' },
    });
    expect(seen.data.audit.nodes).toContainEqual({ actor: 'user:sam', onBehalfOf: 'user:me', name: 'made' });
    expect((await tenants.as(person('ben'))('{ masquerades { nodes { name } } }')).data.masquerades.nodes).toEqual([]);
  });

  it('does not change people, keys, cards or secrets, and does not become a third person', async () => {
    await staffed();
    await apply(STAFF, masquerade('help'));
    const acting = await actingAs(tenants.api, STAFF, 'help');
    expect(await apply(acting, user('me', [{ role: 'master-user' }], { email: 'sam@evil.example' }))).toEqual(denied);
    expect(
      await apply(acting, { kind: 'ApiKey', metadata: { name: 'k2' }, spec: { user: 'me', scopes: ['*:*'] } }),
    ).toEqual(denied);
    expect(await apply(acting, masquerade('more', { user: 'olga' }))).toEqual(denied);
    const card = {
      kind: 'PaymentMethod',
      metadata: { name: 'card', project: 'acme-own' },
      spec: tenants.specOf('PaymentMethod', 'own-thing'),
    };
    expect(await apply(acting, card)).toEqual(denied);
    expect((await tenants.as(acting)('{ secrets { nodes { name } } }')).data.secrets.nodes).toEqual([]);
    expect(await refusal(acting, 'help')).toContain('is for people who signed in');
  });

  it('ends with its time, with its deletion by either side, and is nobody else’s', async () => {
    await staffed();
    await apply(STAFF, masquerade('help', { minutes: 10 }), masquerade('again'));
    expect(await refusal(person('tim'), 'help')).toContain('is none of yours');
    const acting = await actingAs(tenants.api, STAFF, 'help');
    tenants.clock.advanceTo(tenants.clock.now() + 10 * 60_000);
    expect(await refusal(STAFF, 'help')).toContain('is over');
    expect(await apply(acting, key('late', 'acme-own'))).toEqual(denied);
    expect(await refusal(STAFF, 'again')).toBeNull();
    const ended = await deleteObjects(tenants.admission, {
      keys: [{ kind: 'Masquerade', project: null, name: 'again' }],
      principal: ME,
    });
    expect(ended.ok).toBe(true);
    expect(await refusal(STAFF, 'again')).toContain('is none of yours');
  });

  it('ends with the right to make one', async () => {
    await staffed();
    await apply(STAFF, masquerade('help'));
    const acting = await actingAs(tenants.api, STAFF, 'help');
    expect(await apply(acting, key('while', 'acme-own'))).toBe('ok');
    expect(await apply(ADMIN, user('sam', [{ role: 'finance-admin' }], { account: 'apex' }))).toBe('ok');
    expect(await apply(acting, key('after', 'acme-own'))).toEqual(denied);
  });

  it('is refused without a reason, for longer than half an hour, as the provider’s people, and by those who may not', async () => {
    await staffed();
    expect(await apply(STAFF, masquerade('a', { reason: 'because' }))).toEqual([expect.stringMatching(/^Invalid/)]);
    expect(await apply(STAFF, masquerade('a', { minutes: 31 }))).toEqual([expect.stringMatching(/^Invalid/)]);
    expect(await apply(STAFF, masquerade('a', { user: 'tim', account: 'apex' }))).toEqual([
      expect.stringContaining('somebody of the provider'),
    ]);
    expect(await apply(STAFF, masquerade('a', { account: 'bolt' }))).toEqual([expect.stringContaining('not the user')]);
    expect(await apply(person('tim'), masquerade('a'))).toEqual(denied);
    expect(
      await apply(
        person('sam', { actor: 'key:k', authentication: { ...STAFF.authentication, session: null } as never }),
        masquerade('a'),
      ),
    ).toEqual(denied);
  });
});
