import type { Admitted } from '../../reconciler/admission/admit.ts';
import type { AdmissionIssue } from '../../reconciler/admission/manifest.ts';
import type { StoredObject } from '../../reconciler/object.ts';
import { demandsOf } from '../../resources/identity/account/activities.ts';
import type { ReviewParts } from './account-review.ts';
import { accountStanding } from './account-standing.ts';
import { all } from './books-wishes.ts';

/**
 * Whether an account may become, or ask to become, another type. What it is becomes so at once only where that type demands nothing: the
 * rest is asked for, and happens when all is done.
 */
export async function conversionIssues(
  parts: ReviewParts,
  { index, key, object }: Admitted,
  before: StoredObject,
): Promise<AdmissionIssue[]> {
  const [from, asked] = [before.spec.type, before.spec.convertTo];
  const { type, convertTo } = object.spec;
  const issue = (field: 'type' | 'convertTo', message: string): AdmissionIssue => ({
    index,
    key,
    path: `/spec/${field}`,
    code: 'Invalid',
    message,
  });
  if (typeof from !== 'string') return [];
  if (type !== from && typeof type === 'string') {
    const why = await refusal(parts, { account: before, from, to: type, atOnce: true });
    return why === null ? [] : [issue('type', why)];
  }
  if (convertTo === asked || typeof convertTo !== 'string' || convertTo === type) return [];
  const why = await refusal(parts, { account: before, from, to: convertTo, atOnce: false });
  return why === null ? [] : [issue('convertTo', why)];
}

async function refusal(
  parts: ReviewParts,
  { account, from, to, atOnce }: { account: StoredObject; from: string; to: string; atOnce: boolean },
): Promise<string | null> {
  const { store } = parts;
  const { name, uid } = account.metadata;
  const [old, target] = await store.getByKey(
    [from, to].map((one) => ({ kind: 'AccountType', project: null, name: one })),
  );
  const { conversions } = old?.spec ?? {};
  if (Array.isArray(conversions) && !conversions.includes(to))
    return `an account of type ${from} does not become ${to}: it may become ${conversions.join(', ') || 'no other'}.`;
  const standing = await accountStanding(parts, name);
  if (standing?.state === 'NEW') return `${name} has not begun yet: it is converted once it has.`;
  if (standing?.state === 'TERMINATED') return `${name} was terminated, for ever.`;
  const bound = target?.spec.maxUsers;
  const users = (await all(store, 'User', { refersTo: uid })).filter(({ spec }) => spec.account === name).length;
  if (typeof bound === 'number' && bound >= 0 && users > bound)
    return `${name} has ${users} users and ${to} allows ${bound}: delete ${users - bound} first.`;
  const demands = demandsOf(target?.spec, String(account.spec.currency));
  if (!atOnce || demands.length === 0) return null;
  return `${to} demands ${demands.join(', ')} first: write convertTo: ${to}, and it becomes so when all has happened.`;
}
