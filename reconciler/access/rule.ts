/** What may be done to an object, or to something that is none: a record, a file. */
export const VERBS = [
  'get',
  'list',
  'watch',
  'create',
  'update',
  'delete',
  'request',
  'override',
  'use',
  'console',
] as const;

export type Verb = (typeof VERBS)[number];

/**
 * How far a rule reaches: what the person made in the own account (`own`), projects that the person is a member of, the account, all
 * accounts of the account's channel, everything; or what others share with everybody (`public`).
 */
export const SCOPES = ['own', 'project', 'account', 'channel', 'all', 'public'] as const;

export type Scope = (typeof SCOPES)[number];

/** One permission. What no rule allows is denied; there are no rules that deny. */
export interface Rule {
  /** `get` stands for list and watch too; `*` for every verb. */
  verbs: readonly (Verb | '*')[];
  /** Kinds, records (`AuditEntry`) and other things (`Metrics`, `File`) by name; `*` for all. */
  kinds: readonly string[];
  scope: Scope;
  /** Labels that an object must have, all of them. */
  selector?: Readonly<Record<string, string>> | undefined;
  /** JSON pointers in the spec: an update may change these and what is below them, and nothing else. */
  fields?: readonly string[] | undefined;
}

/** Listing and watching are ways of getting. */
export function plainVerb(verb: Verb): Verb {
  return verb === 'list' || verb === 'watch' ? 'get' : verb;
}
