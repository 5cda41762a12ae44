import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { EXIT } from './exit-codes.ts';
import { startInstallation, steward } from './fixtures/running.ts';

/** Stories of the real command, as a child process, against a real server on hosts in memory. They build on each other in order. */
const SHOP = `kind: Account
metadata: {name: shop}
---
kind: Project
metadata: {name: shop}
spec: {account: shop}
---
kind: Network
metadata: {name: lan, project: shop}
---
kind: VirtualMachine
metadata: {name: web, project: shop, labels: {app: shop}}
spec:
  cpus: 1
  memoryMiB: 128
  stopTimeoutSeconds: 0
  disks: [{name: root, sizeGiB: 1}]
  nics: [{name: eth0, network: lan}]
`;

// Every line of these stories starts a process, and a busy machine takes seconds for each.
jest.setTimeout(400_000);

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

describe('before anything is there', () => {
  it('finds the server by its folder, and says what it is', async () => {
    expect(await run('version')).toMatchObject({
      code: EXIT.ok,
      out: expect.stringMatching(/^client {2}\d.*\nserver {2}\d.*memory/),
    });
    expect(await run('doctor')).toMatchObject({ code: EXIT.ok, out: expect.stringContaining('ok    token: accepted') });
  });

  it('refuses wrong manifests with every error at its place, and changes nothing', async () => {
    at.write('wrong.yaml', SHOP.replace('cpus: 1', 'cpuz: 1').replace('memoryMiB: 128', 'memoryMiB: lots'));
    for (const command of [
      ['validate', 'wrong.yaml'],
      ['apply', '-f', 'wrong.yaml'],
      ['plan', '-f', 'wrong.yaml'],
    ]) {
      const { code, out, err } = await run(...command);
      expect([code, out]).toEqual([EXIT.validation, '']);
      expect(err).toContain('wrong.yaml:14:3: spec.cpuz: is not a field of VirtualMachine; did you mean "cpus"?');
      expect(err).toContain('wrong.yaml:15:14: spec.memoryMiB: is "lots"; expected a whole number from 64 to');
      expect(err).toContain('errors; nothing was changed.');
    }
    expect((await run('get', 'vm')).err).toBe('No virtualMachines in project shop.\n-A looks in all projects.\n');
    expect((await run('get', 'pod')).err).toBe('No pods.\n');
    expect(await run('describe', 'vm')).toMatchObject({ code: EXIT.ok, err: 'No virtualMachines in project shop.\n' });
    expect(await run('wait', 'vm')).toMatchObject({ code: EXIT.notFound });
  });

  it("shows the server's own objections at their places too", async () => {
    at.write('refs.yaml', SHOP.replace('network: lan', 'network: wan').replace('account: shop', 'account: nobody'));
    const { code, err } = await run('apply', '-f', 'refs.yaml');
    expect(code).toBe(EXIT.validation);
    expect(err).toMatch(/refs\.yaml:6:17: spec\.account: .*nobody/);
  });
});

