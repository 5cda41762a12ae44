import { describe, expect, it } from '@jest/globals';
import { fillMessage } from '../../letters/message.ts';
import type { StoredObject } from '../../reconciler/object.ts';
import { letterWords } from './letter-words.ts';

const object = (kind: string, name: string, spec: object) =>
  ({ kind, metadata: { name }, spec }) as unknown as StoredObject;

const OBJECTS = [
  object('Account', 'acme', { channel: 'direct', language: 'fr', zone: 'Europe/Paris' }),
  object('Account', 'bolt', { channel: 'reseller', language: 'sv' }),
  object('User', 'anna', { account: 'acme', locale: 'de-AT', zone: 'Europe/Vienna' }),
];
const own = (locale: string, subject: string, channel?: string) =>
  object('EmailTemplate', subject, { template: 'AccountReleased', locale, subject, body: subject, channel });

function words(templates: readonly StoredObject[], letter: { recipient: string; account: string; template?: string }) {
  const told = letterWords({
    store: {
      list: async () => ({ items: templates.map((each) => ({ object: each })) }) as never,
      getByKey: async (keys) =>
        keys.map(({ kind, name }) => OBJECTS.find((o) => o.kind === kind && o.metadata.name === name)),
    },
    records: {
      get: async (_, key) =>
        key === 'anna@acme.example' ? ({ value: { user: 'anna', uid: 'u1' } } as never) : undefined,
    },
    secrets: { blindIndexes: (text) => [text.replace('email:', '')] },
  });
  const { recipient, account, template = 'AccountReleased' } = letter;
  return told({ id: '1', attempts: 0, recipient, template, params: { account } });
}

const anna = { recipient: 'anna@acme.example', account: 'acme' };

describe('what a letter says', () => {
  it('is in the language and the time zone of the user whose address was proved', async () => {
    const found = await words([], anna);
    expect(found?.reader).toEqual({ locale: 'de-AT', zone: 'Europe/Vienna' });
    expect(found?.text.subject).toContain('aufgehoben');
    const values = { since: '2026-06-30T22:30:00Z' };
    const filled = fillMessage('{since}', { values, types: found?.types ?? {} }, found!.reader);
    expect(filled).toMatch(/^1\. Juli 2026.*00:30/);
  });

  it('is in those of the account for an address that is no user’s', async () => {
    const found = await words([], { recipient: 'billing@acme.example', account: 'acme' });
    expect(found?.reader).toEqual({ locale: 'fr', zone: 'Europe/Paris' });
    expect(found?.text.subject).toContain('blocage');
  });

  it('is the channel’s own before the provider’s own, and never that of another channel', async () => {
    const all = [own('de', 'Alle'), own('de', 'Direkt', 'direct'), own('de', 'Fremd', 'reseller')];
    expect((await words(all, anna))?.text.subject).toBe('Direkt');
    expect((await words([all[0]!, all[2]!], anna))?.text.subject).toBe('Alle');
    expect((await words([all[2]!], anna))?.text.subject).toContain('aufgehoben');
  });

  it('is the provider’s English for a language that nobody speaks, with English dates', async () => {
    const found = await words([own('en', 'Ours'), own('de', 'Alle')], { recipient: 'x@bolt.example', account: 'bolt' });
    expect([found?.text.subject, found?.reader]).toEqual(['Ours', { locale: 'en', zone: 'UTC' }]);
  });

  it('is nothing where there is no such template', async () => {
    expect(await words([], { ...anna, template: 'constructor' })).toBeNull();
  });
});
