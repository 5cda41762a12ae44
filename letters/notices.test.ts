import { describe, expect, it } from '@jest/globals';
import { readMessage } from './message.ts';
import { noticeTitle, TITLES } from './notice-titles.ts';
import { bookNotice, isNotice, NOTICE_TYPES, problemNotice, userNotice } from './notices.ts';
import { LANGUAGES } from './words.ts';

const used = (message: string) => {
  const read = readMessage(message);
  return 'fault' in read ? [read.fault] : [...new Set(read.arguments.map(({ name }) => name))].sort();
};

describe('what people are told', () => {
  it.each(Object.keys(LANGUAGES))(
    'has a title of its own for every type in %s, with the variables of the English one',
    (language) => {
      const titles = TITLES[language] ?? [];
      expect(new Set(titles).size).toBe(NOTICE_TYPES.length);
      expect(titles.map(used)).toEqual((TITLES.en ?? []).map(used));
    },
  );

  it('stands under its own type', () => {
    const title = (type: string, locale: string) => {
      if (!isNotice(type)) throw new Error(`no ${type}`);
      return noticeTitle({ type, account: 'acme', detail: 'INV-7' }, { locale, zone: 'UTC' });
    };
    expect(title('InvoiceIssued', 'en')).toBe('Invoice INV-7 of acme was issued');
    expect(title('PaymentDeclined', 'de-CH')).toBe('Eine Zahlung für INV-7 von acme wurde abgelehnt');
    expect(title('AccountTerminated', 'fr')).toBe('Le compte acme a été résilié');
    expect(title('SignedOut', 'zh')).toBe('您已退出');
    expect(title('Maintenance', 'sv')).toBe('Maintenance: INV-7');
  });

  it('is, of the books, what concerns an account; each moment is an event of its own', () => {
    const at = 1_000;
    expect(bookNotice('acme', { at, code: 'InvoiceIssued', subject: 'INV-7' })).toEqual({
      type: 'InvoiceIssued',
      target: 'acme',
      event: 'InvoiceIssued/INV-7/1000',
      detail: 'INV-7',
    });
    expect(bookNotice('acme', { at, code: 'EMAIL(PaymentReminder)', subject: 'INV-7' })?.type).toBe('PaymentReminder');
    for (const code of ['SignedIn', 'JobProblem', 'CreditArrived', 'constructor'])
      expect(bookNotice('acme', { at, code, subject: 'x' })).toBeNull();
  });

  it('is, of problems, for the provider: one of a connector is told as such', () => {
    expect(problemNotice('acme', { code: 'PriceGap', subject: 'vm' })).toEqual({
      type: 'JobProblem',
      target: '',
      event: 'acme/PriceGap/vm',
      detail: 'acme: PriceGap vm',
    });
    expect(problemNotice('acme', { code: 'UnknownAttempt', subject: 'a1' }).type).toBe('ConnectorProblem');
  });

  it('is, of signing in, only what is of a user', () => {
    expect(userNotice({ uid: 'u1', what: 'SignedIn', requestId: 'r1' })).toMatchObject({
      target: 'u1',
      event: 'SignedIn/r1',
    });
    expect(userNotice({ uid: 'u1', what: 'InvoiceIssued', requestId: 'r1' })).toBeNull();
    expect(userNotice({ uid: 'u1', what: 'SignInRefused', requestId: 'r1' })).toBeNull();
  });
});
