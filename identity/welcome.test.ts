import { describe, expect, it } from '@jest/globals';
import { createHouse, HERE } from './fixtures/house.ts';
import type { RegistrationChannel, WelcomeLists } from './policy.ts';
import { type RegistrationOutcome, register } from './registration.ts';
import { addressDomain, deliverable, isDomainWelcome } from './welcome.ts';

const NONE: WelcomeLists = { allow: [], deny: [] };

describe('a domain', () => {
  it.each([
    ['acme.example', NONE, true],
    ['acme.example', { allow: ['ACME.example'], deny: [] }, true],
    ['mail.acme.example', { allow: ['acme.example'], deny: [] }, true],
    ['notacme.example', { allow: ['acme.example'], deny: [] }, false],
    ['acme.example', { allow: ['acme.example'], deny: ['acme.example'] }, true],
    ['Spam.Example', { allow: [], deny: ['spam.example'] }, false],
    ['mail.spam.example', { allow: [], deny: ['SPAM.example'] }, false],
    ['acme.example', { allow: ['other.example'], deny: [] }, false],
    ['xn--mnchen-3ya.example', { allow: [], deny: ['München.example'] }, false],
    ['MÜNCHEN.example', { allow: [], deny: ['xn--mnchen-3ya.example'] }, false],
    ['mail.münchen.example', { allow: ['xn--mnchen-3ya.example'], deny: [] }, true],
  ])('%s with the lists %j: %s', (domain, lists, welcome) => {
    expect(isDomainWelcome(domain, [lists])).toBe(welcome);
  });

  it('is what the channel says of it, and only else what everybody is told', () => {
    const globally = { allow: [], deny: ['spam.example'] };
    expect(isDomainWelcome('spam.example', [{ allow: ['spam.example'], deny: [] }, globally])).toBe(true);
    expect(isDomainWelcome('spam.example', [NONE, globally])).toBe(false);
    expect(
      isDomainWelcome('acme.example', [
        { allow: [], deny: ['acme.example'] },
        { allow: ['acme.example'], deny: [] },
      ]),
    ).toBe(false);
  });

  it('of an address is read as the net writes it, or not at all', () => {
    expect(addressDomain('anna@Bücher.Example')).toBe('xn--bcher-kva.example');
    expect(deliverable('anna@bücher.example')).toBe('anna@xn--bcher-kva.example');
    expect(deliverable('Anna@Acme.Example')).toBe('Anna@Acme.Example');
    for (const no of [
      'anna',
      'anna@',
      'anna@x',
      'a@b@c.example',
      'anna@127.0.0.1',
      'anna@acme.example.',
      'anna@a/b.example',
    ])
      expect([no, addressDomain(no)]).toEqual([no, undefined]);
  });
});

describe('the lists of who may register', () => {
  const PARTNER: RegistrationChannel = {
    name: 'partner',
    currencies: ['EUR', 'USD'],
    zone: 'Europe/Berlin',
    language: 'de',
    emailDomains: { allow: ['spam.example'], deny: [] },
    countries: { allow: [], deny: ['fr'] },
    policy: {
      open: true,
      termsVersion: '',
      allowedDomains: [],
      refusedDomains: ['SPAM.example'],
      allowedCountries: ['FR', 'DE'],
      refusedCountries: [],
      role: 'master-user',
    },
  };

  function door() {
    const house = createHouse();
    house.parts.policy.registration = PARTNER.policy;
    house.parts.channels = {
      find: async ({ name, host }) => (name === 'partner' || host === 'partner.example' ? PARTNER : null),
    };
    const come = (
      change: { email?: string; country?: string; channel?: string },
      { assisted = false, host = '' } = {},
    ) =>
      register(
        house.parts,
        {
          name: 'acme',
          email: 'anna@spam.example',
          displayName: '',
          currency: 'EUR',
          terms: '',
          country: 'DE',
          channel: '',
          ...change,
        },
        { assisted, from: HERE.from, host, solved: async () => true },
      );
    return { ...house, come };
  }
  const fields = (outcome: RegistrationOutcome) =>
    outcome.state === 'issues' ? outcome.issues.map(({ field }) => field) : outcome.state;

  it.each([false, true])(
    'are one, whether a stranger comes or staff comes for a customer (%s): the white one of the channel wins over the black one for all, and its black one over the white one for all',
    async (assisted) => {
      const { come } = door();
      const welcome = assisted ? 'registered' : 'emailSent';
      expect(fields(await come({}, { assisted }))).toEqual(['email']);
      expect(fields(await come({ channel: 'partner' }, { assisted }))).toBe(welcome);
      expect(fields(await come({ channel: 'partner', email: 'anna@other.example' }, { assisted }))).toEqual(['email']);
      const { come: again } = door();
      expect(fields(await again({ email: 'anna@acme.example', country: 'fr' }, { assisted }))).toBe(welcome);
      expect(fields(await again({ channel: 'partner', country: 'fr' }, { assisted }))).toEqual(['country']);
      expect(fields(await again({ email: 'anna@acme.example', country: 'GB' }, { assisted }))).toEqual(['country']);
      expect(fields(await again({ email: 'anna@acme.example', country: '' }, { assisted }))).toEqual(['country']);
    },
  );

  it('are those of the channel by whose host somebody comes', async () => {
    const { come } = door();
    expect(fields(await come({}, { host: 'partner.example' }))).toBe('emailSent');
    expect(fields(await come({ channel: 'nowhere', email: 'anna@acme.example' }))).toEqual(['channel']);
  });

  it('answer the same about an address that is known here and one that is not', async () => {
    const known = door();
    known.add('acme', { email: 'anna@spam.example' });
    known.add('anna', { email: 'anna@acme.example' });
    const unknown = door();
    for (const email of ['anna@spam.example', 'anna@acme.example'])
      expect(await known.come({ email })).toEqual(await unknown.come({ email }));
  });

  it('leave their traces in the account: its channel, zone, language and country', async () => {
    const { come, parts } = door();
    const made: unknown[] = [];
    parts.people.create = async (manifests) => {
      made.push(...manifests.filter(({ kind }) => kind === 'Account').map(({ spec }) => spec));
      return { ok: false, reasons: [] };
    };
    await come({ channel: 'partner', email: 'anna@bücher.spam.example', country: 'de' }, { assisted: true });
    expect(made).toEqual([
      expect.objectContaining({
        ownerEmail: 'anna@xn--bcher-kva.spam.example',
        channel: 'partner',
        zone: 'Europe/Berlin',
        language: 'de',
        billingAddress: { country: 'DE' },
      }),
    ]);
  });
});
