import { beforeEach, describe, expect, it } from '@jest/globals';
import { createContext } from '../../graphql/context.ts';
import { applyManifests } from '../../reconciler/admission/apply.ts';
import { deleteObjects } from '../../reconciler/admission/change.ts';
import type { ManifestInput } from '../../reconciler/admission/manifest.ts';
import { quietCompletion } from '../../reconciler/completion.ts';
import { ALL_SHARDS } from '../../reconciler/forecast/overlay.ts';
import { emptyStatus, type ObjectKey } from '../../reconciler/object.ts';
import type { Principal } from '../../reconciler/principal.ts';
import { ADMIN, createTenants, ME, person, type Tenants } from '../fixtures/tenants.ts';

let tenants: Tenants;
beforeEach(() => {
  tenants = createTenants([{ role: 'master-user' }]);
});

const apply = async (principal: Principal, ...manifests: ManifestInput[]) => {
  const outcome = await applyManifests(tenants.admission, { manifests, principal, source: 'api' });
  return outcome.ok ? 'ok' : outcome.issues.map(({ code, message }) => `${code}: ${message}`);
};
const key = (name: string, project: string): ManifestInput => ({
  kind: 'SshKey',
  metadata: { name, project },
  spec: tenants.specOf('SshKey', 'own-thing'),
});

/** As the engine does once nothing is left outside. */
async function remove(...keys: ObjectKey[]): Promise<void> {
  await deleteObjects(tenants.admission, { keys, principal: ADMIN });
  const uids = (await tenants.store.getByKey(keys)).map((object) => object?.metadata.uid);
  const claims = await tenants.store.claim({ shards: ALL_SHARDS, limit: 10_000, leaseMs: 30_000, holder: 'a' });
  await tenants.store.complete(
    claims.map((claim) => ({
      ...quietCompletion(claim, { dueAt: claim.claimedAt + 3_600_000, attempts: 0 }),
      remove: uids.includes(claim.uid),
    })),
  );
}

describe('a watch', () => {
  const changesFor = (principal: Principal) => createContext(tenants.api, principal).api.store.changes;
  const names = (found: Awaited<ReturnType<Tenants['store']['changes']>>) =>
    found.tooOld ? 'too old' : found.items.map(({ key: one, type }) => `${type} ${one.project}/${one.name}`);

  it('tells what its reader may see, however much of others lies between', async () => {
    const since = await tenants.store.position();
    const changes = changesFor(ME);
    for (let index = 0; index < 25; index++)
      expect(await apply(ADMIN, key(`theirs-${index}`, 'bolt-other'))).toBe('ok');
    expect(await apply(ADMIN, key('mine', 'acme-account'))).toBe('ok');
    const found = await changes({ since, limit: 5 });
    expect(names(found)).toEqual(['changed acme-account/mine']);
    expect(names(await changesFor(person('ben'))({ since, limit: 100 }))).toEqual([]);
    expect(names(await changesFor(ADMIN)({ since, limit: 100 }))).toHaveLength(26);
    const next = await changes({ since: found.tooOld ? '' : found.position, limit: 5 });
    expect(names(next)).toEqual([]);
  });

  it('tells of removals in its reader’s projects only', async () => {
    const since = await tenants.store.position();
    await remove(
      { kind: 'SshKey', project: 'bolt-other', name: 'other-thing' },
      { kind: 'SshKey', project: 'acme-account', name: 'account-thing' },
    );
    expect(names(await changesFor(ME)({ since, limit: 100 }))).toEqual(['removed acme-account/account-thing']);
  });

  it('tells nothing more once the reader’s role is taken away', async () => {
    const since = await tenants.store.position();
    const changes = changesFor(ME);
    expect(await apply(ADMIN, { kind: 'User', metadata: { name: 'me' }, spec: { account: 'acme', roles: [] } })).toBe(
      'ok',
    );
    tenants.rights.forget();
    expect(await apply(ADMIN, key('late', 'acme-own'))).toBe('ok');
    expect(names(await changes({ since, limit: 100 }))).toEqual([]);
  });
});

