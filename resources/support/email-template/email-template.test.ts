import { describe, expect, it } from '@jest/globals';
import { EmailTemplate } from './kind.ts';

const wish = { template: 'Welcome', locale: 'en', subject: 'Hello {name}', body: '{name} is ready.' };
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
    const why = 'line 1, column 5: There is no variable "amount" here; there are brand, brandUrl, support, hasSupport';
    expect(check({ body: 'Pay {amount}' })).toEqual([{ path: '/body', message: `${why}, name, link` }]);
    expect(check({})).toEqual([]);
  });

  it('may be in Liquid, as older versions took it', () => {
    expect(check({ body: 'Hello {{ name }}{% if name %}!{% endif %}' })).toEqual([]);
    const object = { spec: { ...wish, body: "'{{ name }}' is ready." } } as never;
    expect(EmailTemplate.report?.({ object } as never)?.status).toMatchObject({ text: "'Sam' is ready.\n" });
  });

  it('is there once for a letter, a language and a channel', () => {
    const metadata = {} as never;
    expect(EmailTemplate.uniqueKeys?.({ spec: wish, metadata })).toEqual(['Welcome/en']);
    const channel = EmailTemplate.uniqueKeys?.({ spec: { ...wish, channel: 'direct' }, metadata });
    expect(channel).toEqual(['Welcome/en/direct']);
  });
});
