import { ACCOUNT_LETTERS } from './catalogue/account.ts';
import { BILLING_LETTERS } from './catalogue/billing.ts';
import { REPORT_LETTERS } from './catalogue/reports.ts';
import { SECURITY_LETTERS } from './catalogue/security.ts';
import type { LetterTemplate, LetterText } from './letter.ts';

/** Every letter that the product sends, by the name of its template. */
export const LETTERS: Readonly<Record<string, LetterTemplate>> = {
  ...SECURITY_LETTERS,
  ...ACCOUNT_LETTERS,
  ...BILLING_LETTERS,
  ...REPORT_LETTERS,
};

/** The words for a reader's locale: `de-AT` is served by `de`, everybody else by English. */
export function textFor({ texts }: LetterTemplate, locale: string): LetterText {
  return texts[locale] ?? texts[locale.split('-')[0] ?? ''] ?? texts.en;
}
