import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import { type GraphQLSchema, parse, specifiedRules, type ValidationRule, validate } from 'graphql';

/** Documents by what they are asked for with: their SHA-256 in hex, and the id of their file where that is another. */
export type PersistedDocuments = ReadonlyMap<string, string>;

export type ReadDocuments = { ok: true; documents: PersistedDocuments } | { ok: false; errors: string[] };

export interface DocumentCheck {
  schema: GraphQLSchema;
  rules: readonly ValidationRule[];
  tokensMax: number;
}

const FILES_MAX = 10_000;
const FILE_BYTES_MAX = 16 * 1024 * 1024;
const DOCUMENTS_MAX = 10_000;
const ERRORS_MAX = 50;
const ID = /^[\w.:-]{1,128}$/;
const SHA256 = /^[0-9a-f]{64}$/i;

interface Entry {
  file: string;
  id: string | null;
  document: string;
}

/**
 * Reads what clients' builds write: a JSON map of id → document (Relay), a manifest with `operations` of `id` and `body` (Apollo), single
 * documents in `.graphql` files, or a folder of such files. Every document must be right for the schema; all that is wrong is told at once.
 */
export function readPersistedDocuments(path: string, check: DocumentCheck): ReadDocuments {
  const errors: string[] = [];
  const documents = new Map<string, string>();
  for (const { file, id, document } of filesOf(path, errors).flatMap((file) => entriesOf(file, errors))) {
    const digest = createHash('sha256').update(document).digest('hex');
    const found = problemsOf({ id, digest, document }, check);
    const taken = id !== null && (documents.get(id) ?? document) !== document;
    if (taken) found.push('the id stands for another document already');
    errors.push(...found.map((problem) => `${file}${id === null ? '' : `: ${shownId(id)}`}: ${problem}`));
    documents.set(digest, document);
    if (id !== null && !taken) documents.set(SHA256.test(id) ? id.toLowerCase() : id, document);
  }
  if (documents.size > 2 * DOCUMENTS_MAX) errors.push(`${path}: holds more than ${DOCUMENTS_MAX} documents`);
  if (documents.size === 0 && errors.length === 0) errors.push(`${path}: holds no documents`);
  if (errors.length === 0) return { ok: true, documents };
  const more = errors.length - ERRORS_MAX;
  return { ok: false, errors: more > 0 ? [...errors.slice(0, ERRORS_MAX), `and ${more} more`] : errors };
}

function filesOf(path: string, errors: string[]): string[] {
  try {
    if (!statSync(path).isDirectory()) return [path];
    const names = readdirSync(path).filter((name) => ['.json', '.graphql', '.gql'].includes(extname(name)));
    if (names.length > FILES_MAX) errors.push(`${path}: holds more than ${FILES_MAX} files`);
    return names
      .toSorted()
      .slice(0, FILES_MAX)
      .map((name) => join(path, name));
  } catch (error) {
    errors.push(`${path}: cannot be read: ${error instanceof Error ? error.message : String(error)}`);
    return [];
  }
}

function entriesOf(file: string, errors: string[]): Entry[] {
  try {
    if (statSync(file).size > FILE_BYTES_MAX) throw new Error(`it is larger than ${FILE_BYTES_MAX} bytes`);
    const text = readFileSync(file, 'utf8');
    if (extname(file) !== '.json') return [{ file, id: null, document: text }];
    const entries = entriesIn(JSON.parse(text));
    if (entries === null)
      throw new Error('expected a map of id → document, or "operations" that have an "id" and a "body"');
    return entries.map(([id, document]) => ({ file, id, document }));
  } catch (error) {
    errors.push(`${file}: cannot be read: ${error instanceof Error ? error.message : String(error)}`);
    return [];
  }
}

function entriesIn(value: unknown): [string, string][] | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const { operations } = value as { operations?: unknown };
  const entries: [unknown, unknown][] = Array.isArray(operations)
    ? operations.map(({ id, body }: { id?: unknown; body?: unknown } = {}) => [id, body])
    : Object.entries(value);
  const right = entries.every((entry) => entry.every((part) => typeof part === 'string'));
  return right ? (entries as [string, string][]) : null;
}

function problemsOf(
  { id, digest, document }: { id: string | null; digest: string; document: string },
  { schema, rules, tokensMax }: DocumentCheck,
): string[] {
  if (id !== null && !ID.test(id)) return ['the id is not of letters, digits and . : _ - (128 at most)'];
  if (id !== null && SHA256.test(id) && id.toLowerCase() !== digest)
    return [`the document is not the one of this SHA-256, its own is ${digest}`];
  try {
    return validate(schema, parse(document, { maxTokens: tokensMax }), [...specifiedRules, ...rules]).map(
      ({ message }) => message,
    );
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}

function shownId(id: string): string {
  return JSON.stringify(id.slice(0, 128));
}
