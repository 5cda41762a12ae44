import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { type IdentityServer, startIdentityServer } from '../../fixtures/identity-server.ts';
import {
  type Assertion,
  certify,
  createSamlIdp,
  ENTRY_POINT,
  IDP_ISSUER,
  readRedirect,
  type SamlIdp,
} from '../../fixtures/saml-server.ts';
import { describeReal } from '../../real-parts.ts';

jest.setTimeout(120_000);

const MINUTE = 60_000;

describeReal('people of a SAML provider', ['certtool'], () => {
  let server: IdentityServer;
  let idp: SamlIdp;
  let stranger: SamlIdp;
  let metadata: string;
  beforeAll(async () => {
    [idp, stranger] = [createSamlIdp(), createSamlIdp()];
    server = await startIdentityServer();
    const saml = { entryPoint: ENTRY_POINT, issuer: IDP_ISSUER, certificates: [idp.certificate] };
    const spec = {
      type: 'saml',
      saml,
      provision: { account: 'default' },
      groupRoles: [{ group: 'ops', role: 'power-user' }],
    };
    await server.apply({ kind: 'IdentityProvider', metadata: { name: 'corp' }, spec });
    metadata = await (await fetch(`${server.url}/auth/saml/corp/metadata`)).text();
  });
  afterAll(() => server.close());

  const base = () => `${server.url}/auth/saml/corp`;
  const begin = async () => {
    const browser = server.browser();
    const started = await browser.get('/auth/saml/corp/start');
    return { browser, ...readRedirect(started.headers.get('location') ?? '') };
  };
  const said = (id: string, change: Partial<Assertion> = {}): Assertion => ({
    nameId: 'person-1',
    attributes: {
      uid: ['anna.meier'],
      email: ['anna@acme.example'],
      displayName: ['Anna Meier'],
      groups: ['ops', 'dev'],
    },
    inResponseTo: id,
    audience: `${base()}/metadata`,
    recipient: `${base()}/acs`,
    issuer: IDP_ISSUER,
    from: -MINUTE,
    until: 5 * MINUTE,
    ...change,
  });
  const bring = (browser: Awaited<ReturnType<typeof begin>>['browser'], response: string, relayState: string) =>
    browser.form('/auth/saml/corp/acs', { SAMLResponse: response, RelayState: relayState });
  const altered = (response: string, change: (xml: string) => string) =>
    Buffer.from(change(Buffer.from(response, 'base64').toString('utf8'))).toString('base64');

  it('come with a signed answer to our own request, once', async () => {
    const { browser, id, relayState } = await begin();
    const response = await idp.answer(metadata, said(id));
    const came = await bring(browser, response, relayState);
    expect({ status: came.status, to: came.headers.get('location') }).toEqual({ status: 302, to: `${server.url}/` });
    expect((await browser.get('/auth/session')).body).toMatchObject({
      actor: 'user:anna-meier',
      displayName: 'Anna Meier',
    });
    expect((await bring(server.browser(), response, relayState)).status).toBe(401);
    const { body } = await server.asAdmin('{ user(name: "anna-meier") { spec { roles { role } } } }');
    expect(body.data.user.spec.roles).toEqual([{ role: 'power-user' }]);
  });

  it('take an old answer to a new request nowhere', async () => {
    const first = await begin();
    const response = await idp.answer(metadata, said(first.id));
    const second = await begin();
    expect((await bring(second.browser, response, second.relayState)).status).toBe(401);
  });

  it.each([
    ['for another house', { audience: 'https://other.example/metadata' }],
    ['by another issuer', { issuer: 'https://other.example/metadata' }],
    ['that has run out', { from: -10 * MINUTE, until: -2 * MINUTE }],
    ['that is not valid yet', { from: 5 * MINUTE, until: 10 * MINUTE }],
    ['to a request that was never made', { inResponseTo: '_0123456789' }],
  ] satisfies [string, Partial<Assertion>][])('are refused with an answer %s', async (_what, change) => {
    const { browser, id, relayState } = await begin();
    expect((await bring(browser, await idp.answer(metadata, said(id, change)), relayState)).status).toBe(401);
  });

  it('may be off by a minute', async () => {
    const { browser, id, relayState } = await begin();
    const response = await idp.answer(metadata, said(id, { from: 45_000, until: 5 * MINUTE }));
    expect((await bring(browser, response, relayState)).status).toBe(302);
  });

  it('are refused with an answer that the provider did not sign, or that was changed', async () => {
    const attempts: ((id: string) => Promise<string>)[] = [
      (id) => stranger.answer(metadata, said(id)),
      async (id) => altered(await idp.answer(metadata, said(id)), (xml) => xml.replace('person-1', 'person-2')),
      async (id) =>
        altered(await idp.answer(metadata, said(id)), (xml) => xml.replace(/<ds:Signature[\s\S]*<\/ds:Signature>/, '')),
      async () => 'no XML at all',
      async (id) =>
        altered(
          await idp.answer(metadata, said(id)),
          (xml) => `<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>${xml}`,
        ),
    ];
    for (const attempt of attempts) {
      const { browser, id, relayState } = await begin();
      expect((await bring(browser, await attempt(id), relayState)).status).toBe(401);
    }
  });

  it('are not who an unsigned assertion beside the signed one says (signature wrapping)', async () => {
    const evil = (xml: string) => {
      const signed = /<saml:Assertion[\s\S]*<\/saml:Assertion>/.exec(xml)?.[0] ?? '';
      const forged = signed
        .replace(/<ds:Signature[\s\S]*<\/ds:Signature>/, '')
        .replaceAll('person-1', 'root')
        .replaceAll('anna.meier', 'root');
      return { signed, forged, renamed: forged.replace(/ID="[^"]+"/, 'ID="_evil"') };
    };
    const wrappings: ((xml: string) => string)[] = [
      (xml) => xml.replace(/<saml:Assertion/, `${evil(xml).renamed}<saml:Assertion`),
      (xml) => xml.replace('</samlp:Response>', `${evil(xml).renamed}</samlp:Response>`),
      (xml) =>
        xml.replace(
          evil(xml).signed,
          evil(xml).renamed.replace('</saml:Assertion>', `${evil(xml).signed}</saml:Assertion>`),
        ),
      (xml) =>
        xml.replace(evil(xml).signed, `<samlp:Extensions>${evil(xml).signed}</samlp:Extensions>${evil(xml).renamed}`),
      (xml) =>
        xml.replace(evil(xml).signed, `<samlp:Extensions>${evil(xml).signed}</samlp:Extensions>${evil(xml).forged}`),
    ];
    for (const wrapped of wrappings) {
      const { browser, id, relayState } = await begin();
      const came = await bring(browser, altered(await idp.answer(metadata, said(id)), wrapped), relayState);
      const { body } = await browser.get('/auth/session');
      expect([401, 302]).toContain(came.status);
      expect(JSON.stringify(body)).not.toContain('root');
    }
    const { body } = await server.asAdmin('{ user(name: "root") { name } }');
    expect(body.data.user).toBeNull();
  });

  it('are not another by a comment that cuts their name in two', async () => {
    const { browser, id, relayState } = await begin();
    const answer = await idp.answer(
      metadata,
      said(id, { nameId: 'person-1.evil', attributes: { uid: ['anna.meier.evil'] } }),
    );
    const cut = altered(answer, (xml) => xml.replaceAll('.evil<', '<!-- -->.evil<'));
    await bring(browser, cut, relayState);
    const { body } = await browser.get('/auth/session');
    expect(body.actor).not.toBe('user:anna-meier');
  });

  it('come with an assertion that only our key opens, and not with one whose encryption is weak', async () => {
    const { key, certificate } = certify();
    const saml = { entryPoint: ENTRY_POINT, issuer: IDP_ISSUER, certificates: [idp.certificate] };
    const spec = {
      type: 'saml',
      saml: { ...saml, encryption: { key, certificate } },
      provision: { account: 'default' },
    };
    await server.apply({ kind: 'IdentityProvider', metadata: { name: 'sealed' }, spec });
    const shown = await (await fetch(`${server.url}/auth/saml/sealed/metadata`)).text();
    expect(shown).toContain('use="encryption"');
    expect(shown).not.toContain('PRIVATE');
    const come = async (change: (xml: string) => string, maker = idp) => {
      const browser = server.browser();
      const { id, relayState } = readRedirect(
        (await browser.get('/auth/saml/sealed/start')).headers.get('location') ?? '',
      );
      const house = `${server.url}/auth/saml/sealed`;
      const assertion = said(id, {
        nameId: 'person-9',
        attributes: { uid: ['nora'] },
        audience: `${house}/metadata`,
        recipient: `${house}/acs`,
      });
      const response = await maker.answer(shown, assertion, { encrypted: true });
      const form = { SAMLResponse: altered(response, change), RelayState: relayState };
      expect(Buffer.from(response, 'base64').toString()).not.toContain('nora');
      return { status: (await browser.form('/auth/saml/sealed/acs', form)).status, browser };
    };
    const { status, browser } = await come((xml) => xml);
    expect(status).toBe(302);
    expect((await browser.get('/auth/session')).body).toMatchObject({ actor: 'user:nora' });
    expect((await come((xml) => xml.replace('rsa-oaep-mgf1p', 'rsa-1_5'))).status).toBe(401);
    expect((await come((xml) => xml, stranger)).status).toBe(401);
    expect((await come((xml) => xml.replace(/(CipherValue>[^<]{40})[^<]{8}/, '$1AAAAAAAA'))).status).toBe(401);
  });

  it('are out for good when their house was suspended, also if they asked for nothing meanwhile', async () => {
    const saml = { entryPoint: ENTRY_POINT, issuer: IDP_ISSUER, certificates: [idp.certificate] };
    const house = (change = {}) => ({
      kind: 'IdentityProvider',
      metadata: { name: 'corp' },
      spec: { type: 'saml', saml, provision: { account: 'default' }, ...change },
    });
    const enter = async () => {
      const { browser, id, relayState } = await begin();
      await bring(browser, await idp.answer(metadata, said(id)), relayState);
      return browser;
    };
    const status = async (browser: Awaited<ReturnType<typeof enter>>) => (await browser.get('/auth/session')).status;
    const from = async () =>
      (await server.asAdmin('{ identityProvider(name: "corp") { status { sessionsFrom } } }')).body.data
        .identityProvider.status.sessionsFrom;
    await server.apply(house());
    const fromBefore = await from();
    const before = await enter();
    const { deviceCode, userCode } = (await server.browser().auth('device/begin')).body;
    await before.get('/auth/session');
    expect((await before.auth('device/decide', { userCode, approve: true })).status).toBe(200);
    await server.apply(house({ displayName: 'Another name' }));
    expect(await status(before)).toBe(200);
    // Suspended for less than a moment: nothing had the time to look at it.
    await server.apply(house({ suspended: true }));
    await server.apply(house());
    for (let tries = 0; tries < 200 && (await from()) === fromBefore; tries++)
      await new Promise((resolve) => setTimeout(resolve, 50));
    // The program first: whoever asks with a session that has ended has it forgotten.
    expect((await server.browser().auth('device/poll', { deviceCode })).body.token).toBeUndefined();
    expect(await status(before)).toBe(401);
    const after = await enter();
    expect(await status(after)).toBe(200);
    await server.apply(house({ displayName: 'And another' }));
    expect(await status(after)).toBe(200);
  });

  it('are out at once when their house is suspended or deleted, however they came in', async () => {
    const saml = { entryPoint: ENTRY_POINT, issuer: IDP_ISSUER, certificates: [idp.certificate] };
    const house = (change = {}) => ({
      kind: 'IdentityProvider',
      metadata: { name: 'corp' },
      spec: { type: 'saml', saml, provision: { account: 'default' }, ...change },
    });
    const enter = async () => {
      const { browser, id, relayState } = await begin();
      await bring(browser, await idp.answer(metadata, said(id)), relayState);
      return browser;
    };
    const program = async (browser: Awaited<ReturnType<typeof enter>>) => {
      const { deviceCode, userCode } = (await server.browser().auth('device/begin')).body;
      await browser.auth('device/decide', { userCode, approve: true });
      return (await server.browser().auth('device/poll', { deviceCode })).body.token as string;
    };
    const statuses = async (browser: Awaited<ReturnType<typeof enter>>, token: string) => [
      (await browser.get('/auth/session')).status,
      (await server.browser().get('/auth/session', { authorization: `Bearer ${token}` })).status,
    ];
    const first = await enter();
    await first.get('/auth/session');
    const firstToken = await program(first);
    expect(await statuses(first, firstToken)).toEqual([200, 200]);
    await server.apply(house({ suspended: true }));
    expect(await statuses(first, firstToken)).toEqual([401, 401]);
    await server.apply(house({ suspended: false }));
    expect(await statuses(first, firstToken)).toEqual([401, 401]);
    const second = await enter();
    await second.get('/auth/session');
    const secondToken = await program(second);
    expect(await statuses(second, secondToken)).toEqual([200, 200]);
    const { body } = await server.asAdmin(
      'mutation { delete(objects: [{ kind: "IdentityProvider", name: "corp" }]) { ... on ChangeSuccess { operations { uid } } } }',
    );
    expect(body.data.delete.operations).toHaveLength(1);
    expect(await statuses(second, secondToken)).toEqual([401, 401]);
  });

  it('leave no trace of an error behind', () => {
    expect(server.errors).toEqual([]);
  });
});
