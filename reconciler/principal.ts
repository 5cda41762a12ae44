import { type Access, allows, EVERYTHING, NOTHING, type Target } from './access/access.ts';
import type { Verb } from './access/rule.ts';

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
  /** Name of the Masquerade under which the actor does it for another. */
  masquerade?: string;
  /** What it may do, once that was looked up. */
  access?: Access;
}

/** What may narrow the rights of a caller beside the roles of its user. Instants are epoch ms. */
export interface Authentication {
  /** Name of the User who signed in, or who owns the key. */
  user: string;
  /** Scopes of an API key (`get:*`, `*:VirtualMachine`, …); null for a session, which has all rights of its user. */
  scopes: readonly string[] | null;
  /** Public id of the session; null for a key. */
  session: string | null;
  /** How a key was presented; absent for a session. */
  key?: PresentedKey;
  /** Under a masquerade: who signed in to act as that user, and with which session. */
  behind?: Pick<Authentication, 'user' | 'session'>;
  /** When the user last proved who they are; a key proves it with each request. */
  provedAt: number;
  /** When a second factor was last given, or null. */
  secondFactorAt: number | null;
}

/** One of the secrets of an API key, and what it was used for. */
export interface PresentedKey {
  /** Public id of the secret. */
  secret: string;
  /** It signed the request; otherwise it was sent as a bearer token. */
  signed: boolean;
}

/** Who signs what loops write by themselves. Nobody signs in under this name, and no user, key or other principal has it. */
export const PORTAL_NAME = 'portal';

/** The principal of a loop; `loop` says which, in `from` and as the cause. */
export function portal(loop: string): Principal {
  return { actor: PORTAL_NAME, onBehalfOf: null, from: 'loop', requestId: loop };
}

export const ENGINE: Principal = portal('engine');

/**
 * What a principal may do. Whoever was recognised as a person or a key has what its rights say, and nothing without them; the
 * administrator's token and the system itself, which nobody can name from outside, have everything.
 */
export function accessOf({ access, authentication }: Principal): Access {
  return access ?? (authentication ? NOTHING : EVERYTHING);
}

/** The one enforcement point. `changed`: JSON pointers of the spec that an update changes. */
export function authorize(principal: Principal, verb: Verb, target: Target, changed?: readonly string[]): boolean {
  return principal.actor !== '' && allows(accessOf(principal), verb, target, changed);
}
