import { GraphQLError } from 'graphql';
import { HOLD_SEVERITIES } from '../../billing/dunning/dunning.ts';
import { type HistoryRow, MEMO_MAX } from '../../identity/account-history.ts';
import { allows } from '../../reconciler/access/access.ts';
import type { Verb } from '../../reconciler/access/rule.ts';
import { withAccess } from '../../reconciler/admission/permissions.ts';
import { iso } from '../../reconciler/clock.ts';
import type { StoredObject } from '../../reconciler/object.ts';
import { accessOf } from '../../reconciler/principal.ts';
import { notThere } from '../books/access.ts';
import type { Builder } from '../builder.ts';
import type { Context } from '../context.ts';
import { UserError } from '../derive/list.ts';
import type { AccountsApi } from './accounts-api.ts';

const ACCOUNT = 'Name of the Account.';
const MEMO = `Why, for the provider’s people; at most ${MEMO_MAX} characters.`;
const REASON = 'A code such as Abuse: letters only.';

/** What the provider’s people decide about accounts: approval, holds, the end; and all that was ever decided. */
export function addAccounts(builder: Builder): void {
  addHistory(builder);
  addHolds(builder);
  addVerdicts(builder);
}

function addHistory(builder: Builder): void {
  const row = builder.objectRef<HistoryRow>('AccountHistoryRow').implement({
    description: 'One thing that was decided about an account. Nothing changes it.',
    fields: (t) => ({
      at: t.field({ type: 'DateTime', resolve: ({ at }) => iso(at) }),
      what: t.exposeString('what', {
        description: 'Activated, Approved, Declined, Converted, Held, Lifted, Terminated or Erased.',
      }),
      oldState: t.exposeString('oldState'),
      newState: t.exposeString('newState'),
      actor: t.exposeString('actor', { description: 'Who; portal where it followed by itself.' }),
      source: t.exposeString('source', { nullable: true, description: 'Of a hold.' }),
      severity: t.exposeString('severity', { nullable: true, description: 'Of a hold.' }),
      reason: t.exposeString('reason', { description: 'A code.' }),
      memo: t.exposeString('memo'),
      detail: t.exposeString('detail', { description: 'Id of the hold, or the type of account that it is about.' }),
    }),
  });
  builder.queryField('accountHistory', (t) =>
    t.field({
      type: [row],
      description: 'What was decided about an account and with which consequence, the newest first.',
      args: { account: t.arg.string({ required: true, description: ACCOUNT }) },
      resolve: async (_root, { account }, context) => {
        const found = await theAccount(context, { verb: 'get', kind: 'AccountHistory', account });
        return lifeOf(context).history(found);
      },
    }),
  );
}

function addHolds(builder: Builder): void {
  const severities = builder.enumType('HoldSeverity', { values: HOLD_SEVERITIES });
  const sources = builder.enumType('HoldSource', { values: ['admin', 'fraud', 'maintenance'] as const });
  builder.mutationField('holdAccount', (t) =>
    t.string({
      description:
        'Holds an account beside whatever else does. TERMINATE is for ever: what is in its projects is removed, its people are out, and its books stay. Answers the hold’s id.',
      args: {
        account: t.arg.string({ required: true, description: ACCOUNT }),
        source: t.arg({ type: sources, required: true }),
        severity: t.arg({ type: severities, required: true }),
        reason: t.arg.string({ required: true, description: REASON }),
        memo: t.arg.string({ required: true, description: MEMO }),
      },
      resolve: async (_root, { account, source, severity, ...words }, context) => {
        const found = await theAccount(context, { verb: 'create', kind: 'AccountHold', account });
        const why = { by: context.principal.actor, ...wordsOf(words) };
        if (isEnded(found)) throw ended(account);
        if (found.spec.type === 'system')
          throw new UserError(`${account} is the provider’s own account, which nothing holds.`);
        return lifeOf(context).hold(found, { source, severity, why }, context.principal);
      },
    }),
  );
  builder.mutationField('liftHold', (t) =>
    t.boolean({
      description: 'Lifts one hold, and no other. What ended the account is never lifted.',
      args: {
        account: t.arg.string({ required: true, description: ACCOUNT }),
        hold: t.arg.string({ required: true, description: 'Id of the hold.' }),
        reason: t.arg.string({ required: true, description: REASON }),
        memo: t.arg.string({ required: true, description: MEMO }),
      },
      resolve: async (_root, { account, hold, ...words }, context) => {
        const found = await theAccount(context, { verb: 'delete', kind: 'AccountHold', account });
        const why = { by: context.principal.actor, ...wordsOf(words) };
        const holds = await lifeOf(context).history(found);
        if (isEnded(found) || holds.some(({ newState }) => newState === 'TERMINATED')) throw ended(account);
        const code = await lifeOf(context).lift(found, { hold, why }, context.principal);
        if (code !== null) throw new UserError(`The account "${account}" has no hold "${hold}".`);
        return true;
      },
    }),
  );
}

function addVerdicts(builder: Builder): void {
  for (const [name, approved, description] of [
    ['approveAccount', true, 'Finance approves an account as a customer of a type that asks for it.'],
    ['declineAccount', false, 'Finance declines an account: it does not begin, or does not become that type.'],
  ] as const)
    builder.mutationField(name, (t) =>
      t.boolean({
        description,
        args: {
          account: t.arg.string({ required: true, description: ACCOUNT }),
          memo: t.arg.string({ required: true, description: MEMO }),
          type: t.arg.string({ description: 'AccountType; without it the one that it asks to become, or its own.' }),
        },
        resolve: async (_root, { account, memo, type }, context) => {
          const found = await theAccount(context, { verb: 'create', kind: 'AccountApproval', account });
          const wished = type ?? found.spec.convertTo ?? found.spec.type;
          if (typeof wished !== 'string')
            throw new UserError(`The account "${account}" has no type to be approved as.`);
          await lifeOf(context).judge(found, { type: wished, approved, memo: memoOf(memo) }, context.principal);
          return true;
        },
      }),
    );
}

function lifeOf({ api }: Context): AccountsApi {
  if (api.accounts === undefined) throw new UserError('Nothing is decided about accounts here.');
  return api.accounts;
}

/** The account, for who may do this to it. To everybody else it is not there, whether it is or not. */
async function theAccount(
  { api, principal }: Context,
  { verb, kind, account }: { verb: Verb; kind: 'AccountHistory' | 'AccountHold' | 'AccountApproval'; account: string },
): Promise<StoredObject> {
  const acting = await withAccess(api.admission, principal);
  const may = allows(accessOf(acting), verb, { kind, project: null, account });
  const [found] = may ? await api.admission.store.getByKey([{ kind: 'Account', project: null, name: account }]) : [];
  if (found === undefined) throw notThere(account);
  return found;
}

function isEnded({ status }: StoredObject): boolean {
  return status.terminatedAt !== undefined;
}

function ended(account: string): GraphQLError {
  return new GraphQLError(`The account "${account}" was terminated: that is for ever. Make a new account.`, {
    extensions: { code: 'ACCOUNT_TERMINATED' },
  });
}

function wordsOf({ reason, memo }: { reason: string; memo: string }): { reason: string; memo: string } {
  if (!/^[A-Za-z]{3,60}$/.test(reason)) throw new UserError('reason: is a code of 3 to 60 letters, such as Abuse.');
  return { reason, memo: memoOf(memo) };
}

function memoOf(memo: string): string {
  const text = memo.trim();
  if (text === '' || text.length > MEMO_MAX) throw new UserError(`memo: say why, in at most ${MEMO_MAX} characters.`);
  return text;
}
