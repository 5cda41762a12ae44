import { GraphQLError } from 'graphql';
import type { Principal } from '../../reconciler/principal.ts';
import type { PersistedDocuments } from './read-documents.ts';

export interface Persisted {
  documents: PersistedDocuments;
  /** Nobody but the administrator sends documents of their own. */
  only: boolean;
}

export const NOTHING_PERSISTED: Persisted = { documents: new Map(), only: false };

/** The part of a request that says what document is asked for, as yet of any shape. */
export interface DocumentRequest {
  query?: unknown;
  id?: unknown;
  extensions?: unknown;
}

/** By what name a request asks for a document, where it brings none; null: it brings one, or says nothing. */
export function persistedId({ query, id, extensions }: DocumentRequest): string | null {
  if (typeof query === 'string' && query !== '') return null;
  if (typeof id === 'string') return id;
  const { persistedQuery } = (extensions ?? {}) as { persistedQuery?: unknown };
  const { sha256Hash } = (persistedQuery ?? {}) as { sha256Hash?: unknown };
  return typeof sha256Hash === 'string' ? sha256Hash : null;
}

/**
 * Pure: the document that a known caller gets by its name, or why not; null: what the request brings is taken as it is. A document that comes
 * with a name is a document of the caller's own: nothing is ever remembered under a name that a caller chose.
 */
export function askedDocument(
  request: DocumentRequest,
  { documents, only }: Persisted,
  principal: Principal,
): { query: string } | { refused: GraphQLError } | null {
  const id = persistedId(request);
  if (id !== null) {
    const query = documents.get(id) ?? documents.get(id.toLowerCase());
    return query === undefined ? { refused: unknownDocument(documents) } : { query };
  }
  return only && !isAdministrator(principal) ? { refused: ownDocument() } : null;
}

/** The administrator's token, and nobody who acts as somebody else. */
function isAdministrator({ authentication, masquerade }: Principal): boolean {
  return authentication === undefined && masquerade === undefined;
}

/** In the words that clients know, who then send the document itself or stop asking by name. */
function unknownDocument(documents: PersistedDocuments): GraphQLError {
  return documents.size === 0
    ? refusal('PersistedQueryNotSupported', { code: 'PERSISTED_QUERY_NOT_SUPPORTED', status: 400 })
    : refusal('PersistedQueryNotFound', { code: 'PERSISTED_QUERY_NOT_FOUND', status: 404 });
}

function ownDocument(): GraphQLError {
  const message = 'Only documents that the server knows are taken here: ask by id, or have the document added.';
  return refusal(message, { code: 'PERSISTED_QUERY_ONLY', status: 403 });
}

function refusal(message: string, { code, status }: { code: string; status: number }): GraphQLError {
  return new GraphQLError(message, { extensions: { code, http: { status } } });
}
