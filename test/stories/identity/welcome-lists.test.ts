import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { DEFAULT_SIGN_IN } from '../../../cmd/config/sign-in-settings.ts';
import { type IdentityServer, linkToken, startIdentityServer } from '../../fixtures/identity-server.ts';

jest.setTimeout(180_000);

const PASSWORD = 'four rivers meet at noon';
const named = (kind: string, name: string, spec: object) => ({
  apiVersion: 'steward/v1',
  kind,
  metadata: { name },
  spec,
});
const set = (name: string, key: string, value: unknown) => named('Setting', name, { key, value });

/** A cloud that refuses a domain and a country, with a partner who welcomes the domain and refuses another country. */
describe('who may register, by the lists for all and those of a channel', () => {
  let server: IdentityServer;
  beforeAll(async () => {
    server = await startIdentityServer({ registration: { ...DEFAULT_SIGN_IN.registration, open: true } });
    await server.apply(
      named('Catalog', 'public', {}),
      named('Channel', 'partner', {
        catalog: 'public',
        domain: 'partner.example',
        zone: 'Europe/Berlin',
        language: 'de',
        emailDomains: { allow: ['Münchner-Spam.example'] },
        countries: { deny: ['FR'] },
      }),
      set('domains', 'registration.refusedEmailDomains', ['XN--mnchner-spam-dlb.example', 'bad.example']),
      set('countries', 'registration.allowedCountries', ['de', 'FR']),
    );
    // The settings count on every instance within a moment.
    for (let tries = 0; tries < 300; tries += 1) {
      if ((await ask({ country: 'GB' })).join() === 'country') return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error('The settings did not come into force.');
  });
  afterAll(() => server.close());

  /** The fields that are refused; none: a letter is on its way. */
  async function ask(change: object): Promise<string[]> {
    const browser = server.browser();
    const request = { name: 'acme', email: 'anna@acme.example', country: 'DE', ...change };
    const { status, body } = await browser.auth('register', { ...request, captcha: await browser.solve() });
    if (status === 202) return [];
    return (body.issues ?? [body]).map(({ field }: { field?: string }) => field ?? JSON.stringify(body));
  }
  const register = (change: Record<string, string>) => {
    const given = { name: 'staffed', email: 'bert@acme.example', country: 'DE', ...change };
    const args = Object.entries(given).map(([name, value]) => `${name}: ${JSON.stringify(value)}`);
    return server.asAdmin(`mutation { registerAccount(${args.join(', ')}) }`);
  };

  it('a domain that all are told to refuse is welcome where the channel says so, however it is written', async () => {
    expect(await ask({ email: 'x@mail.MÜNCHNER-spam.example' })).toEqual(['email']);
    expect(await ask({ email: 'x@mail.MÜNCHNER-spam.example', channel: 'partner' })).toEqual([]);
    expect(await ask({ email: 'x@mail.bad.example', channel: 'partner' })).toEqual(['email']);
  });

  it('a country that all are told to welcome is refused where the channel says so', async () => {
    expect(await ask({ country: 'fr' })).toEqual([]);
    expect(await ask({ country: 'fr', email: 'x@münchner-spam.example', channel: 'partner' })).toEqual(['country']);
    expect(await ask({ country: '' })).toEqual(['country']);
    expect(await ask({ channel: 'nowhere' })).toEqual(['channel']);
  });

  it('hold for what staff registers just the same', async () => {
    const refused = await register({ email: 'x@münchner-spam.example' });
    expect(refused.body.errors[0].message).toMatch(/email: addresses of this domain are not taken here/);
    expect((await register({ country: 'GB' })).body.errors[0].message).toMatch(/country: customers of this country/);
    const taken = await register({ email: 'x@münchner-spam.example', channel: 'partner' });
    expect(taken.body.data).toEqual({ registerAccount: 'staffed' });
  });

  it('the account begins as its channel and its customer say', async () => {
    const browser = server.browser();
    const request = { name: 'verein', email: 'vera@münchner-spam.example', channel: 'partner', country: 'de' };
    await browser.auth('register', { ...request, captcha: await browser.solve() });
    const letter = (await server.letters()).at(-1);
    expect(letter?.recipient).toMatch(/^vera@xn--/);
    const done = await browser.auth('register/complete', { token: linkToken(letter), password: PASSWORD });
    expect(done).toMatchObject({ status: 200 });
    const { body } = await server.asAdmin(
      '{ account(name: "verein") { spec { channel zone language billingAddress { country } } } }',
    );
    expect(body.data.account.spec).toEqual({
      channel: 'partner',
      zone: 'Europe/Berlin',
      language: 'de',
      billingAddress: { country: 'DE' },
    });
  });

  it('in maintenance nobody comes, and staff still can', async () => {
    await server.apply(set('still', 'maintenance.mode', true));
    for (let tries = 0; tries < 300 && (await ask({}))[0] === undefined; tries += 1)
      await new Promise((resolve) => setTimeout(resolve, 100));
    expect((await ask({}))[0]).toContain('Registration is closed here.');
    expect((await register({ name: 'another', email: 'carl@acme.example' })).body.data).toEqual({
      registerAccount: 'another',
    });
  });
});
