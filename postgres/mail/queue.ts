import type { LetterQueue, QueuedLetter } from '../../letters/delivery.ts';
import type { PersonalSeal } from '../../reconciler/personal.ts';
import type { Database } from '../database.ts';
import { openMail } from '../personal/mail.ts';
import {
  BOOKS_LETTERS,
  BOOKS_LETTERS_TAKEN,
  CLAIM_LETTERS,
  FORGET_LETTERS,
  LETTER_FAILED,
  LETTER_SENT,
  PUT_LETTERS,
} from './statements.ts';

/** Letters wait sealed: an address is personal, and a link may let in. */
export interface LetterSeal {
  seal(plain: string): string;
  /** Null when the key is missing. */
  unseal(sealed: string): string | null;
  /** The same for the same text, and it tells nothing else. */
  blindIndex(plain: string): string;
  uid(): string;
}

/** Mail servers repeat the address that they refuse. */
const ADDRESS = /[^\s<>(),;:"]+@[^\s<>(),;:"]+/g;

const KEPT_MS = 90 * 86_400_000;
const BATCH = 100;

/** What waits in the database. Any number of instances may take from it. */
export function createLetterQueue(database: Database, seal: LetterSeal, personal: PersonalSeal): LetterQueue {
  return {
    claim: async ({ limit, leaseMs }) => {
      await takeOver(database, seal, personal);
      const rows = await database.run<QueuedLetter & { params: string }>(CLAIM_LETTERS, [limit, leaseMs]);
      const letters = rows.map((row) => opened(row, seal));
      for (const { id } of letters.filter(({ readable }) => !readable))
        await database.run(LETTER_FAILED, [id, 'It cannot be opened: its key is missing.', null]);
      return letters.flatMap(({ readable }) => readable ?? []);
    },
    sent: async (id) => {
      await database.run(LETTER_SENT, [id]);
    },
    failed: async (id, { problem, retryAfterMs }) => {
      await database.run(LETTER_FAILED, [id, problem.replaceAll(ADDRESS, '(address)'), retryAfterMs]);
    },
    forget: async () => {
      await database.run(FORGET_LETTERS, [KEPT_MS]);
    },
  };
}

function opened(row: Omit<QueuedLetter, 'params'> & { params: string }, { unseal }: LetterSeal) {
  const [recipient, params] = [unseal(row.recipient), unseal(row.params)];
  const isWhole = recipient !== null && params !== null;
  return {
    id: row.id,
    readable: isWhole ? { ...row, recipient, params: JSON.parse(params) as QueuedLetter['params'] } : null,
  };
}

interface BooksLetter {
  account: string;
  event: string;
  recipient: string;
  template: string;
  params: Record<string, string>;
}

/** The books write their letters in the transaction of the fact. Here they join the others, once each. */
async function takeOver(
  database: Database,
  { seal, blindIndex, uid }: LetterSeal,
  personal: PersonalSeal,
): Promise<void> {
  await database.transaction(async (tx) => {
    const letters = await tx.run<BooksLetter>(BOOKS_LETTERS, [BATCH]);
    if (letters.length === 0) return { commit: false, value: null };
    const rows = letters.map((letter) => {
      const { account, event, template } = letter;
      const waits = { id: uid(), event: `books:${account}:${event}`, template };
      const opened = openMail(personal, letter);
      // Without its key it goes the way of all that cannot be read: it is given up, in sight.
      if (opened === null) return { ...waits, recipient: '', recipientIndex: letter.recipient, params: '' };
      const { recipient, params } = opened;
      return {
        ...waits,
        recipient: seal(recipient),
        recipientIndex: blindIndex(`letter:${recipient.toLowerCase()}`),
        params: seal(JSON.stringify({ account, ...params })),
      };
    });
    await tx.run(PUT_LETTERS, [JSON.stringify(rows)]);
    await tx.run(BOOKS_LETTERS_TAKEN, [JSON.stringify(letters.map(({ params: _, ...key }) => key))]);
    return { commit: true, value: null };
  });
}
