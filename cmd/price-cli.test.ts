import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { EXIT } from './exit-codes.ts';
import { startInstallation } from './fixtures/running.ts';

const QUICK_START = join(import.meta.dirname, '..', 'manifests', 'examples', 'quick-start');

/** What somebody pays for, with the quick start's catalog: every command is a process, against a real server in memory. */
jest.setTimeout(120_000);

let at: Awaited<ReturnType<typeof startInstallation>>;
const run = (...args: string[]) => at.steward(['-p', 'demo', ...args]);
beforeAll(async () => {
  at = await startInstallation();
});
afterAll(async () => {
  expect(at.errors).toEqual([]);
  await at.close();
});

const MACHINE = `kind: VirtualMachine
metadata: {name: cache}
spec: {offering: tiny, disks: [{name: root, sizeGiB: 1}]}
`;
const REVISION = (price: string, later: string) => `kind: RateCard
metadata: {name: demo-eur}
spec:
  currency: EUR
  revisions:
    - prices: {base-fee: ${price}, cpu-hours: 0.12, memory-gib-hours: 0.05, disk-gib-months: 1.00}
    ${later}
`;

describe('the price of a plan', () => {
  it('of the whole quick start is its fee now, and what its machines will use', async () => {
    const { code, out } = await run('plan', '-f', QUICK_START);
    expect(code).toBe(EXIT.ok);
    expect(out).toMatch(/Price, before discounts and tax:\n {2}account demo: \+5\.00 now, \+\d+\.\d\d this period/);
    expect(out).toMatch(/Subscription\/demo\/usage: \+5\.00 now, \+5\.00 this period, \+5\.00 EUR a month/);
    expect(out).toMatch(/VirtualMachine\/demo\/web: \+0\.00 now, \+\d+\.\d\d this period, \+\d\d\.\d\d EUR a month/);
  });

  it('of another machine is what it adds, and of one that goes what it spares', async () => {
    expect(await run('apply', '-f', QUICK_START, '--wait')).toMatchObject({ code: EXIT.ok });
    at.write('cache.yaml', MACHINE);
    const more = await run('plan', '-f', 'cache.yaml');
    expect(more.out).toMatch(
      /VirtualMachine\/demo\/cache: \+0\.00 now, \+\d+\.\d\d this period, \+\d\d\.\d\d EUR a month/,
    );
    const less = await run('plan', '--delete', 'vm/web');
    expect(less.out).toMatch(/VirtualMachine\/demo\/web: \+0\.00 now, -\d+\.\d\d this period, -\d\d\.\d\d EUR a month/);
  });

  it('of new prices is whom they touch, before anybody pays them', async () => {
    at.write('prices.yaml', REVISION('5.00', '- {from: 2099-01-01, prices: {base-fee: 6.00}}'));
    const { out } = await run('plan', '--take-over', '-f', 'prices.yaml');
    expect(out).toContain('RateCard/demo-eur touches');
  });
});

describe('what the books refuse', () => {
  it('is refused where it is wished: a bundle that the account cannot buy', async () => {
    at.write(
      'other.yaml',
      'kind: Subscription\nmetadata: {name: x, project: default}\nspec: {bundle: pay-as-you-go}\n',
    );
    const applied = await run('apply', '-f', 'other.yaml');
    expect(applied).toMatchObject({ code: EXIT.validation });
    expect(applied.err).toContain('names a bundle that its account cannot buy');
    expect(await run('plan', '-f', 'other.yaml')).toEqual(applied);
  });

  it('are prices in force that change', async () => {
    at.write('prices.yaml', REVISION('7.00', ''));
    const { code, err } = await run('apply', '--take-over', '-f', 'prices.yaml');
    expect(code).toBe(EXIT.validation);
    expect(err).toContain('changes prices in force from always');
  });
});
