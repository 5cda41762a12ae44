import type { ApplyResult } from '../../reconciler/admission/apply.ts';
import type { AdmissionIssue } from '../../reconciler/admission/manifest.ts';
import { keyText, type ObjectKey, type StoredObject } from '../../reconciler/object.ts';
import type { OperationState } from '../../reconciler/store.ts';
import type { Builder } from '../builder.ts';
import { UserError } from '../derive/list.ts';
import type { ObjectTypes } from './object.ts';

export interface ApplySuccess {
  tag: 'ApplySuccess';
  results: Applied[];
}
/** A result as it was written, or as it is told once more: its object may be gone by then. */
export type Applied = ApplyResult | (Omit<ApplyResult, 'object'> & { operation: Operation; object?: StoredObject });
export interface ChangeSuccess {
  tag: 'ChangeSuccess';
  operations: Operation[];
}
export interface AdmissionFailure {
  tag: 'AdmissionFailure';
  issues: AdmissionIssue[];
}
/** What every mutation returns for each object: follow it with the query `operation`. */
export interface Operation {
  uid: string;
  key: ObjectKey;
  generation: number;
  token: string | null;
}

export function operationOf(object: StoredObject, token: string | null = null): Operation {
  const { uid, project, name, generation } = object.metadata;
  return { uid, key: { kind: object.kind, project, name }, generation, token };
}

export function operationOfResult(result: Applied): Operation {
  return 'operation' in result ? result.operation : operationOf(result.object);
}

function gone(key: ObjectKey): never {
  throw new UserError(`${keyText(key)} is gone since: this request was answered before.`);
}

const isTagged = (tag: string) => (value: unknown) => (value as { tag?: string }).tag === tag;

/** Results of mutations: success, or every reason why nothing was done. */
export function addResultTypes(builder: Builder, types: ObjectTypes) {
  const key = builder.objectRef<ObjectKey>('ObjectKey').implement({
    fields: (t) => ({
      kind: t.exposeString('kind'),
      project: t.exposeString('project', { nullable: true }),
      name: t.exposeString('name'),
    }),
  });
  const keyInput = builder
    .inputRef<{ kind: string; project?: string | null | undefined; name: string }>('ObjectKeyInput')
    .implement({
      fields: (t) => ({ kind: t.string({ required: true }), project: t.string(), name: t.string({ required: true }) }),
    });
  const operation = builder.objectRef<Operation>('Operation').implement({
    description: 'A change on its way: the object, and the generation or request token to follow.',
    fields: (t) => ({
      uid: t.exposeID('uid'),
      key: t.field({ type: key, resolve: (o) => o.key }),
      generation: t.exposeInt('generation'),
      token: t.exposeString('token', { nullable: true }),
    }),
  });
  const operationState = builder.objectRef<OperationState>('OperationState').implement({
    description: 'How far an object’s changes have got. Readable for seven days after the object is gone.',
    fields: (t) => ({
      uid: t.exposeID('uid'),
      key: t.field({ type: key, resolve: (o) => o.key }),
      generation: t.exposeInt('generation'),
      readyGeneration: t.exposeInt('readyGeneration', {
        description: 'The generation that the world was last seen to match.',
      }),
      requests: t.field({ type: 'JSON', resolve: (o) => o.requests }),
      gone: t.exposeBoolean('gone'),
    }),
  });
  const issue = builder.objectRef<AdmissionIssue>('AdmissionIssue').implement({
    fields: (t) => ({
      index: t.exposeInt('index', { description: 'Position of the manifest in the request, from 0.' }),
      key: t.field({ type: key, resolve: (i) => i.key }),
      path: t.exposeString('path', { description: 'JSON pointer in the manifest.' }),
      code: t.exposeString('code'),
      message: t.exposeString('message'),
    }),
  });
  const failure = builder.objectRef<AdmissionFailure>('AdmissionFailure').implement({
    description: 'Nothing was changed, for all of these reasons.',
    isTypeOf: isTagged('AdmissionFailure'),
    fields: (t) => ({ issues: t.field({ type: [issue], resolve: (f) => f.issues }) }),
  });
  const applied = builder.objectRef<Applied>('Applied').implement({
    fields: (t) => ({
      key: t.field({ type: key, resolve: (r) => r.key }),
      change: t.exposeString('change', { description: 'created, configured or unchanged.' }),
      changes: t.field({ type: [types.common.fieldChange], resolve: (r) => r.changes }),
      operation: t.field({ type: operation, resolve: operationOfResult }),
      object: t.field({ type: types.object, resolve: ({ key, object }) => object ?? gone(key) }),
    }),
  });
  const applySuccess = builder.objectRef<ApplySuccess>('ApplySuccess').implement({
    isTypeOf: isTagged('ApplySuccess'),
    fields: (t) => ({ results: t.field({ type: [applied], resolve: (s) => s.results }) }),
  });
  const changeSuccess = builder.objectRef<ChangeSuccess>('ChangeSuccess').implement({
    isTypeOf: isTagged('ChangeSuccess'),
    fields: (t) => ({ operations: t.field({ type: [operation], resolve: (s) => s.operations }) }),
  });
  const applyResult = builder.unionType('ApplyResult', { types: [applySuccess, failure] });
  const changeResult = builder.unionType('ChangeResult', { types: [changeSuccess, failure] });
  return { key, keyInput, operation, operationState, failure, applied, applyResult, changeResult };
}

export type ResultTypes = ReturnType<typeof addResultTypes>;
