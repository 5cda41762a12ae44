import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { sandboxSecret } from '../../cmd/server/sandbox-secret.ts';
import { type SandboxServer, startSandboxServer } from '../../integrations/payment/sandbox/http-server.ts';
import type { AnyAnswer } from '../fixtures/answer.ts';

jest.setTimeout(300_000);

const COMMAND = join(import.meta.dirname, '..', '..', 'cmd', 'steward.mjs');
const MANIFESTS = `
kind: Bundle
metadata: { name: plan }
spec: { charges: [{ name: fee }] }
---
kind: RateCard
metadata: { name: prices }
spec: { currency: EUR, revisions: [{ prices: { fee: '10.00' } }] }
---
kind: Catalog
metadata: { name: public }
spec: { bundles: [plan], rateCards: [prices] }
---
kind: Channel
metadata: { name: direct }
spec: { catalog: public, seller: { name: Example Cloud Ltd } }
---
kind: BillingPolicy
metadata: { name: now }
spec: { billing: ANNIVERSARY, draftWindowHours: 0 }
---
kind: Account
metadata: { name: acme }
spec: { channel: direct, currency: EUR, billingPolicy: now, zone: UTC }
---
kind: Project
metadata: { name: acme }
spec: { account: acme }
---
kind: PaymentMethod
metadata: { name: card, project: acme }
spec: { gateway: sandbox, customer: cus-acme, token: tok_sandbox }
---
kind: Subscription
metadata: { name: web, project: acme }
spec: { bundle: plan }
`;

describe('a server that is killed while its gateway charges', () => {
  let folder: string;
  let sandbox: SandboxServer;
  let port = 0;
  let running: ChildProcess | null = null;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'steward-killed-'));
    // The database runs as another user, who must be able to pass.
    chmodSync(folder, 0o711);
    const manifests = join(folder, 'manifests');
    port = await freePort();
    const secret = await sandboxSecret(join(folder, '.steward'));
    const webhook = { url: `http://127.0.0.1:${port}/webhooks/payments/sandbox`, secret };
    sandbox = await startSandboxServer({ host: '127.0.0.1', port: 0, webhook });
    mkdirSync(manifests);
    writeFileSync(join(manifests, 'shop.yaml'), MANIFESTS);
  });
  afterAll(async () => {
    // In order, so that its database ends with it.
    if (running !== null) {
      const ended = new Promise((resolve) => running?.once('exit', resolve));
      running.kill('SIGTERM');
      await ended;
    }
    await sandbox.close();
    rmSync(folder, { recursive: true, force: true });
  });

  function start(): ChildProcess {
    const args = [
      'serve',
      '--hypervisor',
      'none',
      '--listen-port',
      String(port),
      '--manifests',
      'manifests',
      '--payments-sandbox',
      sandbox.url,
    ];
    const env = { PATH: process.env.PATH ?? '', HOME: folder };
    running = spawn(process.execPath, [COMMAND, ...args], { cwd: folder, env, stdio: 'ignore' });
    return running;
  }

  async function ask(query: string) {
    const token = readFileSync(join(folder, '.steward', 'token'), 'utf8').trim();
    const response = await fetch(`http://127.0.0.1:${port}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ query }),
      signal: AbortSignal.timeout(10_000),
    });
    return (await response.json()) as { data: AnyAnswer; errors?: unknown };
  }

  it('has charged once when it is up again, and its books know of it', async () => {
    // The money moves, the answer is lost, and so is the server.
    sandbox.bank.script(['doneLost']);
    const first = start();
    await until(async () => sandbox.bank.movements().length > 0);
    first.kill('SIGKILL');
    await new Promise((resolve) => first.once('exit', resolve));
    start();
    await until(async () => {
      const { data } = await ask(
        '{ paymentAttempts(account: "acme") { state booked } balance(account: "acme") { receivable { amount } } }',
      );
      return data?.paymentAttempts?.[0]?.booked === true && data.balance.receivable.amount === '0.00';
    });
    const { data } = await ask(
      '{ paymentAttempts(account: "acme") { verb state amount } payments(account: "acme") { nodes { kind amount { amount } } } }',
    );
    expect(data.paymentAttempts).toEqual([{ verb: 'CHARGE', state: 'SUCCEEDED', amount: '10.00' }]);
    expect(data.payments.nodes).toEqual([{ kind: 'PAYMENT', amount: { amount: '10.00' } }]);
    expect(sandbox.bank.movements().map(({ verb, amount }) => [verb, amount])).toEqual([['CHARGE', 1000n]]);
  });
});

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 1200; tries += 1) {
    if (await holds().catch(() => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error('it never came true');
}

async function freePort(): Promise<number> {
  const taken = await startSandboxServer({ host: '127.0.0.1', port: 0, webhook: null });
  await taken.close();
  return Number(new URL(taken.url).port);
}
