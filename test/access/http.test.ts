import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createGraphql } from '../../graphql/server.ts';
import { applyManifests } from '../../reconciler/admission/apply.ts';
import { post } from '../fixtures/api.ts';
import { ADMIN, createTenants, person, type Tenants } from '../fixtures/tenants.ts';

/** A masquerade as a browser or a program sends it, over the quick way for known queries and over the usual one. */
describe('a masquerade over HTTP', () => {
  let tenants: Tenants;
  let server: Server;
  let url: string;
  beforeAll(async () => {
    tenants = createTenants([{ role: 'master-user' }]);
    const staff = {
      kind: 'User',
      metadata: { name: 'sam' },
      spec: { account: 'apex', roles: [{ role: 'help-desk' }] },
    };
    await applyManifests(tenants.admission, { manifests: [staff], principal: ADMIN, source: 'api', takeOver: true });
    const spec = { user: 'me', account: 'acme', reason: 'Ticket 4711: cannot make a key.' };
    const manifests = [{ kind: 'Masquerade', metadata: { name: 'help' }, spec }];
    await applyManifests(tenants.admission, { manifests, principal: person('sam'), source: 'api' });
    const authenticate = async () => person('sam');
    const graphql = createGraphql({ api: tenants.api, authenticate, explorer: false, onError: () => undefined });
    server = createServer((req, res) => void graphql.handle(req, res));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  const QUERY = { query: '{ me { actor onBehalfOf } secrets { nodes { name } } sshKeys { nodes { project } } }' };
  const asked = async (headers: Record<string, string>) => {
    const answers = [];
    for (let times = 0; times < 4; times += 1) answers.push(await post(url, QUERY, headers));
    return answers;
  };

  it('shows what the customer sees but for secrets, to whoever made it, as often as it is asked', async () => {
    for (const { status, data } of await asked({ 'x-steward-masquerade': 'help' })) {
      expect(status).toBe(200);
      expect(data.me).toEqual({ actor: 'user:sam', onBehalfOf: 'user:me' });
      expect(data.secrets.nodes).toEqual([]);
      expect(new Set(data.sshKeys.nodes.map((one: { project: string }) => one.project))).toEqual(
        new Set(['acme-own', 'acme-account']),
      );
    }
    for (const { data } of await asked({})) expect(data.me).toEqual({ actor: 'user:sam', onBehalfOf: null });
  });

  it('is refused when it is none of the sender’s', async () => {
    for (const { status, errors } of await asked({ 'x-steward-masquerade': 'other' })) {
      expect(status).toBe(403);
      expect(errors[0]?.message).toContain('is none of yours');
    }
  });
});
