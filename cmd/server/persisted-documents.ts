import { DEFAULT_LIMITS } from '../../graphql/limits.ts';
import { NOTHING_PERSISTED, type Persisted } from '../../graphql/persisted/asked-document.ts';
import { readPersistedDocuments } from '../../graphql/persisted/read-documents.ts';
import { buildSchema } from '../../graphql/schema.ts';
import { documentRules } from '../../graphql/server.ts';
import type { Registry } from '../../reconciler/registry.ts';
import { REGISTRY } from '../../resources/registry.ts';
import type { Settings } from '../config/settings.ts';
import { CliError, EXIT } from '../exit-codes.ts';

/** The documents that the settings name, checked against the schema; one that is wrong stops the start. */
export function openPersisted({ graphql, explorer }: Pick<Settings, 'graphql' | 'explorer'>): Persisted {
  if (graphql.persisted === '') return NOTHING_PERSISTED;
  const read = readPersistedDocuments(graphql.persisted, {
    schema: buildSchema(REGISTRY as Registry),
    rules: documentRules(DEFAULT_LIMITS, { explorer }),
    tokensMax: DEFAULT_LIMITS.tokens,
  });
  if (read.ok) return { documents: read.documents, only: graphql.onlyPersisted };
  const errors = read.errors.map((error) => `  ${error}`).join('\n');
  throw new CliError(`The documents of graphql.persisted are wrong:\n${errors}`, EXIT.usage);
}
