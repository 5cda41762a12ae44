import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type IdentityServer, startIdentityServer } from '../../fixtures/identity-server.ts';

jest.setTimeout(120_000);

const APPLY = `mutation ($manifests: [JSON!]!) { apply(manifests: $manifests) {
  ... on ApplySuccess { results { change } } ... on AdmissionFailure { issues { code message } } } }`;

describe('who the system itself is', () => {
  let server: IdentityServer;
  beforeAll(async () => {
    server = await startIdentityServer();
  });
  afterAll(() => server.close());

  const refusals = async (...manifests: unknown[]): Promise<string[]> => {
    const { issues = [] } = (await server.asAdmin(APPLY, { manifests })).body.data.apply;
    return issues.map(({ code, message }: { code: string; message: string }) => `${code}: ${message}`);
  };
  const of = (kind: string, name: string, spec: object, project?: string) => ({
    kind,
    metadata: { name, ...(project === undefined ? {} : { project }) },
    spec,
  });

  it('the provider has an account of its own from the first start: to look at, never changed, deleted, held or billed', async () => {
    const { body } = await server.asAdmin(
      '{ account(name: "service") { spec { displayName type } metadata { createdBy deleteProtection } } }',
    );
    expect(body.data.account).toEqual({
      spec: { displayName: 'Service', type: 'system' },
      metadata: { createdBy: 'portal', deleteProtection: true },
    });
    expect(
      await refusals(of('Account', 'service', { displayName: 'Service', type: 'system', legalName: 'Ours Ltd' })),
    ).toEqual([expect.stringMatching(/^Denied: .*provider's own account/)]);
    const unprotected = {
      kind: 'Account',
      metadata: { name: 'service', deleteProtection: false },
      spec: { displayName: 'Service', type: 'system' },
    };
    expect(await refusals(unprotected)).toEqual([expect.stringMatching(/^Denied/)]);
    const exported = {
      kind: 'Account',
      metadata: { name: 'service', deleteProtection: true },
      spec: { displayName: 'Service', type: 'system' },
    };
    expect(await refusals(exported)).toEqual([]);
    const deleted = await server.asAdmin(
      'mutation { delete(objects: [{ kind: "Account", name: "service" }]) { ... on AdmissionFailure { issues { code } } } }',
    );
    expect(deleted.body.data.delete.issues).toEqual([{ code: 'Protected' }]);
    const held = await server.asAdmin(
      'mutation { holdAccount(account: "service", source: admin, severity: SUSPEND, reason: "Check", memo: "Try.") }',
    );
    expect(held.body.errors[0].message).toContain('which nothing holds');
    await server.apply(
      of('Project', 'tools', { account: 'service' }),
      of('Bundle', 'basic', { charges: [{ name: 'fee' }] }),
    );
    expect(await refusals(of('Subscription', 'mine', { bundle: 'basic' }, 'tools'))).toContainEqual(
      expect.stringContaining('never billed'),
    );
  });

  it('what loops write is signed by portal, as whom nobody signs in: no user and no key has that name', async () => {
    await server.apply(of('User', 'olga', { account: 'service' }));
    for (const manifest of [of('User', 'portal', {}), of('ApiKey', 'portal', { user: 'olga', scopes: ['get:*'] })])
      expect(await refusals(manifest)).toEqual([
        expect.stringMatching(/^Invalid: "portal" signs what the system itself writes/),
      ]);
    const signed = await server.browser().auth('sign-in', { login: 'portal', password: 'four rivers meet at noon' });
    expect(signed.status).toBe(401);
    const { audit } = (await server.asAdmin('{ audit(first: 100) { nodes { actor } } }')).body.data;
    const actors = new Set(audit.nodes.map(({ actor }: { actor: string }) => actor));
    expect([...actors].sort()).toEqual(['portal', 'token:admin']);
    expect(server.errors).toEqual([]);
  });
});
