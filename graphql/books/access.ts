import { GraphQLError } from 'graphql';
import { allows } from '../../reconciler/access/access.ts';
import { withAccess } from '../../reconciler/admission/permissions.ts';
import { accessOf } from '../../reconciler/principal.ts';
import type { Context } from '../context.ts';
import type { BooksApi } from './api.ts';

/** Records of the books, as roles name them. */
export type BooksRecord =
  | 'Invoice'
  | 'CreditNote'
  | 'Payment'
  | 'LedgerEntry'
  | 'RatedLine'
  | 'UsageRecord'
  | 'Statement';

/**
 * The books, for a caller who may read this kind of record of this account. To everybody else the account is not there: whether it is,
 * is nobody's business either.
 */
export async function booksFor(
  { api, principal }: Context,
  { kind, account }: { kind: BooksRecord; account: string },
): Promise<BooksApi> {
  const { books } = api;
  const acting = await withAccess(api.admission, principal);
  if (!allows(accessOf(acting), 'get', { kind, project: null, account })) throw notThere(account);
  if (books === undefined)
    throw new GraphQLError('This server keeps no books.', { extensions: { code: 'UNAVAILABLE' } });
  return books;
}

export function notThere(account: string): GraphQLError {
  return new GraphQLError(`There is no account "${account}".`, { extensions: { code: 'NOT_FOUND' } });
}
