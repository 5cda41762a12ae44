import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest } from '@jest/globals';
import { until } from '../lab/command.ts';
import { describeReal } from '../real-parts.ts';
import type { Manifest } from './fixtures/api.ts';
import { chapters } from './fixtures/chapters.ts';
import { type Market, openMarket, type Person } from './fixtures/market.ts';
import { amountsOf, attemptsOf, type Bill, billsOf, priceOf } from './fixtures/money.ts';
import { card, MONEY_RULES, machine, project, SOLD } from './fixtures/two-channels.ts';
import { type Watched, watched } from './fixtures/watched.ts';

jest.setTimeout(300_000);

/** Two customers of two channels over two months of 31 days, 744 hours each. */
describeReal('a cloud that is sold', ['pdftotext'], () => {
  const chapter = chapters();
  let market: Market;
  const staff = {} as Record<'products' | 'sales' | 'finance' | 'operations', Person>;
  let anna: Person;
  let bob: Person;
  let acme: Watched;
  let bolt: Watched;
  beforeAll(async () => {
    market = await openMarket('2031-06-30T22:00:00Z');
    staff.products = await market.person('petra', 'default', 'product-manager');
    staff.sales = await market.person('sam', 'default', 'sales-support');
    staff.finance = await market.person('fay', 'default', 'finance-admin');
    staff.operations = await market.person('olaf', 'default', 'ops-admin');
  });
  afterAll(() => market?.close());

  /** July's and August's bill of A: its fee, two CPUs at 0.02 and a GiB at 0.01 for 744 hours. */
  const A_MONTH = { fee: '20.00', 'cpu-hours': '29.76', 'memory-hours': '7.44' };
  const download = (path: string, token: string) =>
    fetch(`${market.url}/documents/${path}`, { headers: { authorization: `Bearer ${token}` } });

  const TAKEN: Record<'acme' | 'bolt', Manifest[]> = {
    acme: [
      { kind: 'Subscription', metadata: { name: 'main', project: 'acme' }, spec: { bundle: 'cloud' } },
      machine('acme', 'web', 2),
    ],
    bolt: [
      { kind: 'Subscription', metadata: { name: 'main', project: 'bolt' }, spec: { bundle: 'cloud-by-partner' } },
      machine('bolt', 'web', 1),
      machine('bolt', 'db', 2),
    ],
  };

  chapter('the provider says what it sells, and sells it to two customers', async () => {
    await staff.finance.apply(MONEY_RULES);
    await staff.products.apply([
      ...SOLD,
      { kind: 'AccountType', metadata: { name: 'retail' }, spec: { dunningPolicy: 'firm' } },
    ]);
    const account = (name: string, spec: object): Manifest => ({
      kind: 'Account',
      metadata: { name },
      spec: { type: 'retail', billingPolicy: 'monthly', zone: 'UTC', ...spec },
    });
    await staff.sales.apply([
      account('acme', { legalName: 'Acme Widgets AG', channel: 'direct', currency: 'EUR', jurisdiction: 'DE' }),
      account('bolt', { legalName: 'Bolt Ltd', channel: 'partner', currency: 'USD' }),
    ]);
    anna = await market.person('anna', 'acme', 'master-user', staff.sales);
    bob = await market.person('bob', 'bolt', 'master-user', staff.sales);
    [acme, bolt] = [watched(anna, 'acme'), watched(bob, 'bolt')];
    await anna.apply([project('acme'), card('acme', 'card', { token: 'tok_sandbox' })]);
    await bob.apply([
      project('bolt'),
      card('bolt', 'card', { token: 'tok_sandbox', expiry: '2031-07' }),
      card('bolt', 'debit', { token: 'tok_declined' }),
    ]);
  });

  chapter('a plan shows what a month will cost, before anything is bought', async () => {
    await market.clock.jump('2031-07-01T00:00:00Z');
    // 20.00 + 744 × 2 × 0.02 + 744 × 1 × 0.01; the fee at once.
    expect(await priceOf(anna, TAKEN.acme)).toEqual([
      { account: 'acme', currency: 'EUR', now: '20.00', month: '57.20' },
    ]);
    // Three CPUs: 15.00 + 1000 × 0.05 + 1232 × 0.04.
    expect(await priceOf(bob, TAKEN.bolt)).toEqual([
      { account: 'bolt', currency: 'USD', now: '15.00', month: '114.28' },
    ]);
    expect(await anna.get('VirtualMachine', 'web', 'acme')).toBeNull();
    const foreign = await anna.tryApply([
      { kind: 'Subscription', metadata: { name: 'x', project: 'acme' }, spec: { bundle: 'cloud-by-partner' } },
    ]);
    expect(foreign).toEqual([expect.objectContaining({ message: expect.stringContaining('cannot buy') })]);
  });

  chapter('the machines run, the first fee is charged at once', async () => {
    await anna.apply(TAKEN.acme);
    await bob.apply(TAKEN.bolt);
    await Promise.all([
      acme.untilPower('web', 'running'),
      bolt.untilPower('web', 'running'),
      bolt.untilPower('db', 'running'),
    ]);
    // 20.00 and 19 % of it; B's customers are in no jurisdiction with taxes.
    expect(await acme.bill(0)).toMatchObject({ subtotal: '20.00', tax: '3.80', total: '23.80' });
    expect(await bolt.bill(0)).toMatchObject({ subtotal: '15.00', tax: '0.00', total: '15.00' });
    await acme.untilOwed(0, '0.00');
    await bolt.untilOwed(0, '0.00');
  });

  chapter('on the eleventh an administrator stops a machine of B', async () => {
    await market.clock.pass('2031-07-11T00:00:00Z');
    const { result } = await staff.operations.query<{ result: { issues?: unknown[] } }>(
      `mutation { result: override(name: "power", value: "stopped", reason: "It attacks others.",
        objects: [{ kind: "VirtualMachine", project: "bolt", name: "db" }]) { ... on AdmissionFailure { issues { message } } } }`,
    );
    expect(result.issues).toBeUndefined();
    await bolt.untilPower('db', 'off');
    const lifting = await bob.query<{ result: { issues?: { message: string }[] } }>(
      `mutation { result: override(name: "power", value: "running", objects: [{ kind: "VirtualMachine", project: "bolt", name: "db" }]) {
        ... on AdmissionFailure { issues { message } } } }`,
    );
    expect(lifting.result.issues).toEqual([{ message: expect.stringContaining('held by the provider: It attacks') }]);
    expect(await bolt.power('web')).toBe('running');
  });

  chapter('a month later both are billed for what ran, and A has paid by itself', async () => {
    await market.clock.pass('2031-08-01T00:30:00Z');
    await market.clock.pass('2031-08-01T01:05:00Z');
    const a = await acme.bill(1);
    expect(amountsOf(a)).toEqual(A_MONTH);
    expect(quantityOf(a, 'cpu-hours')).toBeCloseTo(1488, 0);
    // 57.20, as the plan said, and 19 % of it: 10.868.
    expect(a).toMatchObject({ subtotal: '57.20', tax: '10.87', total: '68.07' });
    await acme.untilOwed(1, '0.00');
    const paid = (await attemptsOf(anna, 'acme')).filter(({ invoice }) => invoice === a.number);
    expect(paid).toMatchObject([{ verb: 'CHARGE', amount: '68.07', currency: 'EUR', state: 'SUCCEEDED' }]);
    const b = await bolt.bill(1);
    // One CPU for 744 hours and two for ten days: 744 + 2 × 240 = 1224; 1000 × 0.05 + 224 × 0.04.
    expect(quantityOf(b, 'cpu-hours')).toBeCloseTo(1224, 0);
    expect(amountsOf(b)).toEqual({ 'partner-fee': '15.00', 'cpu-hours': '58.96' });
    expect(b).toMatchObject({ tax: '0.00', total: '73.96' });
  });

  chapter('B’s card is declined, and day by day it is asked, restricted and suspended', async () => {
    const declined = async () =>
      (await attemptsOf(bob, 'bolt')).filter(({ state }) => state === 'DECLINED_SOFT').length;
    await until('the card was declined', async () => (await declined()) === 1);
    expect((await bolt.bill(1)).balance).toBe('73.96');
    // Due on the 8th; three days after it is tried again.
    await market.clock.pass('2031-08-11T02:00:00Z');
    await until('it was declined again', async () => (await declined()) === 2);
    expect(await bolt.hold('web')).toBeNull();
    await market.clock.pass('2031-08-13T02:00:00Z');
    await until('B is restricted', async () => (await bolt.hold('web')) === 'RESTRICT');
    expect(await bolt.power('web')).toBe('running');
    await market.clock.pass('2031-08-16T02:00:00Z');
    await bolt.untilPower('web', 'off');
    expect(await bolt.hold('web')).toBe('SUSPEND');
    expect(await acme.power('web')).toBe('running');
    expect(await acme.hold('web')).toBeNull();
  });

  chapter('B pays by hand, once, and its machines run again but for what the administrator holds', async () => {
    await market.clock.pass('2031-08-18T02:00:00Z');
    await bob.apply([card('bolt', 'new', { token: 'tok_sandbox', default: false })]);
    const { number } = await bolt.bill(1);
    const pay = () =>
      bob.query(
        `mutation ($invoice: String!) { payInvoice(account: "bolt", invoice: $invoice, method: "new", idempotencyKey: "paid-by-hand-1") {
          ok code attempt { state amount } } }`,
        { invoice: number },
      );
    const done = { payInvoice: { ok: true, code: null, attempt: { state: 'SUCCEEDED', amount: '73.96' } } };
    expect([await pay(), await pay()]).toEqual([done, done]);
    await bolt.untilOwed(1, '0.00');
    await bolt.untilPower('web', 'running');
    await until('no hold is left', async () => (await bolt.hold('db')) === null);
    expect(await bolt.power('db')).toBe('off');
    expect(
      market.bank
        .movements()
        .filter(({ amount }) => amount === 7_396n)
        .map(({ outcome }) => outcome.state),
    ).toEqual(['declined', 'declined', 'succeeded']);
  });

  chapter('the next month costs A the same, and B nothing for the days on which it was suspended', async () => {
    await market.clock.pass('2031-09-01T00:30:00Z');
    await market.clock.pass('2031-09-01T01:05:00Z');
    const a = await acme.bill(2);
    expect(amountsOf(a)).toEqual(A_MONTH);
    expect(a.total).toBe('68.07');
    // 744 hours without two days: 696 × 0.05.
    const b = await bolt.bill(2);
    expect(amountsOf(b)).toEqual({ 'partner-fee': '15.00', 'cpu-hours': '34.80' });
    expect(quantityOf(b, 'cpu-hours')).toBeCloseTo(696, 0);
  });

  chapter('A reads its invoice as a PDF', async () => {
    const { number } = await acme.bill(1);
    const answer = await download(`acme/${number}`, anna.token);
    expect(answer.headers.get('content-type')).toBe('application/pdf');
    const text = pdfText(new Uint8Array(await answer.arrayBuffer()));
    for (const part of [number, 'Acme Widgets AG', 'Example Cloud GmbH', '57.20', '68.07'])
      expect(text).toContain(part);
  });

  chapter('every line can be explained, and the audit finds nothing', async () => {
    for (const [account, reader] of [
      ['acme', anna],
      ['bolt', bob],
    ] as const)
      for (const { id, amount } of (await billsOf(reader, account)).flatMap(({ lines }) => lines)) {
        const { explainLine } = await reader.query<{ explainLine: object }>(
          'query ($account: String!, $line: String!) { explainLine(account: $account, line: $line) }',
          { account, line: id },
        );
        expect(explainLine).toMatchObject({ line: id, charged: amount, booked: amount });
      }
    const [line] = (await acme.bill(1)).lines;
    const told = await market.steward(['explain', `invoice/${line?.id}`, '--account', 'acme']);
    expect([told.code, told.out]).toEqual([0, expect.stringContaining(line?.amount ?? '?')]);
    const { auditBooks } = await market.root.query<{ auditBooks: unknown[] }>(
      '{ auditBooks { check account detail } }',
    );
    expect(auditBooks).toEqual([]);
    expect(market.errors()).toEqual([]);
  });

  chapter('A sees nothing of B', async () => {
    const { number } = await bolt.bill(1);
    await expect(billsOf(anna, 'bolt')).rejects.toThrow('There is no account "bolt".');
    await expect(attemptsOf(anna, 'bolt')).rejects.toThrow('may not');
    expect(await anna.get('VirtualMachine', 'web', 'bolt')).toBeNull();
    expect(await anna.get('Account', 'bolt')).toBeNull();
    for (const kind of ['VirtualMachine', 'Subscription', 'PaymentMethod', 'Project'])
      expect(JSON.stringify(await anna.list(kind))).not.toContain('bolt');
    expect((await download(`bolt/${number}`, anna.token)).status).toBe(404);
    expect((await download(`bolt/${number}`, bob.token)).status).toBe(200);
  });
});

function quantityOf(bill: Bill, product: string): number {
  return bill.lines.find((line) => line.product === product)?.quantity ?? Number.NaN;
}

function pdfText(bytes: Uint8Array): string {
  const folder = mkdtempSync(join(tmpdir(), 'steward-pdf-'));
  try {
    writeFileSync(join(folder, 'a.pdf'), bytes);
    return spawnSync('pdftotext', ['-layout', join(folder, 'a.pdf'), '-'], { encoding: 'utf8' }).stdout;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
