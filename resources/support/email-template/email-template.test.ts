import { describe, expect, it } from '@jest/globals';
import { EmailTemplate } from './kind.ts';

const wish = { template: 'Welcome', locale: 'en', subject: 'Hello {{ name }}', body: '{{ name }} is ready.' };
const check = (more: object) => EmailTemplate.check?.({ spec: { ...wish, ...more }, old: null, now: 0 });

describe("a provider's own letter", () => {
  it('shows itself filled with samples', () => {
    const object = { spec: wish } as never;
    expect(EmailTemplate.report?.({ object } as never)).toEqual({
      status: { subject: 'Hello Sam', text: 'Sam is ready.\n' },
      conditions: [],
    });
  });

  it('is refused with a variable that this letter does not have, naming those that it has', () => {
    expect(check({ body: 'Pay {{ amount }}' })).toEqual([
      { path: '/body', message: 'There is no variable "amount" here; there are brand, name, link' },
    ]);
    expect(check({})).toEqual([]);
  });

  it('is there once for a letter and a language', () => {
    const metadata = {} as never;
    expect(EmailTemplate.uniqueKeys?.({ spec: wish, metadata })).toEqual(['Welcome/en']);
  });
});
