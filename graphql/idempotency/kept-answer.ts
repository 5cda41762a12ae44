import type { WrittenRow } from '../../reconciler/idempotency.ts';
import type { Json, JsonObject } from '../../reconciler/json.ts';
import type { ObjectKey } from '../../reconciler/object.ts';
import type { Context } from '../context.ts';
import type { Applied, ApplySuccess, ChangeSuccess, Operation } from '../types/results.ts';
import { operationOfResult } from '../types/results.ts';

/** Keeps answers that let in. */
export interface AnswerVault {
  seal(plain: string): string;
  /** Null when its key is missing or it was altered. */
  unseal(sealed: string): string | null;
}

/** How the answers of a mutation are kept: by the name of the type that it answers with. */
export interface AnswerForm {
  /** Undefined: nothing was done, and the key stays free. */
  kept(answer: unknown, args: Readonly<Record<string, unknown>>): Json | undefined;
  told(kept: Json, context: Context): Promise<unknown>;
  /** From what its transaction wrote, where the server died before it could keep its answer. */
  written?(rows: readonly WrittenRow[], context: Context, args: Readonly<Record<string, unknown>>): Promise<unknown>;
}

/** Answers with neither objects nor attempts in them are kept as they are. */
const PLAIN: AnswerForm = {
  kept: (answer) => JSON.parse(JSON.stringify(answer ?? null)) as Json,
  told: async (kept) => kept,
};

interface KeptResult {
  key: ObjectKey;
  change: Applied['change'];
  changes: Applied['changes'];
  operation: Operation;
}

const APPLY: AnswerForm = {
  kept: (answer, { dryRun }) => {
    const { tag, results } = answer as ApplySuccess;
    if (tag !== 'ApplySuccess' || dryRun === true) return undefined;
    const rows = results.map((one) => {
      const { key, change, changes } = one;
      return { key, change, changes, operation: operationOfResult(one) };
    });
    return JSON.parse(JSON.stringify(rows)) as Json;
  },
  told: async (kept, context) => success(kept as unknown as KeptResult[], context),
  written: async (rows, context) =>
    success(
      rows.map((row) => ({
        key: keyOfRow(row),
        change: row.op === 'create' ? 'created' : 'configured',
        changes: [],
        operation: operationOfRow(row, null),
      })),
      context,
    ),
};

async function success(rows: readonly KeptResult[], context: Context): Promise<ApplySuccess> {
  const objects = await Promise.all(rows.map(({ operation }) => context.byUid(operation.uid)));
  const results = rows.map((row, index): Applied => {
    const object = objects[index];
    return { ...row, ...(object && { object }) };
  });
  return { tag: 'ApplySuccess', results };
}

const CHANGE: AnswerForm = {
  kept: (answer) => ((answer as ChangeSuccess).tag === 'ChangeSuccess' ? PLAIN.kept(answer, {}) : undefined),
  told: PLAIN.told,
  written: async (rows, context, { name }) => {
    const objects = await Promise.all(rows.map(({ uid }) => context.byUid(uid)));
    const tokenOf = (index: number) =>
      typeof name === 'string' ? (objects[index]?.metadata.requests[name] ?? null) : null;
    const operations = rows.map((row, index) => operationOfRow(row, tokenOf(index)));
    return { tag: 'ChangeSuccess', operations } satisfies ChangeSuccess;
  },
};

function keyOfRow({ kind, project, name }: WrittenRow): ObjectKey {
  return { kind, project, name };
}

function operationOfRow(row: WrittenRow, token: string | null): Operation {
  return { uid: row.uid, key: keyOfRow(row), generation: row.generation, token };
}

/** The attempt is told as it stands: its outcome may be known by now. */
const PAYMENT: AnswerForm = {
  kept: (answer) => {
    const { code, attempt } = answer as { code: string | null; attempt: { id: string } | null };
    return code === null ? { attempt: attempt?.id ?? null } : undefined;
  },
  told: async (kept, { api }) => {
    const id = (kept as { attempt: string | null }).attempt;
    const found = id === null ? undefined : await api.payments?.cashier.attempts.byId(id);
    return { code: null, message: null, attempt: found?.attempt ?? null };
  },
};

/** Only a plan that was saved is something that was done. */
const PLAN: AnswerForm = {
  kept: (answer) => {
    const { tag, id } = answer as { tag: string; id: string | null };
    return tag === 'Plan' && id !== null ? { id } : undefined;
  },
  told: async (kept, { api }) => {
    const plan = await api.store.loadPlan((kept as { id: string }).id);
    return plan && { tag: 'Plan', id: plan.id, forecast: plan.shown as JsonObject, createdAt: plan.createdAt };
  },
};

const FORMS: Readonly<Record<string, AnswerForm>> = {
  ApplyResult: APPLY,
  ChangeResult: CHANGE,
  PaymentResult: PAYMENT,
  PlanResult: PLAN,
};

export function answerForm(type: string): AnswerForm {
  return FORMS[type] ?? PLAIN;
}
