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
  const conditionStatus = builder.enumType('ConditionStatus', {
    description: 'Unknown: it cannot be seen just now.',
    values: ['True', 'False', 'Unknown'] as const,
  });
  const risk = riskType(builder);

  const condition = builder.objectRef<ConditionView>('Condition').implement({
    ...OF_OBJECT,
    description: 'One aspect of how an object is. Ready is computed from the others.',
    fields: (t) => ({
      type: t.string({
        description: 'Which aspect: Ready, Provisioned, …',
        resolve: ({ condition }) => condition.type,
      }),
      status: t.field({
        type: conditionStatus,
        description: 'Unknown: it cannot be seen just now.',
        resolve: ({ condition }) => condition.status,
      }),
      reason: t.string({ description: 'A stable code.', resolve: ({ condition }) => condition.reason }),
      params: t.field({
        type: 'JSON',
        description: 'What the message names.',
        resolve: ({ condition }) => condition.params,
      }),
      message: t.string({
        description: 'The reason in words.',
        resolve: ({ kind, condition }, _args, { api }) =>
          render(api.registry, kind, { code: condition.reason, params: condition.params }),
      }),
      observedGeneration: t.int({
        description: 'The generation that it speaks of.',
        resolve: ({ condition }) => condition.observedGeneration,
      }),
      lastTransitionAt: t.field({
        type: 'DateTime',
        description: 'When its status changed last.',
        resolve: ({ condition }) => condition.lastTransitionAt,
      }),
    }),
  });

  const metadata = metadataType(builder, risk);

  const fieldChange = builder.objectRef<FieldChange>('FieldChange').implement({
    description: 'What one field was, and what it becomes.',
    fields: (t) => ({
      path: t.exposeString('path', { description: 'JSON pointer in the spec.' }),
      from: t.field({
        type: 'JSON',
        nullable: true,
        description: 'Null: it was not set.',
        resolve: (change) => change.from,
      }),
      to: t.field({
        type: 'JSON',
        nullable: true,
        description: 'Null: it is not set any more.',
        resolve: (change) => change.to,
      }),
    }),
  });

  const pageInfo = pageInfoType(builder);
  return { condition, conditionStatus, metadata, risk, fieldChange, pageInfo };
}

function pageInfoType(builder: Builder) {
  return builder.objectRef<PageInfo>('PageInfo').implement({
    ...OF_OBJECT,
    description: 'Where a page is in its list. Lists are paged forward: pass endCursor as "after".',
    fields: (t) => ({
      hasNextPage: t.exposeBoolean('hasNextPage', { description: 'More comes after this page.' }),
      hasPreviousPage: t.boolean({
        description: 'Always false, as Relay has it of lists that are paged forward.',
        resolve: () => false,
      }),
      startCursor: t.exposeString('startCursor', {
        nullable: true,
        description: 'Of the first item; null where there is none.',
      }),
      endCursor: t.exposeString('endCursor', {
        nullable: true,
        description: 'Of the last item; null where there is none.',
      }),
    }),
  });
}

function riskType(builder: Builder) {
  return builder.enumType('Risk', {
    description: 'What a step may cost, in rising order.',
    values: ['none', 'restart', 'replace', 'dataLoss'] as const,
  });
}

function metadataType(builder: Builder, risk: ReturnType<typeof riskType>) {
  const sharing = builder.enumType('Sharing', {
    description: 'Who may use it: its project, or everybody.',
    values: ['own', 'public'] as const,
  });
  return builder.objectRef<Metadata>('Metadata').implement({
    ...OF_OBJECT,
    description: 'What all objects have beside spec and status.',
    fields: (t) => ({
      uid: t.exposeID('uid', { description: 'Never used again, also when the name is.' }),
      name: t.exposeString('name', { description: 'Unique among the objects of its kind in its project.' }),
      project: t.exposeString('project', { nullable: true, description: 'Null where its kind is in no project.' }),
      account: t.exposeString('account', { nullable: true, description: 'Account that pays for it.' }),
      labels: t.field({ type: 'JSON', description: 'Texts to select by.', resolve: (m) => m.labels }),
      annotations: t.field({
        type: 'JSON',
        description: 'Texts for people and tools, which nothing selects by.',
        resolve: (m) => m.annotations,
      }),
      generation: t.exposeInt('generation', { description: 'Counts the changes of the spec.' }),
      resourceVersion: t.exposeString('resourceVersion', {
        description: 'Changes with every write, of the status too.',
      }),
      createdAt: t.field({ type: 'DateTime', description: 'When it was made.', resolve: (m) => m.createdAt }),
      createdBy: t.exposeString('createdBy', { description: 'Who made it: user:anna, key:deploy.' }),
      deletedAt: t.field({
        type: 'DateTime',
        nullable: true,
        description: 'Since when it is on its way out, or will be.',
        resolve: (m) => m.deletedAt,
      }),
      deleteProtection: t.exposeBoolean('deleteProtection', {
        description: 'It cannot be deleted while this is true.',
      }),
      sharing: t.field({ type: sharing, description: 'Who may use it.', resolve: (m) => m.sharing }),
      adopt: t.exposeString('adopt', { nullable: true, description: 'Id of the thing outside that it took over.' }),
      ownerUid: t.exposeID('ownerUid', {
        nullable: true,
        description: 'Uid of the object that made it; null where a person did.',
      }),
      requests: t.field({ type: 'JSON', description: 'Imperative wishes: name → token.', resolve: (m) => m.requests }),
      overrides: t.field({
        type: 'JSON',
        description: 'Temporary departures from the spec: name → value, by whom, until when.',
        resolve: (m) => m.overrides,
      }),
      managed: t.field({
        type: 'JSON',
        description: 'Source → JSON pointers of the spec that it owns.',
        resolve: (m) => m.managed,
      }),
      allowedRisk: t.field({
        type: risk,
        description: 'The most that its steps may cost without asking again.',
        resolve: (m) => m.allowedRisk,
      }),
      custom: t.field({
        type: 'JSON',
        description: 'Fields that this installation defines.',
        resolve: (m) => m.custom,
      }),
    }),
  });
}

export type CommonTypes = ReturnType<typeof addCommonTypes>;

/** Of every connection. */
export const CURSOR = 'Pass it as "after" to go on behind this item.';
export const EDGES = 'The items with their cursors.';
export const NODES = 'The items alone.';
export const PAGE_INFO = 'How to go on.';

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
