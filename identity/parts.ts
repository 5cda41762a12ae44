import type { ProviderView } from './federation.ts';
import type { Letters } from './letters.ts';
import type { Hasher } from './password/hash.ts';
import type { RegistrationChannel, SignInPolicy } from './policy.ts';
import type { Records, Row } from './records.ts';

/** What signing in stands on: ports, put together by the composition. */
export interface Parts {
  records: Records;
  people: People;
  letters: Letters;
  hasher: Hasher;
  secrets: Secrets;
  policy: SignInPolicy;
  providers: Providers;
  /** Absent where nothing is sold. */
  channels?: Channels;
  /** Tells what happened, for the log and the audit. It never holds a secret. */
  noted(event: IdentityEvent): void;
  /** Epoch ms. */
  now(): number;
  random(bytes: number): Uint8Array;
  uid(): string;
}

/** Keeps what happened to users with all that happens to objects. */
export interface IdentityAudit {
  append(entry: {
    uid: string;
    /** Default: User. */
    kind?: 'User' | 'Account' | 'Project';
    name: string;
    what: string;
    how: string | null;
    actor: string;
    onBehalfOf?: string | null;
    from: string;
    requestId: string;
  }): Promise<void>;
}

export interface IdentityEvent {
  what:
    | 'SignedIn'
    | 'SignInRefused'
    | 'SignedOut'
    | 'SecondFactorRefused'
    | 'SecondFactorSet'
    | 'SecondFactorRemoved'
    | 'RecoveryCodeUsed'
    | 'PasswordSet'
    | 'PasswordResetAsked'
    | 'EmailVerified'
    | 'SessionsRevoked'
    | 'PasskeyAdded'
    | 'PasskeyRemoved'
    | 'KeyIssued'
    | 'Registered'
    | 'Invited'
    | 'Federated'
    | 'DeviceApproved'
    | 'DeviceDenied';
  /** Name of the user, or what was typed as one. */
  user: string;
  from: string;
  how?: string;
  /** Who did it, when that is not the user. */
  actor?: string;
}

export interface Channels {
  /** The one of this name; without a name that of the host name by which somebody came, or else the usual one. Null: there is none. */
  find(asked: { name: string; host: string | null }): Promise<RegistrationChannel | null>;
}

/** Other houses that answer for people. */
export interface Providers {
  byName(name: string): Promise<ProviderView | undefined>;
  /** Has a directory check a password (LDAP). */
  verify(request: { provider: string; name: string; password: string }): Promise<DirectoryAnswer>;
}

export type DirectoryAnswer =
  | { state: 'known'; facts: ForeignPerson }
  /** Wrong password, unknown or disabled person: nobody is told which. */
  | { state: 'refused' }
  /** The directory does not answer. */
  | { state: 'unavailable' };

/** What an identity provider says of a person. */
export interface ForeignPerson {
  /** Never changes and is never given to another. */
  subject: string;
  /** What the person is called there, e.g. `anna.meier`. */
  name: string;
  displayName: string | null;
  /** Null unless the provider vouches for it. */
  email: string | null;
  groups: readonly string[];
}

/** A User object as signing in sees it. */
export interface Person {
  name: string;
  uid: string;
  displayName: string;
  email: string | null;
  /** Name of the account, or null. */
  account: string | null;
  /** Neither suspended nor being deleted. */
  active: boolean;
  /** Name of the IdentityProvider that answers for the person; null: Steward itself. */
  provider: string | null;
}

export interface People {
  byName(name: string): Promise<Person | undefined>;
  /** Creates objects as the system's own service: all of them, or none when one exists or is refused. */
  create(manifests: readonly PersonManifest[]): Promise<{ ok: true } | { ok: false; reasons: string[] }>;
  /** Something of the user's standing changed: its object is looked at again soon. */
  changed(uid: string): Promise<void>;
  /** Roles that the groups of an identity provider stand for. */
  setRoles(name: string, roles: readonly RoleGrant[]): Promise<void>;
  /** Makes a user a member of the project that an invitation is to, as long as whoever invited may. Null: it is done; else why not. */
  join(name: string, invitation: Row<'projectInvitation'>): Promise<string | null>;
}

/** One role, everywhere or within an account, project or channel. */
export interface RoleGrant {
  role: string;
  account?: string;
  project?: string;
  channel?: string;
}

export interface PersonManifest {
  kind: string;
  metadata: { name: string; annotations?: Record<string, string> };
  spec: Record<string, unknown>;
}

export interface Secrets {
  seal(plain: string): string;
  /** Null when the key is missing or the text was altered. */
  open(sealed: string): Promise<string | null>;
  /** The same text has the same index, which tells nothing about it to whoever has not the installation's key. */
  blindIndex(plain: string): string;
  /** Under every key that there is, the current one first: what was kept before a rotation is found under an older one. */
  blindIndexes(plain: string): string[];
}
