/**
 * Seals personal values at the border of the store. Nothing above it sees a sealed one. A value is bound to the place where it is kept: put
 * at another, it does not open.
 */
export interface PersonalSeal {
  seal(plain: string, place: string): string;
  /** Null when its key is missing, it was altered, or it was sealed for another place. */
  open(sealed: string, place: string): string | null;
  /** The same text has the same index, which tells nothing of it to whoever has not the keys. */
  index(plain: string): string;
  /** Under every key that there is, the current one first: what was kept before a rotation is found under an older one. */
  indexes(plain: string): string[];
}

/** What looks like a sealed personal value. */
export function looksPersonal(value: unknown): value is string {
  return typeof value === 'string' && value.startsWith('personal:v1:');
}
