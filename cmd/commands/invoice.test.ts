import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { EXIT } from '../exit-codes.ts';
import { firstInvoice, startInstallation } from '../fixtures/running.ts';

// Every line of these stories starts a process.
jest.setTimeout(120_000);

const SHOP = `kind: Catalog
metadata: {name: public}
spec: {bundles: [web], rateCards: [prices]}
---
kind: Channel
metadata: {name: direct}
spec:
  catalog: public
  seller:
    name: Example Cloud GmbH
    address: {lines: [Hauptstraße 1], postalCode: "10115", city: Berlin, country: DE}
    taxId: DE123456789
---
kind: TaxRule
metadata: {name: de}
spec: {jurisdiction: DE, rate: "19"}
---
kind: Bundle
metadata: {name: web}
spec: {charges: [{name: web-fee, product: Webserver}]}
---
kind: RateCard
metadata: {name: prices}
spec: {currency: EUR, revisions: [{prices: {web-fee: "30.00"}}]}
---
kind: Account
metadata: {name: shop}
spec:
  channel: direct
  jurisdiction: DE
  language: de
  legalName: Łódź Καφέ Ltd
  billingAddress: {city: Łódź, country: PL}
---
kind: Project
metadata: {name: shop}
spec: {account: shop}
---
kind: Subscription
metadata: {name: web, project: shop}
spec: {bundle: web}
`;

let at: Awaited<ReturnType<typeof startInstallation>>;
beforeAll(async () => {
  at = await startInstallation();
  at.write('shop.yaml', SHOP);
});
afterAll(async () => {
  expect(at.errors).toEqual([]);
  await at.close();
});

describe('steward invoice and steward statement', () => {
  it('bring the documents of what is subscribed to, each in its format', async () => {
    expect(await at.steward(['apply', '-f', 'shop.yaml'])).toMatchObject({ code: EXIT.ok });
    const { number } = await firstInvoice(at, 'shop');
    const invoice = (...args: string[]) => at.steward(['invoice', number, '--account', 'shop', ...args]);

    const ubl = await invoice('-o', 'ubl');
    expect([ubl.code, ubl.err]).toEqual([EXIT.ok, '']);
    expect(ubl.out).toContain('<cbc:RegistrationName>Łódź Καφέ Ltd</cbc:RegistrationName>');
    expect(ubl.out).toContain('<cbc:TaxInclusiveAmount currencyID="EUR">35.70</cbc:TaxInclusiveAmount>');
    expect(JSON.parse((await invoice('-o', 'json')).out)).toMatchObject({ number, language: 'de', total: '35.70' });
    expect((await invoice('-o', 'csv')).out).toContain(',RECURRING,Webserver,');

    const pdf = await invoice();
    expect(pdf).toMatchObject({ code: EXIT.ok, err: expect.stringContaining(`${number}.pdf written, `) });
    expect(readFileSync(join(at.folder, `${number}.pdf`), 'latin1')).toMatch(/^%PDF-1\./);

    const statement = await at.steward(['statement', '--account', 'shop', '-o', 'json']);
    expect(JSON.parse(statement.out)).toMatchObject({ opening: '0.00', charges: '35.70', net: '35.70' });
  });

  it('say what is not there, and to whom it is none of their business', async () => {
    expect(await at.steward(['invoice', 'X-1', '--account', 'shop'])).toMatchObject({
      code: EXIT.notFound,
      err: expect.stringContaining('The account "shop" has no document X-1.'),
    });
    const refused = await fetch(`${at.server.url}/documents/shop/X-1`);
    expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
  });
});
