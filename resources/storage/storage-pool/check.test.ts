import { describe, expect, it } from '@jest/globals';
import { checkStoragePool } from './check.ts';
import type { StoragePoolSpec } from './kind.ts';

const pool = (part: Partial<StoragePoolSpec>): StoragePoolSpec => ({
  type: 'dir',
  path: '/pools/main',
  hosts: ['h1'],
  tags: [],
  allocation: 'Enabled',
  overcommitPercent: 200,
  ...part,
});
const paths = (part: Partial<StoragePoolSpec>) => checkStoragePool(pool(part)).map(({ path }) => path);

describe('a pool at the door', () => {
  it('of type dir needs a path and nothing else', () => {
    expect(paths({})).toEqual([]);
    expect(paths({ path: undefined })).toEqual(['/path']);
  });

  it.each(['/pools/../etc', '/pools/main/', '/pools//main', '/pools/./main', '/'])('is refused at %s', (path) => {
    expect(paths({ path })).toEqual(['/path']);
  });

  it.each([
    ['netfs', { source: { server: 'nas', export: '/vms' } }, ['/type']],
    ['netfs', {}, ['/type', '/source/server', '/source/export']],
    ['logical', { path: undefined, source: { volumeGroup: 'vg0' } }, ['/type']],
    ['iscsi', { path: undefined, source: { server: 'san' } }, ['/type', '/source/target']],
    ['rbd', { path: undefined, source: { server: 'mon', cephPool: 'vms', export: '/x' } }, ['/type', '/source/export']],
  ] as const)('of type %s is known by its fields, and not carried out yet', (type, part, expected) => {
    expect(paths({ type, ...part })).toEqual(expected);
  });

  it('names all that is wrong at once', () => {
    const issues = checkStoragePool(pool({ type: 'rbd', hosts: ['h1', 'h2', 'h1'], source: { export: '/x' } }));
    expect(issues.map(({ path }) => path)).toEqual([
      '/type',
      '/source/server',
      '/source/cephPool',
      '/source/export',
      '/hosts/2',
    ]);
    expect(issues[0]?.message).toContain('use type dir');
  });
});
