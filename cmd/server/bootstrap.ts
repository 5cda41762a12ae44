import { type Admission, applyManifests } from '../../reconciler/admission/apply.ts';
import type { ManifestInput } from '../../reconciler/admission/manifest.ts';
import { portal } from '../../reconciler/principal.ts';
import { SERVICE_ACCOUNT, SYSTEM_TYPE } from '../../resources/identity/account/service.ts';
import { profileManifests } from '../../resources/identity/role/profiles.ts';

const PORTAL = portal('bootstrap');

export interface FirstObjects {
  /** The local host, when the server was told to manage one. */
  host: { uri: string; poolPath: string } | null;
  /** Folders of manifests to follow, as Sources. */
  folders: readonly { name: string; path: string }[];
}

/** What every installation has: the provider's own account, an account, a project, and what the start was asked for. Applied anew at each start; unchanged then. */
export async function bootstrap(admission: Admission, { host, folders }: FirstObjects): Promise<void> {
  const manifests: ManifestInput[] = [
    { kind: 'Account', metadata: { name: 'default' }, spec: {} },
    { kind: 'Project', metadata: { name: 'default' }, spec: { account: 'default' } },
    ...(host
      ? [
          { kind: 'Host', metadata: { name: 'local' }, spec: { uri: host.uri } },
          {
            kind: 'StoragePool',
            metadata: { name: 'local' },
            spec: { type: 'dir', path: host.poolPath, hosts: ['local'] },
          },
        ]
      : []),
    ...folders.map(({ name, path }) => ({ kind: 'Source', metadata: { name }, spec: { folder: path } })),
  ];
  await made(admission, [...(await ownAccount(admission)), ...manifests], { takeOver: false });
  // The predefined roles are as this version has them, whatever was done to them.
  await made(admission, profileManifests(), { takeOver: true });
}

/** The account of the provider's own people, unless a name of it was given to something else before there was one. */
async function ownAccount({ store }: Admission): Promise<ManifestInput[]> {
  const names = [
    { kind: 'Account', project: null, name: SERVICE_ACCOUNT },
    { kind: 'AccountType', project: null, name: SYSTEM_TYPE },
  ];
  if ((await store.getByKey(names)).some((known) => known !== undefined)) return [];
  return [
    { kind: 'AccountType', metadata: { name: SYSTEM_TYPE }, spec: { displayName: 'System', notionalBilling: true } },
    {
      kind: 'Account',
      metadata: { name: SERVICE_ACCOUNT, deleteProtection: true },
      spec: { displayName: 'Service', type: SYSTEM_TYPE },
    },
  ];
}

async function made(
  admission: Admission,
  manifests: readonly ManifestInput[],
  { takeOver }: { takeOver: boolean },
): Promise<void> {
  const outcome = await applyManifests(admission, { manifests, principal: PORTAL, source: 'bootstrap', takeOver });
  if (outcome.ok) return;
  const reasons = outcome.issues.map(({ key, path, message }) => `  ${key.kind} "${key.name}"${path}: ${message}`);
  throw new Error(`The first objects could not be made:\n${reasons.join('\n')}`);
}
