import type { BooksReader } from '../../billing/loop/books-reader.ts';
import { allowsProvider, targetOf } from '../../reconciler/access/access.ts';
import type { Admitted } from '../../reconciler/admission/admit.ts';
import type { Admission } from '../../reconciler/admission/apply.ts';
import type { AdmissionIssue } from '../../reconciler/admission/manifest.ts';
import { jsonEqual } from '../../reconciler/equal.ts';
import type { StoredObject } from '../../reconciler/object.ts';
import { accessOf, PORTAL_NAME, type Principal } from '../../reconciler/principal.ts';
import { isService } from '../../resources/identity/account/service.ts';
import { type AccountStanding, accountStanding } from './account-standing.ts';
import { conversionIssues } from './conversion-review.ts';

type Review = NonNullable<Admission['review']>;
export type ReviewParts = Parameters<typeof accountStanding>[0] & {
  store: Pick<Admission['store'], 'list'>;
  booksReader: Pick<BooksReader, 'currencyOf'>;
};

/** What an account needs before it begins: the beginning would wait for ever without it. */
const BEFORE = ['PaymentMethod', 'Ticket'];

/** Nothing is made for an account that has not begun or has ended, none becomes a type that it may not become, and no name is used again. */
export function accountReview(parts: ReviewParts): Review {
  return async (admitted, existing, principal) => {
    const made = admitted.filter(({ index, change }) => change !== 'unchanged' && !existing.has(index));
    const names = [...new Set(made.flatMap((one) => accountOf(one) ?? []))];
    const found = await Promise.all(names.map(async (name) => [name, await accountStanding(parts, name)] as const));
    const standings = new Map(found);
    const accounts = admitted.filter(({ key, change }) => key.kind === 'Account' && change !== 'unchanged');
    const issues = await Promise.all(
      accounts.map((one) => (principal.actor === PORTAL_NAME ? [] : ofAccount(parts, one, existing.get(one.index)))),
    );
    return [
      ...made.flatMap(reserved),
      ...made.flatMap((one) => ofMade(one, standings.get(accountOf(one) ?? '') ?? null, principal)),
      ...issues.flat(),
    ];
  };
}

/** The name of what the loops write is nobody's. */
function reserved({ index, key }: Admitted): AdmissionIssue[] {
  if (key.name !== PORTAL_NAME || !PEOPLE.includes(key.kind)) return [];
  const message = `"${PORTAL_NAME}" signs what the system itself writes, and is nobody's name: choose another.`;
  return [{ index, key, path: '/metadata/name', code: 'Invalid', message }];
}

const PEOPLE = ['User', 'ApiKey'];

/** Whose a new thing would be. */
function accountOf({ key, object }: Admitted): string | null {
  if (key.project !== null) return object.metadata.account;
  const { account } = object.spec;
  return (key.kind === 'Project' || key.kind === 'User') && typeof account === 'string' ? account : null;
}

function ofMade(one: Admitted, standing: AccountStanding | null, principal: Principal): AdmissionIssue[] {
  if (standing === null) return [];
  const { index, key, object } = one;
  const account = accountOf(one) ?? '';
  const refused = (code: AdmissionIssue['code'], message: string) => [{ index, key, path: '', code, message }];
  if (standing.isService && key.kind === 'Subscription')
    return refused('Denied', `is refused: ${account} is the provider's own account, which is never billed.`);
  if (standing.state === 'TERMINATED')
    return refused(
      'AccountTerminated',
      `is refused: the account ${account} was terminated, for ever. Make a new account.`,
    );
  const byStaff = allowsProvider(accessOf(principal), 'create', targetOf(object));
  if (standing.state !== 'NEW' || byStaff || BEFORE.includes(key.kind) || key.kind === 'User') return [];
  const demands = standing.demands.join(', ');
  return refused(
    'AccountNew',
    `is refused: the account ${account} has not begun. Until all of ${demands} has happened nothing is made for it; "steward describe account ${account}" says what is missing.`,
  );
}

async function ofAccount(
  parts: ReviewParts,
  one: Admitted,
  before: StoredObject | undefined,
): Promise<AdmissionIssue[]> {
  const { index, key } = one;
  if (before !== undefined && isService(before)) {
    if (sameWish(before, one.object)) return [];
    const message = `is refused: ${key.name} is the provider's own account, which is there to be looked at.`;
    return [{ index, key, path: '', code: 'Denied', message }];
  }
  if (before !== undefined) return conversionIssues(parts, one, before);
  if ((await parts.booksReader.currencyOf(key.name)) === undefined) return [];
  const message = `"${key.name}" was the name of another account, whose books are kept: choose another.`;
  return [{ index, key, path: '/metadata/name', code: 'Conflict', message }];
}

/** That somebody else wishes the same changes nothing: what was exported can be applied again. */
function sameWish(before: StoredObject, after: StoredObject): boolean {
  const metadata = { ...before.metadata, managed: after.metadata.managed };
  return jsonEqual(before.spec, after.spec) && jsonEqual(metadata, after.metadata);
}
