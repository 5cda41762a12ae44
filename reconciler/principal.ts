/** Who does something, and for whom. Every write carries one and leaves it in the audit row. */
export interface Principal {
  /** `user:anna`, `token:admin`, `source:quick-start`, `engine`. */
  actor: string;
  /** The one on whose behalf, when that is another (masquerade, owner's children). */
  onBehalfOf: string | null;
  /** Where the request came from: an address, `cli`, `loop`. */
  from: string;
  requestId: string;
  /** How a person or a key was recognised; absent for the administrator's token and for principals of the system itself. */
  authentication?: Authentication;
}

/** What may narrow the rights of a caller beside the roles of its user. Instants are epoch ms. */
export interface Authentication {
  /** Name of the User who signed in, or who owns the key. */
  user: string;
  /** Scopes of an API key (`get:*`, `*:VirtualMachine`, …); null for a session, which has all rights of its user. */
  scopes: readonly string[] | null;
  /** Public id of the session; null for a key. */
  session: string | null;
  /** When the user last proved who they are; a key proves it with each request. */
  provedAt: number;
  /** When a second factor was last given, or null. */
  secondFactorAt: number | null;
}

export const ENGINE: Principal = { actor: 'engine', onBehalfOf: null, from: 'loop', requestId: 'engine' };

export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'delete' | 'request' | 'override' | 'use';

/** The one enforcement point. Allow-all for authenticated principals until roles exist. */
export function authorize(
  principal: Principal,
  _verb: Verb,
  _target: { kind: string; project: string | null },
): boolean {
  return principal.actor !== '';
}
