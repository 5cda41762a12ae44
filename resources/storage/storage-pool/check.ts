import type { SpecIssue } from '../../../reconciler/kind.ts';
import type { StoragePoolSpec } from './kind.ts';

type Source = keyof NonNullable<StoragePoolSpec['source']>;

/** What each type needs. The types beyond dir are described so that manifests need not change when they are carried out. */
const NEEDS: Record<StoragePoolSpec['type'], { path: boolean; source: readonly Source[] }> = {
  dir: { path: true, source: [] },
  netfs: { path: true, source: ['server', 'export'] },
  logical: { path: false, source: ['volumeGroup'] },
  iscsi: { path: false, source: ['server', 'target'] },
  rbd: { path: false, source: ['server', 'cephPool'] },
};

const CARRIED_OUT: readonly StoragePoolSpec['type'][] = ['dir'];

/** Checks the fields that the pool's type needs or does not know, and refuses types that are not carried out yet. All issues at once. */
export function checkStoragePool(wished: StoragePoolSpec): SpecIssue[] {
  const issues: SpecIssue[] = [];
  if (!CARRIED_OUT.includes(wished.type)) {
    issues.push({
      path: '/type',
      message: `Pools of type ${wished.type} are not carried out yet: use type dir, on a folder that is mounted on the hosts.`,
    });
  }
  const needs = NEEDS[wished.type];
  if (needs.path && wished.path === undefined) {
    issues.push({
      path: '/path',
      message: `A pool of type ${wished.type} needs a path, e.g. /var/lib/steward/pools/main.`,
    });
  }
  if (wished.path !== undefined && !isPlain(wished.path)) {
    issues.push({
      path: '/path',
      message: `"${wished.path}" is not written plainly: a folder below "/", without ".", "..", "//" or a "/" at the end.`,
    });
  }
  issues.push(...sourceIssues(wished, needs.source), ...repeated(wished.hosts));
  return issues;
}

/** Hypervisors show paths in their plainest form; another spelling of the same would look like drift for ever. */
function isPlain(path: string): boolean {
  const [, ...names] = path.split('/');
  return names.every((name) => name !== '' && name !== '.' && name !== '..');
}

function sourceIssues(wished: StoragePoolSpec, needed: readonly Source[]): SpecIssue[] {
  const given = Object.entries(wished.source ?? {}).flatMap(([key, value]) => (value === undefined ? [] : [key]));
  return [
    ...needed
      .filter((key) => !given.includes(key))
      .map((key) => ({ path: `/source/${key}`, message: `A pool of type ${wished.type} needs source.${key}.` })),
    ...given
      .filter((key) => !needed.includes(key as Source))
      .map((key) => ({
        path: `/source/${key}`,
        message: `A pool of type ${wished.type} has no source.${key}: leave it out.`,
      })),
  ];
}

function repeated(hosts: readonly string[]): SpecIssue[] {
  return hosts.flatMap((host, index) =>
    hosts.indexOf(host) < index ? [{ path: `/hosts/${index}`, message: `Host "${host}" is listed twice.` }] : [],
  );
}
