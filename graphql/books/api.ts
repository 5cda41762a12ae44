import type { AccountBooks } from '../../billing/loop/account-books.ts';
import type { AuditFinding, BooksReader } from '../../billing/loop/books-reader.ts';
import type { BooksStore } from '../../billing/loop/books-store.ts';

/** What the API reads of the books. */
export interface BooksApi {
  reader: BooksReader;
  accounts: AccountBooks;
  store: Pick<BooksStore, 'ingest'>;
  /** BR-37, in SQL and by settling anew. Empty when all is well. */
  audit(): Promise<AuditFinding[]>;
  now(): Promise<number>;
}
