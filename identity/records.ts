/**
 * What signing in remembers: small documents of a few kinds, each with an owner, a version and an end. Every decision about them is made
 * outside of the store; the store only promises that `insert` and `update` have one winner and `remove` one remover.
 */
export interface Records {
  get<K extends RecordKind>(kind: K, key: string): Promise<Row<K> | undefined>;
  /** At most `limit`, by key. */
  ofSubject<K extends RecordKind>(kind: K, subject: string, limit: number): Promise<Row<K>[]>;
  /** False when the key is taken. */
  insert<K extends RecordKind>(kind: K, row: NewRow<K>): Promise<boolean>;
  /** False when the row is gone or another was faster: `version` must be the one that was read. */
  update<K extends RecordKind>(kind: K, row: Row<K>): Promise<boolean>;
  /** True for the one caller that removed it: what may be used once is used by removing it. */
  remove(kind: RecordKind, key: string): Promise<boolean>;
  /** Rows of a subject, but for one key. Answers how many went. */
  removeOfSubject(kind: RecordKind, subject: string, except: string | null): Promise<number>;
  /** Forgets at most `limit` rows whose end lies before `now` (epoch ms). Answers how many went. */
  removeExpired(now: number, limit: number): Promise<number>;
}

export interface Row<K extends RecordKind> {
  key: string;
  /** Uid of the user, or what else the row belongs to. */
  subject: string;
  value: RecordTypes[K];
  /** Epoch ms; null: until it is removed. */
  expiresAt: number | null;
  version: number;
}

export type NewRow<K extends RecordKind> = Omit<Row<K>, 'version'>;

export type RecordKind = keyof RecordTypes;

/** Aliases, not interfaces: they are JSON to the type checker. Instants are epoch ms. */
export type RecordTypes = {
  /** Key: uid of the user. */
  password: { hash: string; changedAt: number };
  /** Key: uid of the user. */
  totp: { sealedSecret: string; confirmed: boolean; lastCounter: number };
  /** Key: uid of the user. Digests of codes that were not used yet. */
  recovery: { digests: string[]; createdAt: number };
  /** Key: digest of the credential's id. */
  passkey: PasskeyValue;
  /** Key: digest of the token. */
  session: SessionValue;
  /** Key: digest of the token. Subject: uid of the Project. */
  projectInvitation: ProjectInvitationValue;
  /** Key: digest of the token. Subject: uid of the user, or what the purpose says. */
  oneTime: { purpose: string; user: string; data: Record<string, string> };
  /** Key: digest of whom the failures are counted for. */
  attempts: { count: number; lastAt: number; blockedUntil: number };
  /** Key: scope and digest of what may be seen once: nonces, assertions, challenges. */
  seen: { at: number };
  /** Key: a blind index of an e-mail address, or of a person at an identity provider: of the text `of`. */
  login: { user: string; uid: string; of?: string };
  /** Key: public id of the key's secret. Subject: uid of the ApiKey. */
  apiKey: { name: string; bearerDigest: string; sealedSecret: string; createdAt: number; usedAt: number };
};

export type PasskeyValue = {
  user: string;
  uid: string;
  credentialId: string;
  /** COSE public key, base64url. */
  publicKey: string;
  counter: number;
  transports: string[];
  label: string;
  createdAt: number;
  usedAt: number;
};

export type ProjectInvitationValue = {
  /** Public: names the invitation in lists. */
  id: string;
  project: string;
  roles: string[];
  sealedTo: string;
  /** Who alone may accept; null: whoever reads the letter. */
  user: string | null;
  byActor: string;
  /** Null: the administrator. */
  byUser: string | null;
  createdAt: number;
};

export type SessionValue = {
  /** Public: names the session in lists. */
  id: string;
  user: string;
  uid: string;
  use: 'browser' | 'commandLine';
  /** `password`, `passkey`, `ldap:corp`, `oidc:corp`, `saml:corp`. */
  how: string;
  /** Which generation of the identity provider vouched for it; absent where none did. */
  providerGeneration?: number;
  createdAt: number;
  seenAt: number;
  provedAt: number;
  secondFactorAt: number | null;
  from: string;
  agent: string;
  /** End that no use moves. */
  endsAt: number;
};
