import {
  defaultFieldResolver,
  GraphQLError,
  type GraphQLField,
  type GraphQLFieldResolver,
  type GraphQLObjectType,
  type GraphQLSchema,
} from 'graphql';
import { allows } from '../reconciler/access/access.ts';
import type { Verb } from '../reconciler/access/rule.ts';
import { withAccess } from '../reconciler/admission/permissions.ts';
import { accessOf } from '../reconciler/principal.ts';
import type { Registry } from '../reconciler/registry.ts';
import type { Context } from './context.ts';
import { lower } from './derive/names.ts';

/** How a field of the root is kept to what its caller may do. */
export type Guard =
  /** It reads through the caller's view, which shows what the caller may see. */
  | 'scoped'
  /** It writes through admission, which judges every object, or asks the same question itself. */
  | 'admission'
  /** It shows or changes what is the caller's own and nobody else's. */
  | 'caller'
  /** It says nothing about anybody's things. */
  | 'everybody'
  /** Only who may do this, wherever. */
  | { verb: Verb; kind: string };

/** Fields that know no kind. Those of kinds follow from the registry. What stands in neither is for the administrator alone. */
const FIELDS: Readonly<Record<string, Guard>> = {
  'Query.about': 'everybody',
  'Query.kinds': 'everybody',
  'Query.me': 'caller',
  'Query.sessions': 'caller',
  'Query.keySecrets': 'admission',
  'Query.position': 'everybody',
  'Query.node': 'scoped',
  'Query.nodes': 'scoped',
  'Query.object': 'scoped',
  'Query.objects': 'scoped',
  'Query.operation': 'scoped',
  'Query.capacity': 'scoped',
  'Query.events': 'scoped',
  'Query.steps': 'scoped',
  'Query.audit': 'scoped',
  'Query.auditBooks': { verb: 'get', kind: 'BooksAudit' },
  'Query.configuration': { verb: 'get', kind: 'Setting' },
  'Query.configurationHistory': { verb: 'get', kind: 'Setting' },
  'Query.jobs': { verb: 'get', kind: 'Setting' },
  'Query.verifyAudit': { verb: 'get', kind: 'AuditEntry' },
  'Query.journal': 'scoped',
  'Query.invoices': 'scoped',
  'Query.invoice': 'scoped',
  'Query.creditNotes': 'scoped',
  'Query.payments': 'scoped',
  'Query.ledger': 'scoped',
  'Query.billingEvents': 'scoped',
  'Query.statement': 'scoped',
  'Query.balance': 'scoped',
  'Query.spend': 'scoped',
  'Query.upcomingLines': 'scoped',
  'Query.usage': 'scoped',
  'Query.explainLine': 'scoped',
  'Query.report': 'scoped',
  'Query.reports': 'everybody',
  'Mutation.reportUsage': 'admission',
  'Query.paymentAttempts': 'admission',
  'Query.paymentGateways': 'everybody',
  'Mutation.payInvoice': 'admission',
  'Mutation.topUpWallet': 'admission',
  'Mutation.refundPayment': 'admission',
  'Mutation.refundWallet': 'admission',
  'Mutation.transferCredit': 'admission',
  'Mutation.recordPayment': 'admission',
  'Mutation.recordChargeback': 'admission',
  'Mutation.grantCredit': 'admission',
  'Mutation.resolvePayment': 'admission',
  'Mutation.paymentForm': 'admission',
  'Mutation.setDefaultPaymentMethod': 'admission',
  'Mutation.apply': 'admission',
  'Mutation.delete': 'admission',
  'Mutation.restore': 'admission',
  'Mutation.request': 'admission',
  'Mutation.override': 'admission',
  'Mutation.plan': 'admission',
  'Mutation.applyPlan': 'admission',
  'Mutation.openConsole': 'scoped',
  'Mutation.revokeSession': 'caller',
  'Mutation.revokeOtherSessions': 'caller',
  'Mutation.inviteUser': 'admission',
  'Mutation.makeInvitationLink': 'admission',
  'Mutation.sendPasswordReset': 'admission',
  'Mutation.revokeUserSessions': 'admission',
  'Mutation.issueKey': 'admission',
  'Mutation.revokeKeySecret': 'admission',
  'Mutation.registerAccount': 'admission',
  'Query.projectInvitations': 'admission',
  'Mutation.inviteToProject': 'admission',
  'Mutation.revokeProjectInvitation': 'admission',
  'Mutation.acceptProjectInvitation': 'caller',
  'Mutation.declineProjectInvitation': 'caller',
  'Query.notifications': 'caller',
  'Query.serviceStatus': 'caller',
  'Mutation.markNotificationsRead': 'caller',
  'Query.accountHistory': 'admission',
  'Mutation.holdAccount': 'admission',
  'Mutation.liftHold': 'admission',
  'Mutation.approveAccount': 'admission',
  'Mutation.declineAccount': 'admission',
  'Subscription.watch': 'scoped',
};

/** Every field that has a rule, by `Type.field`. */
export function rootFields(registry: Pick<Registry, 'kinds'>): ReadonlyMap<string, Guard> {
  const fields = new Map<string, Guard>(Object.entries(FIELDS));
  for (const { kind, plural } of registry.kinds) {
    fields.set(`Query.${lower(kind)}`, 'scoped');
    fields.set(`Query.${plural}`, 'scoped');
    fields.set(`Mutation.create${kind}`, 'admission');
    fields.set(`Mutation.update${kind}`, 'admission');
  }
  return fields;
}

/** Deny by default: a field without a rule answers the administrator only. */
export function guardRootFields(schema: GraphQLSchema, registry: Pick<Registry, 'kinds'>): void {
  const rules = rootFields(registry);
  for (const [root, type] of roots(schema)) {
    for (const field of Object.values(type?.getFields() ?? {})) {
      const name = `${root}.${field.name}`;
      const guard = rules.get(name) ?? { verb: 'get', kind: name };
      if (typeof guard !== 'string') guardField(field, guard);
    }
  }
}

/** By what they are for, whatever the types are called: a kind may be called Subscription. */
export function roots(schema: GraphQLSchema): [string, GraphQLObjectType | null | undefined][] {
  return [
    ['Query', schema.getQueryType()],
    ['Mutation', schema.getMutationType()],
    ['Subscription', schema.getSubscriptionType()],
  ];
}

type Resolver = GraphQLFieldResolver<unknown, Context>;

function guardField(field: GraphQLField<unknown, Context>, { verb, kind }: { verb: Verb; kind: string }): void {
  const guarded =
    (inner: Resolver): Resolver =>
    async (root, args, context, info) => {
      const acting = await withAccess(context.api.admission, context.principal);
      if (!allows(accessOf(acting), verb, { kind, project: null }))
        throw new GraphQLError(`${context.principal.actor} may not ask for ${field.name}.`, {
          extensions: { code: 'FORBIDDEN' },
        });
      return inner(root, args, context, info);
    };
  if (field.subscribe) field.subscribe = guarded(field.subscribe);
  else field.resolve = guarded(field.resolve ?? (defaultFieldResolver as Resolver));
}
