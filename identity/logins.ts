import type { Secrets } from './parts.ts';
import type { Records, Row } from './records.ts';

/** Whose address it was proved to be. */
export function loginOf(
  parts: { records: Pick<Records, 'get'>; secrets: Pick<Secrets, 'blindIndexes'> },
  email: string,
): Promise<Row<'login'> | undefined> {
  return loginUnder(parts.records, emailKeys(parts, email));
}

/** The first that there is. */
export async function loginUnder(
  records: Pick<Records, 'get'>,
  keys: readonly string[],
): Promise<Row<'login'> | undefined> {
  for (const key of keys) {
    const row = await records.get('login', key);
    if (row) return row;
  }
  return undefined;
}

/**
 * Puts what was found under an older key under the current one, with the text that it is the index of: rows of the time before said neither, so
 * that no rotation could move them.
 */
export async function renewLogin(
  records: Pick<Records, 'insert' | 'update' | 'remove'>,
  row: Row<'login'>,
  { key, of }: { key: string; of: string },
): Promise<void> {
  const value = { ...row.value, of };
  if (row.key === key) {
    if (row.value.of !== of) await records.update('login', { ...row, value });
    return;
  }
  const { subject, expiresAt } = row;
  await records.insert('login', { key, subject, value, expiresAt });
  await records.remove('login', row.key);
}

/** Under which it may be kept, the current one first. */
export function emailKeys({ secrets }: { secrets: Pick<Secrets, 'blindIndexes'> }, email: string): string[] {
  return secrets.blindIndexes(indexedEmail(email));
}

/** Two spellings of an address differ in capitals only; who writes `+tag` means another mailbox. */
export function indexedEmail(email: string): string {
  return `email:${email.trim().toLowerCase()}`;
}