describe('facts', () => {
  const audited = async (principal: Principal) => {
    const { data } = await tenants.as(principal)('{ audit(first: 100) { nodes { project name } } }');
    return data.audit.nodes.map(({ project, name }: { project: string | null; name: string }) => `${project}/${name}`);
  };

  it('are read about what one sees, by those who may read such facts', async () => {
    expect(await apply(ADMIN, key('a', 'acme-account'), key('b', 'bolt-other'))).toBe('ok');
    expect(await audited(ADMIN)).toEqual(['bolt-other/b', 'acme-account/a']);
    expect(await audited(ME)).toEqual(['acme-account/a']);
    expect(await audited(person('olga'))).toEqual([]);
    tenants = createTenants([{ role: 'user' }]);
    expect(await apply(ADMIN, key('a', 'acme-account'))).toBe('ok');
    expect(await audited(ME)).toEqual([]);
  });

  it('of one object are read with the object', async () => {
    expect(await apply(ADMIN, key('a', 'acme-account'), key('b', 'bolt-other'))).toBe('ok');
    const trail = async (name: string, project: string) =>
      (await tenants.as(ME)(`{ sshKey(name: "${name}", project: "${project}") { auditTrail { nodes { name } } } }`))
        .data.sshKey;
    expect(await trail('a', 'acme-account')).toEqual({ auditTrail: { nodes: [{ name: 'a' }] } });
    expect(await trail('b', 'bolt-other')).toBeNull();
  });
});

describe('what only one can have', () => {
  const network = (name: string, project: string, cidr: string): ManifestInput => ({
    kind: 'Network',
    metadata: { name, project },
    spec: { cidr },
  });

  it('is refused with the name of who has it to those who see that, and without it to others', async () => {
    expect(await apply(ADMIN, network('theirs', 'bolt-other', '10.77.0.0/24'))).toBe('ok');
    expect(await apply(ADMIN, network('ours', 'acme-account', '10.78.0.0/24'))).toBe('ok');
    expect(await apply(ME, network('a', 'acme-own', '10.77.0.0/24'), network('b', 'acme-own', '10.78.0.0/24'))).toEqual(
      [
        'Conflict: needs network-cidr/10.77.0.0/24 for itself, which another Network has: choose another value.',
        'Conflict: needs network-cidr/10.78.0.0/24 for itself, which Network "ours" in project "acme-account" has: choose another value.',
      ],
    );
  });
});

describe('what is shared', () => {
  it('says that others hold it, and not who', async () => {
    const zone = tenants.objects.find(({ kind }) => kind === 'Zone');
    if (!zone) throw new Error('there is no zone');
    const held = {
      type: 'Ready',
      status: 'False' as const,
      reason: 'InUse',
      params: { holders: 'VirtualMachine/other-thing' },
      observedGeneration: 1,
      lastTransitionAt: '2026-01-01T00:00:00.000Z',
    };
    tenants.store.seed({ objects: [{ ...zone, status: { ...emptyStatus(), conditions: [held] } }] });
    const read = async (principal: Principal) =>
      JSON.stringify((await tenants.as(principal)('{ zones { nodes { ready { message } json } } }')).data);
    expect(await read(ADMIN)).toContain('VirtualMachine/other-thing');
    expect(await read(ME)).not.toContain('other-thing');
    expect(await read(ME)).toContain('Still used by others');
  });
});

describe('a quota', () => {
  const quota: ManifestInput = {
    kind: 'Quota',
    metadata: { name: 'q' },
    spec: { account: 'acme', limits: { projects: 5, virtualMachines: 1, cpus: 4 } },
  };
  const machine = (name: string, cpus: number): ManifestInput => ({
    kind: 'VirtualMachine',
    metadata: { name, project: 'acme-own' },
    spec: { cpus, memoryMiB: 512 },
  });

  it('is shown to the people of its account, set by the provider, and holds whoever applies', async () => {
    expect(await apply(ME, quota)).toEqual([expect.stringMatching(/^Denied/)]);
    expect(await apply(ADMIN, quota)).toBe('ok');
    expect((await tenants.as(ME)('{ quotas { nodes { name } } }')).data.quotas.nodes).toContainEqual({ name: 'q' });
    expect((await tenants.as(person('ben'))('{ quotas { nodes { name } } }')).data.quotas.nodes).toEqual([]);
    expect(await apply(ME, machine('big', 8))).toEqual([
      'QuotaExceeded: The quota of 4 cpus of account acme has no room for this. Remove some, or ask for a larger quota.',
    ]);
    expect(await apply(ME, machine('fits', 4))).toBe('ok');
    expect(await apply(ADMIN, machine('one-more', 1))).toEqual([expect.stringContaining('quota of 1 virtualMachines')]);
    expect(await apply(ME, { ...machine('fits', 2) })).toBe('ok');
  });
});
