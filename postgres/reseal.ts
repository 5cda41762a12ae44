import type { PersonalSeal } from '../reconciler/personal.ts';
import { resealAudit } from './audit/reseal.ts';
import type { Database } from './database.ts';
import type { SealedRows } from './personal/rows.ts';
import { sealMail } from './personal/seal-mail.ts';
import { reindex } from './reindex.ts';
import { resealColumns } from './reseal-columns.ts';

/** What the keys can do for values that are kept already. */
export interface ResealingKeys {
  /** Id of the key that seals now. */
  current: string;
  /** A sealed value under the current key; null where it is so already, or cannot be opened. */
  rewrap(sealed: string): string | null;
  /** Signs a text with a key that is not in the database. */
  sign(text: string): string;
}

/**
 * Brings everything that is sealed under the current key, and seals what an older version kept in clear. What is read meanwhile may be in
 * either form. Interrupted at any moment, the next run takes what is left; run in two places, it does no harm. Answers how many rows.
 */
export async function reseal(
  database: Database,
  kept: { rows: SealedRows; personal: PersonalSeal },
  keys: ResealingKeys,
): Promise<number> {
  const columns = await resealColumns(database, { ...kept, ...keys });
  const logins = await reindex(database, kept);
  const letters = await sealMail(database, kept.personal);
  return columns + logins + letters + (await resealAudit(database, { rows: kept.rows, ...keys }));
}
