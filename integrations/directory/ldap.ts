import { Client, type Entry, Filter, InvalidCredentialsError } from 'ldapts';
import type { DirectoryAnswer, ForeignPerson } from '../../identity/parts.ts';

/** How a directory is asked: LDAP servers, Active Directory among them. */
export interface LdapOptions {
  /** Asked in this order; the next when one does not answer. */
  urls: readonly string[];
  startTls: boolean;
  /** PEM, or null: the system's. */
  ca: string | null;
  bindDn: string | null;
  bindPassword: string | null;
  baseDn: string;
  userFilter: string;
  nameAttribute: string;
  idAttribute: string;
  emailAttribute: string;
  displayNameAttribute: string;
  groupAttribute: string;
}

const CONNECT_MS = 5_000;
const ANSWER_MS = 8_000;
const GROUPS_MAX = 1_000;

/** Finds the person and binds as them with the password. Nothing is kept open: long-lived connections to directories die silently. */
export async function verifyByLdap(
  options: LdapOptions,
  { name, password }: { name: string; password: string },
): Promise<DirectoryAnswer> {
  // A bind without a password is anonymous and succeeds.
  if (password === '' || name === '') return { state: 'refused' };
  for (const url of options.urls) {
    const answer = await askServer(options, url, { name, password });
    if (answer.state !== 'unavailable') return answer;
  }
  return { state: 'unavailable' };
}

async function askServer(
  options: LdapOptions,
  url: string,
  { name, password }: { name: string; password: string },
): Promise<DirectoryAnswer> {
  const tls = { minVersion: 'TLSv1.2' as const, ...(options.ca !== null && { ca: options.ca }) };
  const client = new Client({
    url,
    timeout: ANSWER_MS,
    connectTimeout: CONNECT_MS,
    ...(url.startsWith('ldaps:') && { tlsOptions: tls }),
  });
  try {
    if (url.startsWith('ldap:') && options.startTls) await client.startTLS({ ...tls, host: new URL(url).hostname });
    if (options.bindDn !== null) await client.bind(options.bindDn, options.bindPassword ?? '');
    const entry = await findPerson(client, options, name);
    if (!entry || isDisabled(entry)) return { state: 'refused' };
    return (await isPassword(client, entry.dn, password)) ? known(options, entry) : { state: 'refused' };
  } catch {
    // Also when our own bind is refused: that is for the administrator to mend, and no reason to call anybody's password wrong.
    return { state: 'unavailable' };
  } finally {
    await client.unbind().catch(() => undefined);
  }
}

/** Exactly one entry, or nobody: of two with the same name neither is meant. */
async function findPerson(client: Client, options: LdapOptions, name: string): Promise<Entry | undefined> {
  const { nameAttribute, idAttribute, emailAttribute, displayNameAttribute, groupAttribute } = options;
  const { searchEntries } = await client.search(options.baseDn, {
    scope: 'sub',
    filter: `(&${options.userFilter}(${nameAttribute}=${Filter.escape(name)}))`,
    attributes: [nameAttribute, idAttribute, emailAttribute, displayNameAttribute, groupAttribute, ...STATE_ATTRIBUTES],
    explicitBufferAttributes: ['objectGUID'],
    sizeLimit: 2,
    timeLimit: Math.ceil(ANSWER_MS / 1000),
  });
  return searchEntries.length === 1 ? searchEntries[0] : undefined;
}

async function isPassword(client: Client, dn: string, password: string): Promise<boolean> {
  try {
    await client.bind(dn, password);
    return true;
  } catch (error) {
    if (error instanceof InvalidCredentialsError) return false;
    throw error;
  }
}

const STATE_ATTRIBUTES = ['userAccountControl', 'nsAccountLock', 'pwdAccountLockedTime'];
/** Active Directory's bit for "disabled". */
const ACCOUNT_DISABLED = 2;

/** Directories let a disabled person bind, or not; we never do. */
function isDisabled(entry: Entry): boolean {
  const control = Number(first(entry, 'userAccountControl') ?? 0);
  const locked =
    first(entry, 'nsAccountLock')?.toLowerCase() === 'true' || first(entry, 'pwdAccountLockedTime') !== null;
  return (control & ACCOUNT_DISABLED) !== 0 || locked;
}

function known(options: LdapOptions, entry: Entry): DirectoryAnswer {
  const name = first(entry, options.nameAttribute);
  const subject = first(entry, options.idAttribute);
  if (name === null || subject === null) return { state: 'refused' };
  const facts: ForeignPerson = {
    subject,
    name,
    displayName: first(entry, options.displayNameAttribute),
    email: first(entry, options.emailAttribute),
    groups: all(entry, options.groupAttribute).slice(0, GROUPS_MAX),
  };
  return { state: 'known', facts };
}

function first(entry: Entry, attribute: string): string | null {
  return all(entry, attribute)[0] ?? null;
}

/** Attributes come single or as a list, as text or as bytes; their names in any case. */
function all(entry: Entry, attribute: string): string[] {
  const key = Object.keys(entry).find((one) => one.toLowerCase() === attribute.toLowerCase());
  const value = key === undefined ? [] : entry[key];
  const values = value === undefined ? [] : Array.isArray(value) ? value : [value];
  return values.map((one) => (typeof one === 'string' ? one : one.toString('hex')));
}
