import { assertValidSchema, type GraphQLSchema, lexicographicSortSchema, printSchema } from 'graphql';
import type { Registry } from '../reconciler/registry.ts';
import { addAccounts } from './accounts/add-accounts.ts';
import { addServiceStatus } from './announcements/add-service-status.ts';
import { addAudit } from './audit.ts';
import { addBooks } from './books/books.ts';
import { createBuilder } from './builder.ts';
import { addConsoles } from './consoles.ts';
import { deriveKinds } from './derive/kind.ts';
import { addListTypes } from './derive/list.ts';
import { deriveMutations } from './derive/typed-mutations.ts';
import { takeKeys } from './idempotency/take-keys.ts';
import { addIdentity } from './identity/add-identity.ts';
import { addMutations } from './mutations.ts';
import { addNotifications } from './notifications/add-notifications.ts';
import { addPayments } from './payments/add-payments.ts';
import { addPlans } from './plans.ts';
import { addQueries } from './queries.ts';
import { addReports } from './reports/add-reports.ts';
import { guardRootFields } from './root-fields.ts';
import { addSettings } from './settings/add-settings.ts';
import { addCommonTypes } from './types/metadata.ts';
import { addObjectTypes } from './types/object.ts';
import { addRecordTypes } from './types/records.ts';
import { addResultTypes } from './types/results.ts';
import { watchOver } from './vigil.ts';
import { addWatch } from './watch.ts';

/** The whole API, derived from the registry. */
export function buildSchema(registry: Registry): GraphQLSchema {
  const builder = createBuilder();
  const common = addCommonTypes(builder);
  const list = addListTypes(builder, common);
  const records = addRecordTypes(builder, common);
  const types = addObjectTypes(builder, { common, list, records });
  const results = addResultTypes(builder, types);
  const { enums } = deriveKinds(builder, registry, types);
  const all = { ...types, results };
  addQueries(builder, all);
  addMutations(builder, all);
  deriveMutations(builder, registry, { ...all, enums });
  addPlans(builder, all);
  addConsoles(builder, results);
  addAudit(builder);
  addWatch(builder, all);
  addBooks(builder, common);
  addReports(builder, common);
  addPayments(builder, results);
  addIdentity(builder);
  addSettings(builder);
  addAccounts(builder);
  addNotifications(builder, common);
  addServiceStatus(builder);
  const schema = builder.toSchema();
  takeKeys(schema);
  watchOver(schema);
  guardRootFields(schema, registry);
  assertValidSchema(schema);
  return schema;
}

/** As committed in graphql/schema.graphql, so that reviews see API changes. */
export function printedSchema(registry: Registry): string {
  return `${printSchema(lexicographicSortSchema(buildSchema(registry)))}\n`;
}
