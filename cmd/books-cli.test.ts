import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { EXIT } from './exit-codes.ts';
import { firstInvoice, startInstallation } from './fixtures/running.ts';
import { SHOP } from './fixtures/shop.ts';

jest.setTimeout(120_000);

describe('the books on the command line', () => {
  let at: Awaited<ReturnType<typeof startInstallation>>;
  const run = (...args: string[]) => at.steward(['-p', 'shop', ...args]);
  beforeAll(async () => {
    at = await startInstallation();
    at.write('shop.yaml', SHOP);
  });
  afterAll(async () => {
    expect(at.errors).toEqual([]);
    await at.close();
  });

  it('bill what was applied, explain every line of it, and are silent when asked whether they agree', async () => {
    expect((await run('apply', '-f', 'shop.yaml')).err).toBe('');
    const { number, lines } = await firstInvoice(at, 'shop');
    const list = await run('invoices', '--account', 'shop');
    expect(list.out).toMatch(new RegExp(`^NUMBER.*\\n${number} .* 30.00 EUR +30.00 EUR\\n$`));
    expect((await run('invoices', '--account', 'shop', '--lines')).out).toContain(`${number}/1`);
    const told = await run('explain', `invoice/${lines[0]?.id}`, '--account', 'shop');
    expect(told.out).toMatch(/^line +INV-[\s\S]*charged +30\.00\n[\s\S]*booked +30\.00\n/);
    const spent = await run('spend', '--account', 'shop');
    expect(spent.out).toMatch(
      /^running periods: 30\.00 EUR, as of 20.*\nMONTH +USER +BILLED\n20\d\d-\d\d +- +30\.00 EUR\nbilled as of 20.*Z\n$/,
    );
    expect(await run('audit', 'books')).toMatchObject({ code: EXIT.ok, out: '', err: '' });
  });

  it('say what is not there', async () => {
    const { code, err } = await run('explain', 'invoice/NONE/1', '--account', 'shop');
    expect([code, err]).toEqual([EXIT.notFound, expect.stringContaining('has the line NONE/1')]);
    expect((await run('invoices', '--account', 'nobody')).err).toContain('There is no account "nobody"');
  });
});
