import type { Parts } from './parts.ts';
import type { SessionValue } from './records.ts';

/** A session that another house vouched for ends with that house: when it is suspended, deleted, or made anew. It does not come back with it. */
export async function providerStands(
  parts: Pick<Parts, 'providers'>,
  { how, createdAt, providerGeneration = 0 }: Pick<SessionValue, 'how' | 'createdAt' | 'providerGeneration'>,
): Promise<boolean> {
  const name = providerOf(how);
  if (name === null) return true;
  const provider = await parts.providers.byName(name);
  return provider?.active === true && provider.createdAt <= createdAt && providerGeneration >= provider.sessionsFrom;
}

/** Name of the provider that vouches for whoever came like that, or null. */
export function providerOf(how: string): string | null {
  return /^(?:ldap|oidc|saml):(.+)$/.exec(how)?.[1] ?? null;
}
