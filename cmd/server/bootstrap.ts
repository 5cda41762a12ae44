import { type Admission, applyManifests } from '../../reconciler/admission/apply.ts';
import type { ManifestInput } from '../../reconciler/admission/manifest.ts';
import type { Principal } from '../../reconciler/principal.ts';
import { profileManifests } from '../../resources/identity/role/profiles.ts';

const BOOTSTRAP: Principal = { actor: 'bootstrap', onBehalfOf: null, from: 'loop', requestId: 'bootstrap' };

export interface FirstObjects {
  /** The local host, when the server was told to manage one. */
  host: { uri: string; poolPath: string } | null;
  /** Folders of manifests to follow, as Sources. */
  folders: readonly { name: string; path: string }[];
}

/** What every installation has: an account, a project, and what the start was asked for. Applied anew at each start; unchanged then. */
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
  await made(admission, manifests, { takeOver: false });
  // The predefined roles are as this version has them, whatever was done to them.
  await made(admission, profileManifests(), { takeOver: true });
}

async function made(
  admission: Admission,
  manifests: readonly ManifestInput[],
  { takeOver }: { takeOver: boolean },
): Promise<void> {
  const outcome = await applyManifests(admission, { manifests, principal: BOOTSTRAP, source: 'bootstrap', takeOver });
  if (outcome.ok) return;
  const reasons = outcome.issues.map(({ key, path, message }) => `  ${key.kind} "${key.name}"${path}: ${message}`);
  throw new Error(`The first objects could not be made:\n${reasons.join('\n')}`);
}
