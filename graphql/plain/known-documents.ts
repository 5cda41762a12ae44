import {
  type DocumentNode,
  type GraphQLSchema,
  getOperationAST,
  parse,
  specifiedRules,
  type ValidationRule,
  validate,
} from 'graphql';
import { createRecent } from '../../reconciler/recent.ts';
import { compileQueryOf } from '../compiled.ts';
import type { Context } from '../context.ts';
import { compilePages, type PlainAnswer } from './page-answer.ts';
import { createTexts } from './texts.ts';

const DOCUMENTS_MAX = 500;
const DOCUMENT_CHARACTERS_MAX = 16_000;
const TEXT_CHARACTERS_MAX = 16_000_000;

export interface DocumentRules {
  schema: GraphQLSchema;
  rules: readonly ValidationRule[];
  tokensMax: number;
}

interface Known {
  document: DocumentNode | null;
  answers: Map<string | null, PlainAnswer | null>;
}

/**
 * Queries as functions, compiled when a document is seen for the second time, so that one-off documents cost nothing. Null: for the usual
 * way, because it is new, wrong, no query, or nothing that can be compiled. Bounded; what was not asked for longest is forgotten.
 */
export function createKnownDocuments(
  rules: DocumentRules,
): (query: string, operationName: string | null) => PlainAnswer | null {
  const newTexts = createTexts(TEXT_CHARACTERS_MAX);
  const documents = createRecent<Known | 'once'>({ max: DOCUMENTS_MAX });
  return (query, operationName) => {
    if (query.length > DOCUMENT_CHARACTERS_MAX) return null;
    const before = documents.get(query);
    if (before === undefined) {
      documents.put(query, 'once');
      return null;
    }
    const known = before === 'once' ? { document: validDocument(query, rules), answers: new Map() } : before;
    if (known !== before) documents.put(query, known);
    const answer = known.answers.get(operationName);
    if (answer !== undefined || known.document === null) return answer ?? null;
    const compiled = compile({ ...rules, newTexts }, known.document, operationName);
    if (known.answers.size < OPERATIONS_MAX) known.answers.set(operationName, compiled);
    return compiled;
  };
}

/** Operations of one document that are remembered, names that it does not have among them. */
const OPERATIONS_MAX = 20;

function validDocument(query: string, { schema, rules, tokensMax }: DocumentRules): DocumentNode | null {
  try {
    const document = parse(query, { maxTokens: tokensMax });
    return validate(schema, document, [...specifiedRules, ...rules]).length === 0 ? document : null;
  } catch {
    // A document that cannot be read is told about by the usual way.
    return null;
  }
}

function compile(
  { schema, newTexts }: DocumentRules & { newTexts: ReturnType<typeof createTexts> },
  document: DocumentNode,
  operationName: string | null,
): PlainAnswer | null {
  const operation = getOperationAST(document, operationName);
  if (operation?.operation !== 'query') return null;
  const pages = compilePages({ schema, document, newTexts }, operation);
  if (pages) return pages;
  const query = compileQueryOf(schema, document, operationName ?? '');
  return (
    query &&
    (async (context: Context, variables) => {
      const result = await query.query(undefined, context, variables);
      return result.errors || !result.data ? null : JSON.stringify({ data: result.data });
    })
  );
}
