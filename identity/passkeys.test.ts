import { describe, expect, it } from '@jest/globals';
import { createAuthenticator } from './fixtures/authenticator.ts';
import { createHouse, HERE, type House, PASSWORD } from './fixtures/house.ts';
import { addPasskey, askPasskey, beginPasskey, signInByPasskey } from './passkeys.ts';
import { signIn } from './sign-in.ts';

const ORIGIN = 'https://cloud.example.org';
type Question = { challenge: string };

async function withPasskey(house: House) {
  const anna = await house.withPassword('anna');
  const authenticator = createAuthenticator(ORIGIN);
  const { options, token } = await beginPasskey(house.parts, anna);
  const response = authenticator.register(options as Question);
  const added = await addPasskey(house.parts, anna, { token, response, label: 'laptop' });
  return {
    anna,
    authenticator,
    added,
    again: () => addPasskey(house.parts, anna, { token, response, label: 'laptop' }),
  };
}

async function come(
  house: House,
  authenticator: ReturnType<typeof createAuthenticator>,
  how: Parameters<typeof authenticator.sign>[1] = {},
) {
  const { options, token } = await askPasskey(house.parts);
  const answer = { token, response: authenticator.sign(options as Question, how), use: 'browser' as const, ...HERE };
  return { answer, outcome: await signInByPasskey(house.parts, answer) };
}

describe('a passkey', () => {
  it('is added once, with recovery codes, and signs in as both factors', async () => {
    const house = createHouse();
    const { added, again, authenticator } = await withPasskey(house);
    expect(added).toMatchObject({ ok: true, recoveryCodes: expect.arrayContaining([expect.any(String)]) });
    expect(await again()).toEqual({ ok: false });
    const { outcome } = await come(house, authenticator);
    expect(outcome).toMatchObject({
      state: 'signedIn',
      person: { name: 'anna' },
      opened: { session: { how: 'passkey', secondFactorAt: house.clock.now } },
    });
  });

  it('is asked for after the password from then on', async () => {
    const house = createHouse();
    await withPasskey(house);
    const outcome = await signIn(house.parts, {
      login: 'anna',
      password: PASSWORD,
      use: 'browser',
      ...HERE,
      solved: async () => false,
    });
    expect(outcome).toMatchObject({ state: 'secondFactorNeeded', methods: ['passkey', 'recovery'] });
  });

  it('answers a question once', async () => {
    const house = createHouse();
    const { authenticator } = await withPasskey(house);
    const { answer } = await come(house, authenticator);
    expect((await signInByPasskey(house.parts, answer)).state).toBe('refused');
  });

  it.each([
    ['without a finger or PIN', { verified: false }],
    ['for a page of another site', { from: 'https://cloud.example.org.evil.example' }],
    ['of a clone, whose counter does not rise', { count: false }],
  ])('is refused %s', async (_what, how) => {
    const house = createHouse();
    const { authenticator } = await withPasskey(house);
    expect((await come(house, authenticator)).outcome.state).toBe('signedIn');
    expect((await come(house, authenticator, how)).outcome.state).toBe('refused');
  });

  it('that nobody added, or of a person who is gone, is refused', async () => {
    const house = createHouse();
    const { authenticator } = await withPasskey(house);
    expect((await come(house, createAuthenticator(ORIGIN))).outcome.state).toBe('refused');
    house.people.delete('anna');
    house.add('anna');
    expect((await come(house, authenticator)).outcome.state).toBe('refused');
  });

  it.each([
    ['without a finger or PIN', { verified: false }],
    ['on a page of another site', { from: 'https://evil.example' }],
  ])('is not added %s', async (_what, how) => {
    const house = createHouse();
    const anna = house.add('anna');
    const { options, token } = await beginPasskey(house.parts, anna);
    const response = createAuthenticator(ORIGIN).register(options as Question, how);
    expect(await addPasskey(house.parts, anna, { token, response, label: '' })).toEqual({ ok: false });
  });

  it.each([null, {}, { id: 5 }, { id: 'x', response: {} }, { id: 'x', response: { clientDataJSON: '%%%' } }])(
    'that is %j is refused, and nothing breaks',
    async (response) => {
      const house = createHouse();
      const anna = house.add('anna');
      const { token } = await askPasskey(house.parts);
      expect((await signInByPasskey(house.parts, { token, response, use: 'browser', ...HERE })).state).toBe('refused');
      const added = await beginPasskey(house.parts, anna);
      expect(await addPasskey(house.parts, anna, { token: added.token, response, label: '' })).toEqual({ ok: false });
    },
  );
});