describe('plan and apply', () => {
  it('plans the whole chain of a new folder, and says by its exit code that there is something to do', async () => {
    const { code, out } = await run('plan', '-f', 'shop.yaml', '--exit-code');
    expect(code).toBe(EXIT.differences);
    expect(out).toContain('+ VirtualMachine/shop/web created\n    + stopTimeoutSeconds: 0\n');
    expect(out).toMatch(
      /\d\. ensure Network\/shop\/lan[\s\S]*\d\. create Volume\/shop\/web-root[\s\S]*\d\. start VirtualMachine\/shop\/web/,
    );
    expect(out).toMatch(/Plan: 4 to create, 0 to change, 0 to delete; \d+ steps\.\n$/);
    expect(out).not.toContain('\u001b');
  });

  it('applies a saved plan exactly, once, and waits until it is so', async () => {
    const saved = await run('plan', '-f', 'shop.yaml', '--save');
    const id = /--plan (\S+)/.exec(saved.out)?.[1] ?? '';
    expect(await run('apply', '--plan', id, '--wait', '--timeout', '60s')).toMatchObject({
      code: EXIT.ok,
      out: expect.stringContaining('4 created, 0 configured, 0 unchanged'),
    });
    expect(await run('apply', '--plan', id)).toMatchObject({
      code: EXIT.conflict,
      err: expect.stringContaining('changed since the plan was made'),
    });
  });

  it('has nothing to do a second time', async () => {
    expect(await run('plan', '-f', 'shop.yaml', '--exit-code')).toEqual({
      code: EXIT.ok,
      err: '',
      out: 'Nothing to do: everything is as wished.\n',
    });
    expect((await run('apply', '-f', 'shop.yaml')).out).toMatch(/0 created, 0 configured, 4 unchanged\n$/);
    expect(await run('diff', '-f', 'shop.yaml', '--exit-code')).toMatchObject({ code: EXIT.ok });
    expect(await run('diff', 'vm/nope')).toMatchObject({ code: EXIT.notFound });
  });

  it('says by its exit code that it could not tell', async () => {
    expect(await run('plan', '-f', 'wrong.yaml', '--exit-code')).toMatchObject({
      code: EXIT.error,
      err: expect.stringContaining('did you mean "cpus"?'),
    });
    expect(await run('diff', 'vm/nope', '--exit-code')).toMatchObject({ code: EXIT.error });
  });

  it('reviews a change: field by field, and that it restarts a machine', async () => {
    at.write(
      'more.yaml',
      SHOP.replace('memoryMiB: 128', 'memoryMiB: 256').replace('stopTimeoutSeconds: 0', 'stopTimeoutSeconds: 1'),
    );
    const { out } = await run('plan', '-f', 'more.yaml');
    expect(out).toContain('~ VirtualMachine/shop/web configured');
    expect(out).toContain('    ~ stopTimeoutSeconds: 0 → 1\n    ~ memoryMiB: 128 → 256\n');
    const diff = await run('diff', '-f', 'more.yaml', '--exit-code');
    expect(diff.code).toBe(EXIT.differences);
    expect(diff.out).toContain(
      '~ VirtualMachine/shop/web\n    ~ stopTimeoutSeconds: 0 → 1\n    ~ memoryMiB: 128 → 256\n',
    );
  });

  it('reads stdin', async () => {
    const { code, out } = await at.steward(['-p', 'shop', 'apply', '-f', '-', '--dry-run'], {
      input: SHOP.replace('name: lan,', 'name: wan,').replace('network: lan', 'network: wan'),
    });
    expect([code, out]).toEqual([EXIT.ok, expect.stringContaining('Network/shop/wan created\n')]);
    expect(out).toContain('dry run: nothing was written');
  });

  it('names the owner of a field that somebody else holds, and takes it over when told to', async () => {
    const args = ['apply', '-f', 'more.yaml', '--source', 'other'];
    expect(await run(...args)).toMatchObject({
      code: EXIT.conflict,
      err: expect.stringMatching(/more\.yaml:15:14: spec\.memoryMiB: is 128, set by cli; 256 was asked for/),
    });
    expect(await run(...args, '--take-over', '--dry-run')).toMatchObject({ code: EXIT.ok });
  });
});

describe('looking', () => {
  it('lists as a table, as names, as JSON with status, and as YAML that can be applied again', async () => {
    expect((await run('get', 'vm')).out).toMatch(/^NAME +POWER +CPUS .*READY +AGE\nweb +running .* yes +\d+[sm]\n$/);
    expect((await run('get', 'vm', '-o', 'wide', '--no-headers')).out).toMatch(/^web .* Everything is as wished\.\n$/);
    expect((await run('get', 'vm,net', '-o', 'name')).out).toBe('VirtualMachine/shop/web\nNetwork/shop/lan\n');
    const json = JSON.parse((await run('get', 'vm/web', '-o', 'json')).out);
    expect(json).toMatchObject({ kind: 'VirtualMachine', status: { power: 'running' } });
    const yaml = await run('get', 'vm/web', '-o', 'yaml');
    expect(yaml.out).not.toContain('status');
    expect(await at.steward(['apply', '-f', '-'], { input: yaml.out })).toMatchObject({
      code: EXIT.ok,
      out: expect.stringContaining('0 created'),
    });
  });

  it('filters by label and condition', async () => {
    expect((await run('get', 'vm', '-l', 'app=shop', '--condition', 'Ready=True', '-o', 'name')).out).toBe(
      'VirtualMachine/shop/web\n',
    );
    expect((await run('get', 'vm', '-l', 'app notin (shop)', '-o', 'name')).out).toBe('');
  });

  it('describes: wish, state, why this host, conditions, steps and events', async () => {
    const { out } = await run('describe', 'vm/web');
    for (const part of [
      'VirtualMachine/shop/web',
      'Wish:',
      'power: running',
      '→ local',
      'Conditions:',
      'start ',
      'Events:',
      'Volume/shop/web-root  ready',
    ])
      expect(out).toContain(part);
  });

  it('tells what happened', async () => {
    expect((await run('events', 'vm/web')).out).toMatch(
      /^AGO +TYPE +OBJECT +REASON +MESSAGE\n[\s\S]*Everything is as wished\./,
    );
    expect(JSON.parse((await run('events', 'vm/web', '-o', 'json', '-n', '1')).out)).toMatchObject({
      kind: 'VirtualMachine',
    });
  });

  it('says what is not there, and what was meant', async () => {
    expect(await run('get', 'vm/nope')).toMatchObject({
      code: EXIT.notFound,
      err: 'error: VirtualMachine/shop/nope does not exist.\n',
    });
    expect(await run('get', 'netwrk')).toMatchObject({
      code: EXIT.usage,
      err: expect.stringContaining('did you mean "Network"'),
    });
    expect(await run('gte', 'vm')).toMatchObject({
      code: EXIT.usage,
      err: expect.stringContaining('Did you mean get?'),
    });
  });

  it('watches changes until it is interrupted', async () => {
    const watching = at.steward(['-p', 'shop', 'watch', 'vm', '-o', 'json'], { interruptAfter: /"hand":"1"/ });
    for (let ended = false; !ended; ) {
      await run('apply', '-f', '-', '--dry-run');
      await at.steward(['-p', 'shop', 'apply', '-f', '-'], {
        input: SHOP.replace('labels: {app: shop}', 'labels: {app: shop, hand: "1"}'),
      });
      await at.steward(['-p', 'shop', 'apply', '-f', '-'], { input: SHOP });
      ended = await Promise.race([
        watching.then(() => true),
        new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 200)),
      ]);
    }
    const { code, out } = await watching;
    expect(code).toBe(EXIT.interrupted);
    expect(
      out
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line).type),
    ).toContain('CHANGED');
  });
});

