import { joinProject } from '../../graphql/identity/join-project.ts';
import type { KeyView } from '../../identity/api-keys.ts';
import type { Keys } from '../../identity/authenticate.ts';
import type { People, Person, PersonManifest, RoleGrant } from '../../identity/parts.ts';
import { type Admission, applyManifests } from '../../reconciler/admission/apply.ts';
import type { ManifestInput } from '../../reconciler/admission/manifest.ts';
import type { JsonObject } from '../../reconciler/json.ts';
import { keyText, type StoredObject } from '../../reconciler/object.ts';
import { portal } from '../../reconciler/principal.ts';
import type { EngineStore, ObjectStore } from '../../reconciler/store.ts';
import type { ApiKeySpec } from '../../resources/identity/api-key/kind.ts';
import type { UserSpec } from '../../resources/identity/user/kind.ts';
import type { AccountStanding } from './account-standing.ts';

/** What signing in itself writes: registrations, proofs of addresses, roles of foreign groups. */
const PORTAL = portal('identity');

interface ObjectParts {
  admission: Admission;
  store: Pick<ObjectStore, 'getByKey'> & Pick<EngineStore, 'wake'>;
  standing(account: string): Promise<AccountStanding | null>;
}

/** Users and keys as signing in sees them, read from and written to the same objects as everybody's. */
export function identityObjects({ admission, store, standing }: ObjectParts): { people: People; keys: Keys } {
  const { registry } = admission;
  const named = async (kind: string, name: string): Promise<StoredObject | undefined> =>
    (await store.getByKey([{ kind, project: null, name }]))[0];
  const manifestsOf = (manifests: readonly PersonManifest[]) => manifests as readonly ManifestInput[];
  return {
    people: {
      byName: async (name) => {
        const user = await named('User', name);
        const { account } = user?.spec ?? {};
        return user && personOf(user, typeof account === 'string' ? await standing(account) : null);
      },
      create: async (manifests) => {
        const keys = manifests.map(({ kind, metadata }) => ({ kind, project: null, name: metadata.name }));
        const generations = Object.fromEntries(keys.map((key) => [keyText(key), 0]));
        const request = { manifests: manifestsOf(manifests), principal: PORTAL, source: 'api', generations };
        const outcome = await applyManifests(admission, request);
        return outcome.ok ? { ok: true } : { ok: false, reasons: outcome.issues.map(({ message }) => message) };
      },
      changed: (uid) => store.wake([uid]),
      setRoles: (name, roles) =>
        apply(admission, { kind: 'User', metadata: { name }, spec: { roles: rolesOf(roles) } }),
      join: (user, invitation) =>
        joinProject(admission, { invitation, user, principal: { ...PORTAL, actor: `user:${user}` } }),
    },
    keys: { byName: async (name) => (registry.kind('ApiKey') ? keyOf(await named('ApiKey', name)) : undefined) },
  };
}

function personOf(object: StoredObject, standing: AccountStanding | null): Person {
  const { metadata } = object;
  const spec = object.spec as UserSpec;
  return {
    name: metadata.name,
    uid: metadata.uid,
    displayName: spec.displayName ?? metadata.name,
    email: spec.email ?? null,
    account: spec.account ?? null,
    active: !spec.suspended && metadata.deletedAt === null && mayEnter(object, standing),
    provider: spec.identityProvider ?? null,
  };
}

/** The state of the account says who signs in: of one that is held its owners, who may pay; of one that has ended nobody. */
function mayEnter({ spec }: StoredObject, standing: AccountStanding | null): boolean {
  if (standing === null || standing.state === 'ACTIVE' || standing.state === 'NEW') return true;
  return standing.state !== 'TERMINATED' && isOwner(spec as UserSpec, standing);
}

/** Who has the predefined role of an owner, or the address that is the account's. */
export function isOwner(
  { roles, email }: Pick<UserSpec, 'roles' | 'email'>,
  { ownerEmail }: Pick<AccountStanding, 'ownerEmail'>,
): boolean {
  return (
    (roles ?? []).some(({ role }) => role === OWNER) ||
    (email !== undefined && email.toLowerCase() === ownerEmail?.toLowerCase())
  );
}

const OWNER = 'master-user';

function keyOf(object: StoredObject | undefined): KeyView | undefined {
  if (!object) return undefined;
  const { metadata } = object;
  const spec = object.spec as ApiKeySpec;
  return {
    name: metadata.name,
    uid: metadata.uid,
    user: spec.user,
    scopes: spec.scopes,
    signedOnly: spec.signedOnly,
    expiresAt: spec.expiresAt === undefined ? null : Date.parse(spec.expiresAt),
    active: !spec.suspended && metadata.deletedAt === null,
  };
}

/** As JSON, without what is not named. */
function rolesOf(roles: readonly RoleGrant[]): JsonObject[] {
  return roles.map((grant) => Object.fromEntries(Object.entries(grant).filter(([, value]) => value !== undefined)));
}

async function apply(admission: Admission, manifest: ManifestInput): Promise<void> {
  const request = { manifests: [manifest], principal: PORTAL, source: 'identity-groups', takeOver: true };
  const outcome = await applyManifests(admission, request);
  // Nothing that a caller of the API could mend: it is logged, and the sign-in goes on with what stands.
  if (!outcome.ok) throw new Error(outcome.issues.map(({ path, message }) => `${path} ${message}`).join('; '));
}
