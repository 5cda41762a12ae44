import { describe, expect, it } from '@jest/globals';
import { createCloud, hostManifest, PROJECT, poolManifest } from '../../test/fixtures/cloud.ts';

const key = (kind: string, name: string, project: string | null = null) => ({ kind, project, name });

describe('projects and accounts', () => {
  it('are not deleted while something lives in them, and go once that has gone', async () => {
    const cloud = createCloud();
    await cloud.apply([
      ...PROJECT,
      { kind: 'Account', metadata: { name: 'acme' }, spec: { currency: 'CHF' } },
      { kind: 'Project', metadata: { name: 'shop' }, spec: { account: 'acme' } },
      hostManifest('h1'),
      poolManifest('main', ['h1']),
      { kind: 'Volume', metadata: { name: 'data', project: 'shop' }, spec: { sizeGiB: 1 } },
    ]);
    await cloud.settle();
    const [data] = await cloud.store.getByKey([key('Volume', 'data', 'shop')]);
    expect(data?.metadata.account).toBe('acme');
    await cloud.remove(key('Project', 'shop'), key('Account', 'acme'));
    await cloud.settle();
    expect(await cloud.condition('Project', 'shop')).toMatchObject({
      reason: 'InUse',
      params: { holders: 'Volume/data' },
    });
    expect(await cloud.condition('Account', 'acme')).toMatchObject({
      reason: 'InUse',
      params: { holders: 'Project/shop' },
    });
    await cloud.remove(key('Volume', 'data', 'shop'));
    await cloud.settle();
    expect(await cloud.get('Project', 'shop')).toBeUndefined();
    expect(await cloud.get('Account', 'acme')).toBeUndefined();
  });

  it.each([
    [
      'a currency that is none',
      { kind: 'Account', metadata: { name: 'a' }, spec: { currency: 'euro' } },
      '/spec/currency',
    ],
    [
      'an address that is none',
      { kind: 'Account', metadata: { name: 'a' }, spec: { ownerEmail: 'anna' } },
      '/spec/ownerEmail',
    ],
    [
      'an account that is not there',
      { kind: 'Project', metadata: { name: 'p' }, spec: { account: 'nobody' } },
      '/spec/account',
    ],
  ])('are refused with %s', async (_what, manifest, path) => {
    const cloud = createCloud();
    expect(await cloud.apply([manifest])).toMatchObject({ ok: false, issues: [{ path }] });
  });
});
