import { iso } from '../../reconciler/clock.ts';
import { ENGINE_MESSAGES, render } from '../../reconciler/messages.ts';
import type { Condition, Metadata, StoredObject } from '../../reconciler/object.ts';
import type { FieldChange } from '../../reconciler/plan.ts';
import type { Builder } from '../builder.ts';
import { OF_OBJECT } from '../plain/of-object.ts';

export interface ConditionView {
  kind: string;
  condition: Condition;
}

/** Types that every kind's object shares. */
export function addCommonTypes(builder: Builder) {
  const conditionStatus = builder.enumType('ConditionStatus', { values: ['True', 'False', 'Unknown'] as const });
  const risk = riskType(builder);

  const condition = builder.objectRef<ConditionView>('Condition').implement({
    ...OF_OBJECT,
    description: 'One aspect of how an object is. Ready is computed from the others.',
    fields: (t) => ({
      type: t.string({ resolve: ({ condition }) => condition.type }),
      status: t.field({ type: conditionStatus, resolve: ({ condition }) => condition.status }),
      reason: t.string({ description: 'A stable code.', resolve: ({ condition }) => condition.reason }),
      params: t.field({ type: 'JSON', resolve: ({ condition }) => condition.params }),
      message: t.string({
        description: 'The reason in words.',
        resolve: ({ kind, condition }, _args, { api }) =>
          render(api.registry, kind, { code: condition.reason, params: condition.params }),
      }),
      observedGeneration: t.int({ resolve: ({ condition }) => condition.observedGeneration }),
      lastTransitionAt: t.field({ type: 'DateTime', resolve: ({ condition }) => condition.lastTransitionAt }),
    }),
  });

  const metadata = metadataType(builder, risk);

  const fieldChange = builder.objectRef<FieldChange>('FieldChange').implement({
    fields: (t) => ({
      path: t.exposeString('path'),
      from: t.field({ type: 'JSON', nullable: true, resolve: (change) => change.from }),
      to: t.field({ type: 'JSON', nullable: true, resolve: (change) => change.to }),
    }),
  });

  const pageInfo = builder.objectRef<PageInfo>('PageInfo').implement({
    ...OF_OBJECT,
    fields: (t) => ({
      hasNextPage: t.exposeBoolean('hasNextPage'),
      hasPreviousPage: t.boolean({ resolve: () => false }),
      startCursor: t.exposeString('startCursor', { nullable: true }),
      endCursor: t.exposeString('endCursor', { nullable: true }),
    }),
  });
  return { condition, conditionStatus, metadata, risk, fieldChange, pageInfo };
}

function riskType(builder: Builder) {
  return builder.enumType('Risk', {
    description: 'What a step may cost, in rising order.',
    values: ['none', 'restart', 'replace', 'dataLoss'] as const,
  });
}

function metadataType(builder: Builder, risk: ReturnType<typeof riskType>) {
  const sharing = builder.enumType('Sharing', { values: ['own', 'public'] as const });
  return builder.objectRef<Metadata>('Metadata').implement({
    ...OF_OBJECT,
    fields: (t) => ({
      uid: t.exposeID('uid'),
      name: t.exposeString('name'),
      project: t.exposeString('project', { nullable: true }),
      account: t.exposeString('account', { nullable: true }),
      labels: t.field({ type: 'JSON', resolve: (m) => m.labels }),
      annotations: t.field({ type: 'JSON', resolve: (m) => m.annotations }),
      generation: t.exposeInt('generation'),
      resourceVersion: t.exposeString('resourceVersion'),
      createdAt: t.field({ type: 'DateTime', resolve: (m) => m.createdAt }),
      createdBy: t.exposeString('createdBy'),
      deletedAt: t.field({ type: 'DateTime', nullable: true, resolve: (m) => m.deletedAt }),
      deleteProtection: t.exposeBoolean('deleteProtection'),
      sharing: t.field({ type: sharing, resolve: (m) => m.sharing }),
      adopt: t.exposeString('adopt', { nullable: true }),
      ownerUid: t.exposeID('ownerUid', { nullable: true }),
      requests: t.field({ type: 'JSON', description: 'Imperative wishes: name → token.', resolve: (m) => m.requests }),
      overrides: t.field({ type: 'JSON', resolve: (m) => m.overrides }),
      managed: t.field({
        type: 'JSON',
        description: 'Source → JSON pointers of the spec that it owns.',
        resolve: (m) => m.managed,
      }),
      allowedRisk: t.field({ type: risk, resolve: (m) => m.allowedRisk }),
      custom: t.field({ type: 'JSON', resolve: (m) => m.custom }),
    }),
  });
}

export type CommonTypes = ReturnType<typeof addCommonTypes>;

export interface PageInfo {
  hasNextPage: boolean;
  startCursor: string | null;
  endCursor: string | null;
}

export function pageInfoOf(page: { items: readonly { cursor: string }[]; hasMore: boolean }): PageInfo {
  return {
    hasNextPage: page.hasMore,
    startCursor: page.items[0]?.cursor ?? null,
    endCursor: page.items.at(-1)?.cursor ?? null,
  };
}

export function conditionsOf(object: StoredObject): ConditionView[] {
  return object.status.conditions.map((condition) => ({ kind: object.kind, condition }));
}

export function readyOf(object: StoredObject): Condition {
  const known = object.status.conditions.find((condition) => condition.type === 'Ready');
  if (known) return known;
  const at = object.metadata.createdAt || iso(0);
  return {
    type: 'Ready',
    status: 'Unknown',
    reason: ENGINE_MESSAGES.Pending ? 'Pending' : 'Unknown',
    params: {},
    observedGeneration: 0,
    lastTransitionAt: at,
  };
}
