import { describe, expect, it } from '@jest/globals';
import { acceptEmailProof, askEmailProof } from './email.ts';
import { createHouse, HERE, type House, PASSWORD, solved } from './fixtures/house.ts';
import { takeSolution } from './proof-of-work.ts';
import { completeRegistration, register } from './registration.ts';
import { registrationIssues } from './registration-rules.ts';
import { acceptLink, askReset, invite } from './reset.ts';
import { signIn } from './sign-in.ts';

const KEY = 'key of challenges';
const REQUEST = {
  name: 'acme',
  email: 'anna@acme.example',
  displayName: 'Anna',
  currency: 'EUR',
  terms: '',
  country: '',
  channel: '',
};

const tokenOf = (house: House, template: string) =>
  /#token=(.+)$/.exec(house.letters.filter((letter) => letter.template === template).at(-1)?.params.link ?? '')?.[1] ??
  '';

function come(house: House, request = REQUEST, { assisted = false, from = HERE.from } = {}) {
  return register(house.parts, request, {
    assisted,
    from,
    solved: () => takeSolution(house.parts, KEY, solved(KEY, house)),
  });
}

describe('registering', () => {
  it('makes nothing until the letter is answered; then an account whose first user signs in', async () => {
    const house = createHouse();
    expect(await come(house)).toEqual({ state: 'emailSent' });
    expect(house.people.size).toBe(0);
    const token = tokenOf(house, 'VerifyEmail');
    const weak = await completeRegistration(house.parts, { token, password: 'password1234', from: HERE.from });
    expect(weak).toMatchObject({ ok: false });
    const done = await completeRegistration(house.parts, { token, password: PASSWORD, from: HERE.from });
    expect(done).toMatchObject({ ok: true, person: { name: 'acme', account: 'acme' } });
    expect(house.roles.get('acme')).toEqual([{ role: 'master-user', account: 'acme' }]);
    const again = await completeRegistration(house.parts, { token, password: PASSWORD, from: HERE.from });
    expect(again).toMatchObject({ ok: false });
    const signed = await signIn(house.parts, {
      login: REQUEST.email,
      password: PASSWORD,
      use: 'browser',
      ...HERE,
      solved: async () => false,
    });
    expect(signed.state).toBe('signedIn');
  });

  it('tells a known address by letter, and answers like for an unknown one', async () => {
    const house = createHouse();
    await come(house);
    await completeRegistration(house.parts, {
      token: tokenOf(house, 'VerifyEmail'),
      password: PASSWORD,
      from: HERE.from,
    });
    expect(await come(house, { ...REQUEST, name: 'other' })).toEqual({ state: 'emailSent' });
    expect(house.letters.at(-1)).toMatchObject({ template: 'AlreadyRegistered', recipient: REQUEST.email });
  });

  it('of one name by two people has one winner', async () => {
    const house = createHouse();
    await come(house);
    const first = tokenOf(house, 'VerifyEmail');
    await come(house, { ...REQUEST, email: 'bert@other.example' });
    const second = tokenOf(house, 'VerifyEmail');
    expect((await completeRegistration(house.parts, { token: second, password: PASSWORD, from: HERE.from })).ok).toBe(
      true,
    );
    expect((await completeRegistration(house.parts, { token: first, password: PASSWORD, from: HERE.from })).ok).toBe(
      false,
    );
    expect(house.people.get('acme')?.email).toBe('bert@other.example');
  });

  it('of strangers wants a proof of work, which counts once', async () => {
    const house = createHouse();
    const proof = solved(KEY, house);
    const withProof = () =>
      register(house.parts, REQUEST, {
        assisted: false,
        from: HERE.from,
        solved: () => takeSolution(house.parts, KEY, proof),
      });
    expect(await withProof()).toEqual({ state: 'emailSent' });
    expect(await withProof()).toEqual({ state: 'captchaNeeded' });
    const late = solved(KEY, house);
    house.clock.now += 5 * 60_000 + 1_000;
    expect(await takeSolution(house.parts, KEY, late)).toBe(false);
    expect(await takeSolution(house.parts, 'another key', solved(KEY, house))).toBe(false);
    expect(await takeSolution(house.parts, KEY, 'e30=')).toBe(false);
  });

  it('by staff takes the same way: the account is there, and its user chooses a password by letter', async () => {
    const house = createHouse();
    house.parts.policy.registration.open = false;
    expect(await come(house)).toEqual({ state: 'closed' });
    expect(await come(house, REQUEST, { assisted: true })).toEqual({ state: 'registered', user: 'acme' });
    const set = await acceptLink(house.parts, {
      purpose: 'invite',
      token: tokenOf(house, 'Invitation'),
      password: PASSWORD,
      from: HERE.from,
    });
    expect(set).toMatchObject({ ok: true });
    expect(await come(house, { ...REQUEST, email: 'x@other.example' }, { assisted: true })).toMatchObject({
      state: 'issues',
    });
  });

  it('sends one address few letters, however many ask', async () => {
    const house = createHouse();
    for (let index = 0; index < 20; index++)
      await come(house, { ...REQUEST, name: `acme-${index}x` }, { from: `192.0.2.${index}` });
    expect(house.letters).toHaveLength(3);
  });
});

