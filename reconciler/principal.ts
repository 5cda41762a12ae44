/** Who does something, and for whom. Every write carries one and leaves it in the audit row. */
export interface Principal {
  /** `user:anna`, `token:admin`, `source:quick-start`, `engine`. */
  actor: string;
  /** The one on whose behalf, when that is another (masquerade, owner's children). */
  onBehalfOf: string | null;
  /** Where the request came from: an address, `cli`, `loop`. */
  from: string;
  requestId: string;
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
