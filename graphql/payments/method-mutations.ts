import { iso } from '../../reconciler/clock.ts';
import type { Builder } from '../builder.ts';
import { UserError } from '../derive/list.ts';
import { ownKeyOf } from '../idempotency/own-key.ts';
import type { ResultTypes } from '../types/results.ts';
import { may, paymentsOf } from './may.ts';
import { setDefaultMethod } from './set-default-method.ts';

/** Storing payment methods on the gateway's own pages, and choosing among them. */
export function addMethodMutations(builder: Builder, { keyInput }: ResultTypes): void {
  const field = builder.objectRef<{ name: string; value: string }>('PaymentFormField').implement({
    fields: (t) => ({ name: t.exposeString('name'), value: t.exposeString('value') }),
  });
  const form = builder
    .objectRef<{ url: string; fields: Readonly<Record<string, string>>; expiresAt: number }>('PaymentForm')
    .implement({
      description: 'A page of the gateway’s own: card data goes there, and never through here.',
      fields: (t) => ({
        url: t.exposeString('url'),
        fields: t.field({
          type: [field],
          description: 'Posted to the address, where there are any; else the payer simply goes there.',
          resolve: ({ fields }) => Object.entries(fields).map(([name, value]) => ({ name, value })),
        }),
        expiresAt: t.field({ type: 'DateTime', resolve: ({ expiresAt }) => iso(expiresAt) }),
      }),
    });
  builder.mutationField('paymentForm', (t) =>
    t.field({
      type: form,
      description: 'Opens the gateway’s page for storing a payment method, which then appears as a PaymentMethod.',
      args: {
        account: t.arg.string({ required: true }),
        gateway: t.arg.string({ required: true }),
        returnUrl: t.arg.string({ required: true }),
      },
      resolve: async (_root, { account, gateway, returnUrl }, context) => {
        await may(context, { verb: 'create', kind: 'PaymentMethod', account });
        const isAddress = URL.canParse(returnUrl) && /^https?:$/.test(new URL(returnUrl).protocol);
        if (!isAddress) throw new UserError('returnUrl: is no address; write one that begins with https://.');
        const key = `${context.principal.actor}/${ownKeyOf(context)}`;
        const made = await paymentsOf(context).form({ account, gateway, returnUrl, key });
        if (made.ok) return made.value;
        throw new UserError(
          `The gateway "${gateway}" opens no form: ${made.code}.${made.retryable ? ' Try again.' : ''}`,
        );
      },
    }),
  );
  builder.mutationField('setDefaultPaymentMethod', (t) =>
    t.boolean({
      description: 'Automatic payments use this one from now on, and no other of its project.',
      args: { object: t.arg({ type: keyInput, required: true }) },
      resolve: (_root, { object }, context) => setDefaultMethod(context, object),
    }),
  );
}
