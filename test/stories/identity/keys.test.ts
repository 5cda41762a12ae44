import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { contentSha256, signedHeader } from '../../../identity/signature.ts';
import { type IdentityServer, startIdentityServer } from '../../fixtures/identity-server.ts';

jest.setTimeout(120_000);

const ME = '{ me { actor onBehalfOf scopes } }';

describe('an API key', () => {
  let server: IdentityServer;
  let issued: { id: string; bearer: string; secret: string };
  beforeAll(async () => {
    server = await startIdentityServer();
    await server.apply(
      { kind: 'User', metadata: { name: 'anna' }, spec: {} },
      { kind: 'ApiKey', metadata: { name: 'deploy' }, spec: { user: 'anna', scopes: ['get:*'] } },
    );
    issued = (await server.asAdmin('mutation { issueKey(key: "deploy") { id bearer secret } }')).body.data.issueKey;
  });
  afterAll(() => server.close());

  const body = JSON.stringify({ query: ME });
  const send = (headers: Record<string, string>, sent = body, path = '/graphql') =>
    fetch(`${server.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: sent,
    });
  const signed = (text = body, path = '/graphql') => {
    const hash = contentSha256(text);
    const request = { method: 'POST', path, host: new URL(server.url).host, contentSha256: hash };
    const [timestamp, nonce] = [new Date().toISOString(), randomBytes(16).toString('hex')];
    return {
      authorization: signedHeader({ key: issued.id, secret: issued.secret }, { request, timestamp, nonce }),
      'x-steward-content-sha256': hash,
    };
  };

  it('acts for its user by bearer token, within its scopes', async () => {
    const answer = await (await send({ authorization: `Bearer ${issued.bearer}` })).json();
    expect(answer).toEqual({ data: { me: { actor: 'key:deploy', onBehalfOf: 'user:anna', scopes: ['get:*'] } } });
    const write = JSON.stringify({ query: 'mutation { issueKey(key: "deploy") { bearer } }' });
    const refused = await (await send({ authorization: `Bearer ${issued.bearer}` }, write)).json();
    expect(JSON.stringify(refused)).not.toContain('stk_');
  });

  it('signs requests, each of which is taken once', async () => {
    const headers = signed();
    expect(await (await send(headers)).json()).toMatchObject({ data: { me: { actor: 'key:deploy' } } });
    expect((await send(headers)).status).toBe(401);
  });

  it('signs nothing else than what is sent: body, path and digest belong together', async () => {
    const other = JSON.stringify({ query: '{ about { version } }' });
    expect((await send(signed(), other)).status).toBe(400);
    expect((await send({ ...signed(), 'x-steward-content-sha256': contentSha256(other) }, other)).status).toBe(401);
    expect((await send(signed(body, '/graphql'), body, '/graphql?a=1')).status).not.toBe(200);
    expect((await send({ authorization: signed().authorization })).status).toBe(401);
  });

  it('signs large bodies too, which are not waited for from anybody who only says that they sign', async () => {
    const large = body.padEnd(20_000);
    expect(await (await send(signed(large), large)).json()).toMatchObject({ data: { me: { actor: 'key:deploy' } } });
    const { 'x-steward-content-sha256': hash, authorization } = signed(large);
    const knock = (value: string) =>
      new Promise<number | undefined>((resolve, reject) => {
        const call = request(`${server.url}/graphql`, {
          method: 'POST',
          headers: { 'x-steward-content-sha256': hash, 'content-length': large.length, authorization: value },
        });
        call.once('response', (response) => resolve(response.statusCode));
        call.once('error', reject);
        // Nothing of the body is sent: whoever answers has not waited for it.
        call.flushHeaders();
      });
    expect(await knock('Bearer of-nobody')).toBe(401);
    expect(await knock(authorization.replace(issued.id, '0'.repeat(issued.id.length)))).toBe(401);
  });

  it('uploads no files by signature, since nobody checks them before their end', async () => {
    const answer = await fetch(`${server.url}/files/a.img`, {
      method: 'PUT',
      headers: signed('x', '/files/a.img'),
      body: 'x',
    });
    expect([401, 404]).toContain(answer.status);
  });

  it('has its secrets shown once, and never again', async () => {
    const shown = await server.asAdmin(
      '{ keySecrets(key: "deploy") { id createdAt usedAt } apiKey(name: "deploy") { manifest } }',
    );
    expect(shown.body.data.keySecrets).toMatchObject([{ id: issued.id }]);
    const kept = JSON.stringify([shown.body, await server.storage.identity.records.ofSubject('apiKey', 'any', 10)]);
    expect(kept).not.toContain(issued.secret);
    expect(kept).not.toContain(issued.bearer.slice(-20));
  });

  it('ends when its secret is revoked, and when the key is deleted', async () => {
    const next = (await server.asAdmin('mutation { issueKey(key: "deploy") { id bearer } }')).body.data.issueKey;
    const works = async (bearer: string) => (await send({ authorization: `Bearer ${bearer}` })).status === 200;
    expect([await works(issued.bearer), await works(next.bearer)]).toEqual([true, true]);
    const revoke = 'mutation ($id: String!) { revokeKeySecret(key: "deploy", id: $id) }';
    expect((await server.asAdmin(revoke, { id: issued.id })).body.data.revokeKeySecret).toBe(true);
    expect([await works(issued.bearer), await works(next.bearer)]).toEqual([false, true]);
    await server.asAdmin('mutation { delete(objects: [{ kind: "ApiKey", name: "deploy" }]) { __typename } }');
    expect(await works(next.bearer)).toBe(false);
    const { records } = server.storage.identity;
    await eventually(async () => (await records.get('apiKey', next.id)) === undefined);
    expect(server.errors).toEqual([]);
  });
});

async function eventually(good: () => Promise<boolean>): Promise<void> {
  for (let tried = 0; tried < 200 && !(await good()); tried++) await new Promise((resolve) => setTimeout(resolve, 100));
  expect(await good()).toBe(true);
}