describe('changing by hand', () => {
  it('stops a machine that runs by itself without touching its manifest, and lets it go again', async () => {
    expect(await run('stop', 'web', '--wait', '--timeout', '60s')).toMatchObject({
      code: EXIT.ok,
      out: 'VirtualMachine/shop/web is kept stopped\n',
    });
    expect((await run('get', 'vm', '--no-headers')).out).toMatch(/^web +off/);
    expect((await run('plan', '-f', 'shop.yaml')).out).toBe('Nothing to do: everything is as wished.\n');
    expect(await run('start', 'web', '--wait', '--timeout', '60s')).toMatchObject({ code: EXIT.ok });
    expect((await run('get', 'vm', '--no-headers')).out).toMatch(/^web +running/);
    expect(await run('reboot', 'web', '--wait', '--timeout', '60s')).toMatchObject({
      code: EXIT.ok,
      out: 'VirtualMachine/shop/web reboot requested\n',
    });
  });

  it('joins the serial console', async () => {
    const { code, out } = await at.steward(['-p', 'shop', 'console', 'web'], { input: 'hello\n' });
    expect([code, out]).toEqual([EXIT.ok, expect.stringContaining('web login:')]);
    expect(await run('console', 'nope')).toMatchObject({ code: EXIT.notFound });
  });

  it('waits for a condition, and says by its exit code when it is not met in time', async () => {
    expect(await run('wait', 'vm', '--for', 'Powered=True')).toMatchObject({ code: EXIT.ok });
    for (const same of ['condition=Ready', 'condition=Ready=True', 'condition=Powered=true'])
      expect(await run('wait', 'vm/web', `--for=${same}`)).toMatchObject({ code: EXIT.ok });
    expect(await run('wait', 'vm/web', '--for', 'Powered=False', '--timeout', '100ms')).toMatchObject({
      code: EXIT.timeout,
    });
    expect(await run('wait', 'vm/web', '--for', 'Powerd=True')).toMatchObject({
      code: EXIT.usage,
      err: 'error: VirtualMachine has no condition "Powerd"; did you mean "Powered"?\n',
    });
    expect(await run('wait', 'vm/nope')).toMatchObject({ code: EXIT.notFound });
    expect(await run('wait', 'vm/nope', '--for', 'gone')).toMatchObject({ code: EXIT.ok });
  });

  it('deletes with a grace period and takes it back', async () => {
    expect(await run('delete', 'vm/web', '--grace', '1h')).toMatchObject({
      code: EXIT.ok,
      out: 'VirtualMachine/shop/web deleted, restorable\n',
    });
    expect((await run('get', 'vm', '--no-headers')).out).toContain('GracePeriod');
    expect(await run('delete', 'vm/web', '--restore')).toMatchObject({ code: EXIT.ok });
    expect(await run('wait', 'vm/web', '--timeout', '60s')).toMatchObject({ code: EXIT.ok });
  });

  it('edits in an editor: a mistake comes back with its reason, the rest is applied and written to the file', async () => {
    const editor = join(at.folder, 'editor.mjs');
    writeFileSync(
      editor,
      `#!/usr/bin/env node
import { readFileSync, writeFileSync } from 'node:fs';
const file = process.argv[2];
const text = readFileSync(file, 'utf8');
const fixed = text.includes('#! ');
writeFileSync(file, fixed ? text.replace('stopTimeoutSeconds: -5', 'stopTimeoutSeconds: 2') : text.replace('stopTimeoutSeconds: 0', 'stopTimeoutSeconds: -5'));
`,
    );
    chmodSync(editor, 0o755);
    const { code, out } = await at.steward(['-p', 'shop', 'edit', 'vm/web', '--write', 'shop.yaml'], {
      env: { EDITOR: `node ${editor}` },
    });
    expect([code, out]).toEqual([EXIT.ok, expect.stringContaining('    ~ stopTimeoutSeconds: 0 → 2\n')]);
    expect(readFileSync(join(at.folder, 'shop.yaml'), 'utf8')).toContain('stopTimeoutSeconds: 2\n');
  });

  it('keeps what was written where it cannot be applied', async () => {
    const editor = join(at.folder, 'stubborn.mjs');
    writeFileSync(
      editor,
      `import { readFileSync, writeFileSync } from 'node:fs';
const file = process.argv[2];
writeFileSync(file, readFileSync(file, 'utf8').replace('cpus: 1', 'cpus: many'));
`,
    );
    const { code, err } = await at.steward(['-p', 'shop', 'edit', 'vm/web'], { env: { EDITOR: `node ${editor}` } });
    expect(code).toBe(EXIT.validation);
    const [, kept = ''] = /What you wrote is kept in (\S+)\.\n$/.exec(err) ?? [];
    expect(readFileSync(kept, 'utf8')).toMatch(/^#! .*spec\.cpus: is "many"[\s\S]*cpus: many$/m);
    rmSync(dirname(kept), { recursive: true });
  });

  it('exports what can be applied again elsewhere', async () => {
    mkdirSync(join(at.folder, 'out'), { recursive: true });
    expect(await run('export', 'all', '-d', 'out')).toMatchObject({ code: EXIT.ok });
    expect(await run('validate', 'out')).toMatchObject({ code: EXIT.ok });
    expect((await run('export', 'vol')).out).toBe('');
  });

  it('never shows a secret, and an export of one changes nothing when applied', async () => {
    const secret = 'kind: Secret\nmetadata: {name: pw}\nspec: {data: {token: hunter2}}\n';
    const applied = await at.steward(['-p', 'shop', 'apply', '-f', '-'], { input: secret });
    const exported = await run('export', 'secret/pw');
    const again = await at.steward(['apply', '-f', '-'], { input: exported.out });
    expect(again.out).toContain('0 created, 0 configured, 1 unchanged');
    expect(exported.err).toContain('Secrets are never exported');
    const all = [
      applied,
      exported,
      again,
      await run('describe', 'secret/pw'),
      await run('get', 'secret/pw', '-o', 'json'),
    ];
    for (const { out, err } of all) expect(out + err).not.toMatch(/hunter2|sealed:v1/);
  });

  it('lists what it did not make, and needs a manifest to adopt it', async () => {
    expect(await run('adopt')).toMatchObject({ code: EXIT.ok, out: 'Every machine on every host is managed.\n' });
    expect(await run('adopt', 'nope')).toMatchObject({ code: EXIT.notFound });
  });
});

describe('deleting', () => {
  it('shows first what would happen, refuses what is not there, and waits until all is gone', async () => {
    expect((await run('delete', 'net/lan', '--dry-run')).out).toContain('Still used by VirtualMachine/web');
    expect(await run('delete', 'vm/nope')).toMatchObject({ code: EXIT.notFound });
    expect(await run('delete', 'vm/nope', '--ignore-not-found')).toMatchObject({ code: EXIT.ok });
    expect(await run('delete', 'vm')).toMatchObject({ code: EXIT.usage });
    expect(await run('delete', 'secret/pw')).toMatchObject({ code: EXIT.ok });
    expect(await run('delete', '-f', 'shop.yaml', '--wait', '--timeout', '110s')).toMatchObject({ code: EXIT.ok });
    expect((await run('get', 'all', '-o', 'name')).out).not.toContain('shop');
  });
});

describe('a server that cannot be reached or does not let us in', () => {
  it('is named with what to do', async () => {
    const nowhere = { cwd: '/', env: { STEWARD_URL: 'http://127.0.0.1:1' } };
    expect(await steward(['get', 'vm'], nowhere)).toMatchObject({
      code: EXIT.error,
      err: expect.stringContaining('No server answers at http://127.0.0.1:1'),
    });
    expect(await steward(['get', 'vm'], { ...nowhere, env: { STEWARD_URL: 'http://203.0.113.1' } })).toMatchObject({
      code: EXIT.usage,
      err: expect.stringContaining('unencrypted'),
    });
    const denied = { cwd: '/', env: { STEWARD_URL: at.server.url, STEWARD_TOKEN: 'wrong' } };
    expect(await steward(['get', 'vm'], denied)).toMatchObject({
      code: EXIT.denied,
      err: expect.not.stringContaining('wrong'),
    });
  });
});
