import type { ProviderView } from '../../identity/federation.ts';
import type { Providers, RoleGrant } from '../../identity/parts.ts';
import type { LdapOptions } from '../../integrations/directory/ldap.ts';
import type { ObjectStore } from '../../reconciler/store.ts';
import type { IdentityProviderSpec } from '../../resources/identity/identity-provider/kind.ts';

/** A provider with its secrets, for the one call that needs them. */
export interface OpenProvider {
  view: ProviderView;
  spec: IdentityProviderSpec;
}

export interface ProviderSource {
  store: Pick<ObjectStore, 'getByKey'>;
  /** Null when a sealed value cannot be opened. */
  open(sealed: string): Promise<string | null>;
}

/** IdentityProvider objects, and the directories among them. */
export function createProviders(source: ProviderSource): Providers {
  return {
    byName: async (name) => (await readProvider(source, name))?.view,
    verify: async ({ provider, name, password }) => {
      const found = await readProvider(source, provider);
      if (!found?.view.active || !found.spec.ldap) return { state: 'refused' };
      const { verifyByLdap } = await import('../../integrations/directory/ldap.ts');
      return verifyByLdap(await ldapOptions(source, found.spec.ldap), { name, password });
    },
  };
}

export async function readProvider(
  { store }: Pick<ProviderSource, 'store'>,
  name: string,
): Promise<OpenProvider | undefined> {
  const [object] = await store.getByKey([{ kind: 'IdentityProvider', project: null, name }]);
  if (!object) return undefined;
  const spec = object.spec as IdentityProviderSpec;
  const { type, suspended, provision, groupRoles } = spec;
  const view: ProviderView = {
    name,
    type,
    active: !suspended && object.metadata.deletedAt === null,
    createdAt: Date.parse(object.metadata.createdAt),
    generation: object.metadata.generation,
    sessionsFrom: Number(object.status.sessionsFrom ?? 0),
    provision: provision ? { account: provision.account, roles: provision.roles as RoleGrant[] } : null,
    groupRoles: groupRoles as (RoleGrant & { group: string })[],
  };
  return { view, spec };
}

async function ldapOptions(
  { open }: ProviderSource,
  ldap: NonNullable<IdentityProviderSpec['ldap']>,
): Promise<LdapOptions> {
  const { bindDn, bindPassword, ca, ...rest } = ldap;
  return {
    ...rest,
    ca: ca ?? null,
    bindDn: bindDn ?? null,
    bindPassword: bindPassword === undefined ? null : await open(bindPassword),
  };
}
