import { formatMoney } from '../../billing/money/currency.ts';
import type { Attempt } from '../../billing/payment/attempt.ts';
import { iso } from '../../reconciler/clock.ts';
import type { Builder } from '../builder.ts';

/** A movement of money through a gateway, as it stands. */
export function addAttemptType(builder: Builder) {
  return builder.objectRef<Attempt>('PaymentAttempt').implement({
    description: 'A movement of money through a gateway: written down before it is asked for, and followed to its end.',
    fields: (t) => ({
      id: t.exposeString('id'),
      account: t.exposeString('account'),
      gateway: t.exposeString('gateway'),
      verb: t.exposeString('verb', {
        description: 'CHARGE or REFUND; AUTHORISE sets money aside for a subscription, VOID lets it go.',
      }),
      subscription: t.string({
        nullable: true,
        resolve: ({ purpose }) => ('subscription' in purpose ? purpose.subscription : null),
      }),
      invoice: t.string({
        nullable: true,
        resolve: ({ purpose }) => (purpose.type === 'INVOICE' ? purpose.invoice : null),
      }),
      wallet: t.string({
        nullable: true,
        resolve: ({ purpose }) => ('wallet' in purpose ? purpose.wallet : null),
      }),
      amount: t.string({
        description: 'In the currency, such as 12.50.',
        resolve: ({ amount, currency }) => formatMoney(amount, currency),
      }),
      currency: t.exposeString('currency'),
      state: t.exposeString('state', {
        description:
          'INITIATED, UNKNOWN: it may have happened. REQUIRES_ACTION: the payer must go to actionUrl. UNRESOLVED: a person must find out. SUCCEEDED, DECLINED_SOFT, DECLINED_HARD, LAPSED: it is over.',
      }),
      code: t.string({ nullable: true, description: "The gateway's word for why.", resolve: ({ code }) => code }),
      actionUrl: t.string({ nullable: true, resolve: ({ actionUrl }) => actionUrl }),
      externalId: t.string({
        nullable: true,
        description: "The gateway's own id.",
        resolve: ({ externalId }) => externalId,
      }),
      booked: t.exposeBoolean('booked', { description: 'The books have heard how it ended.' }),
      createdAt: t.field({ type: 'DateTime', resolve: ({ createdAt }) => iso(createdAt) }),
    }),
  });
}