describe('the rules of registering', () => {
  const policy = {
    open: true,
    termsVersion: '2026-01',
    allowedDomains: [],
    refusedDomains: ['spam.example'],
    allowedCountries: [],
    refusedCountries: [],
    role: 'r',
  };

  it('say everything that is wrong at once', () => {
    const wrong = {
      ...REQUEST,
      name: 'A',
      email: 'nobody',
      displayName: 'x'.repeat(201),
      currency: 'euro',
      country: 'Germany',
      channel: 'nowhere',
    };
    const issues = registrationIssues(wrong, policy, { assisted: false });
    expect(issues.map(({ field }) => field)).toEqual([
      'name',
      'email',
      'displayName',
      'currency',
      'terms',
      'channel',
      'country',
    ]);
    expect(registrationIssues({ ...REQUEST, name: 'root' }, policy, { assisted: true })).toMatchObject([
      { field: 'name' },
    ]);
    expect(registrationIssues(REQUEST, policy, { assisted: true })).toEqual([]);
  });
});

describe('a forgotten password', () => {
  it('is set anew by a letter, once; sessions and other letters end', async () => {
    const house = createHouse();
    const anna = await house.withPassword('anna');
    const entry = { login: 'anna', use: 'browser' as const, ...HERE, solved: async () => false };
    await signIn(house.parts, { ...entry, password: PASSWORD });
    await askReset(house.parts, { login: 'anna', from: HERE.from });
    const first = tokenOf(house, 'PasswordReset');
    await askReset(house.parts, { login: 'anna', from: HERE.from });
    const second = tokenOf(house, 'PasswordReset');
    const reset = (token: string) =>
      acceptLink(house.parts, { purpose: 'reset', token, password: 'seven slow green lanterns', from: HERE.from });
    expect((await reset(second)).ok).toBe(true);
    expect([(await reset(second)).ok, (await reset(first)).ok]).toEqual([false, false]);
    expect(await house.parts.records.ofSubject('session', anna.uid, 10)).toEqual([]);
    expect((await signIn(house.parts, { ...entry, password: 'seven slow green lanterns' })).state).toBe('signedIn');
  });

  it('says nothing about who exists, and a late link does nothing', async () => {
    const house = createHouse();
    await house.withPassword('anna');
    expect(await askReset(house.parts, { login: 'nobody', from: HERE.from })).toEqual({ state: 'asked' });
    expect(await askReset(house.parts, { login: 'anna', from: HERE.from })).toEqual({ state: 'asked' });
    house.clock.now += 31 * 60_000;
    const late = {
      purpose: 'reset' as const,
      token: tokenOf(house, 'PasswordReset'),
      password: PASSWORD,
      from: HERE.from,
    };
    expect((await acceptLink(house.parts, late)).ok).toBe(false);
  });

  it('of a letter for one purpose opens no other door', async () => {
    const house = createHouse();
    const anna = house.add('anna');
    await invite(house.parts, anna, HERE);
    const token = tokenOf(house, 'Invitation');
    expect((await acceptLink(house.parts, { purpose: 'reset', token, password: PASSWORD, from: HERE.from })).ok).toBe(
      false,
    );
    expect((await acceptLink(house.parts, { purpose: 'invite', token, password: PASSWORD, from: HERE.from })).ok).toBe(
      true,
    );
  });
});

describe('an address', () => {
  it('that changed signs in only once it is proved, and the old one no more', async () => {
    const house = createHouse();
    const anna = house.add('anna');
    await invite(house.parts, anna, HERE);
    await acceptLink(house.parts, {
      purpose: 'invite',
      token: tokenOf(house, 'Invitation'),
      password: PASSWORD,
      from: HERE.from,
    });
    const by = async (login: string) =>
      (await signIn(house.parts, { login, password: PASSWORD, use: 'browser', ...HERE, solved: async () => true }))
        .state;
    expect(await by('anna@acme.example')).toBe('signedIn');
    const moved = { ...anna, email: 'anna@new.example' };
    house.people.set('anna', moved);
    expect([await by('anna@acme.example'), await by('anna@new.example')]).toEqual(['refused', 'refused']);
    expect(await askEmailProof(house.parts, moved)).toBe(true);
    const token = tokenOf(house, 'VerifyEmail');
    expect(await acceptEmailProof(house.parts, { token, from: HERE.from })).toBe(true);
    expect(await acceptEmailProof(house.parts, { token, from: HERE.from })).toBe(false);
    expect([await by('anna@acme.example'), await by('anna@new.example'), await by('anna')]).toEqual([
      'refused',
      'signedIn',
      'signedIn',
    ]);
  });

  it('that a letter went to proves no other one', async () => {
    const house = createHouse();
    const anna = house.add('anna');
    await askEmailProof(house.parts, anna);
    house.people.set('anna', { ...anna, email: 'other@acme.example' });
    expect(await acceptEmailProof(house.parts, { token: tokenOf(house, 'VerifyEmail'), from: HERE.from })).toBe(false);
  });
});
