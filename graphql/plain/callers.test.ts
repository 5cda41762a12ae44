import { describe, expect, it } from '@jest/globals';
import type { Principal } from '../../reconciler/principal.ts';
import { ADMIN, createTenants, ME, SCHEMA } from '../../test/fixtures/tenants.ts';
import { createContext } from '../context.ts';
import { createKnownDocuments } from './known-documents.ts';

/** The plain way, for whoever asks; the first time a document is only noted. */
function plainly(tenants: ReturnType<typeof createTenants>) {
  const answerOf = createKnownDocuments({ schema: SCHEMA, rules: [], tokensMax: 1_000 });
  return async (principal: Principal, query: string) => {
    const answer = answerOf(query, null) ?? answerOf(query, null);
    const text = await answer?.(createContext(tenants.api, principal), {});
    if (!text) throw new Error('The plain way has no answer.');
    return text;
  };
}

describe('queries that were seen before, by several callers', () => {
  it('show each what that caller may see, whoever asked before', async () => {
    const tenants = createTenants([{ role: 'user' }]);
    const ask = plainly(tenants);
    const query = '{ virtualMachines { nodes { name project metadata { createdBy } } } }';
    for (const principal of [ADMIN, ME, ADMIN, ME]) {
      const { data } = await tenants.as(principal)(query);
      expect(JSON.parse(await ask(principal, query))).toEqual({ data });
    }
    expect(await ask(ME, query)).not.toContain('bolt');
    expect(await ask(ADMIN, query)).toContain('bolt');
  });

  it('do not tell the users of a shared thing who holds it', async () => {
    const tenants = createTenants([{ role: 'user' }]);
    const [object] = (await tenants.store.list({ kind: 'ComputeOffering', orderBy: 'name', limit: 1 })).items;
    const offering = object?.object as NonNullable<typeof object>['object'];
    const held = {
      type: 'Ready',
      status: 'False' as const,
      reason: 'InUse',
      params: { count: 1, holders: 'VirtualMachine/secret-web' },
      observedGeneration: 1,
      lastTransitionAt: '2026-01-01T00:00:00.000Z',
    };
    tenants.store.seed({ objects: [{ ...offering, status: { ...offering.status, conditions: [held] } }] });
    const ask = plainly(tenants);
    const query = '{ computeOfferings { nodes { name conditions { reason params } } } }';
    expect(await ask(ADMIN, query)).toContain('secret-web');
    const seen = await ask(ME, query);
    expect(seen).toContain('InUse');
    expect(seen).not.toContain('secret-web');
    expect(await ask(ADMIN, query)).toContain('secret-web');
  });
});
