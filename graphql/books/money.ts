import { money } from '../../billing/loop/standing.ts';
import { decimalText, type Rational } from '../../billing/money/rational.ts';
import { type Builder, objectRef } from '../builder.ts';

export interface Money {
  amount: string;
  currency: string;
}

/** An amount: a decimal text, never a number, since those lose digits. */
export function addMoney(builder: Builder) {
  return objectRef<Money>(builder, 'Money').implement({
    fields: (t) => ({
      amount: t.exposeString('amount', { description: 'Decimal, in major units.' }),
      currency: t.exposeString('currency', { description: 'ISO 4217 code.' }),
    }),
  });
}

export type MoneyRef = ReturnType<typeof addMoney>;

/** What is shown below an account carries its currency. */
export type Priced<Row> = Row & { currency: string };

export const moneyOf = (minor: bigint, { currency }: { currency: string }): Money => money(minor, currency);

export const quantityOf = (quantity: Rational): string => decimalText(quantity);
