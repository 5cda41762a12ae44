import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { DEFAULT_SIGN_IN } from './config/sign-in-settings.ts';
import { EXIT } from './exit-codes.ts';
import { startInstallation } from './fixtures/running.ts';

jest.setTimeout(180_000);

describe('steward settings', () => {
  let installation: Awaited<ReturnType<typeof startInstallation>>;
  beforeAll(async () => {
    const registration = { ...DEFAULT_SIGN_IN.registration, open: true };
    installation = await startInstallation({ signIn: { ...DEFAULT_SIGN_IN, registration } });
  });
  afterAll(() => installation.close());

  const run = (...args: string[]) => installation.steward(args);
  const set = async (name: string, spec: object) => {
    const manifest = { apiVersion: 'steward/v1', kind: 'Setting', metadata: { name }, spec };
    installation.write(`${name}.yaml`, JSON.stringify(manifest));
    return run('apply', '-f', `${name}.yaml`);
  };
  const list = async (...args: string[]) => {
    const { code, out, err } = await run('settings', ...args, '-o', 'json');
    expect([code, err]).toEqual([EXIT.ok, '']);
    return new Map((JSON.parse(out) as { key: string }[]).map((one) => [one.key, one]));
  };
  /** Other instances and this one follow changes: soon, and not at once. */
  const until = async (what: () => Promise<boolean>) => {
    for (let tries = 0; tries < 300; tries += 1) {
      if (await what()) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error('It did not come.');
  };

  it('shows what is in force and where it comes from, and what was', async () => {
    const before = await list('registration');
    expect(before.get('registration.open')).toMatchObject({
      value: true,
      origin: 'file',
      because: "the server's own settings (signIn.registration.open)",
    });
    expect(before.get('registration.terms')).toMatchObject({ value: '', because: 'default', awaiting: null });
    const began = new Date().toISOString();
    expect(await set('closed', { key: 'registration.open', value: false, reason: 'full' })).toMatchObject({
      code: EXIT.ok,
    });
    expect((await list('registration')).get('registration.open')).toMatchObject({
      value: false,
      because: 'Setting/closed, everywhere',
      by: 'token:admin',
      reason: 'full',
    });
    expect((await list('registration', '--at', began)).get('registration.open')).toMatchObject({ value: true });
    const { out } = await run('settings', 'history', 'registration.open');
    expect(out).toMatch(/set\s+false\s+everywhere\s+closed\s+token:admin\s+full/);
  });

  it('that count change what the server does, without a restart', async () => {
    const challenge = async () => {
      const answer = await fetch(`${installation.server.url}/auth/challenge`);
      return JSON.stringify(await answer.json());
    };
    expect(await challenge()).not.toContain('5000');
    expect(await set('easy', { key: 'signIn.captchaWork', value: 5000 })).toMatchObject({ code: EXIT.ok });
    await until(async () => (await challenge()).includes('5000'));
  });

  it('that wait for a second person say so, and are not agreed to by the first', async () => {
    expect(await set('patient', { key: 'signIn.lockOutAfter', value: 9 })).toMatchObject({ code: EXIT.ok });
    const shown = (await list('signIn')).get('signIn.lockOutAfter');
    expect(shown).toMatchObject({ value: 5, awaiting: { setting: 'patient', value: 9, by: 'token:admin' } });
    const approved = await run('settings', 'approve', 'patient');
    expect([approved.code, approved.err]).toEqual([EXIT.denied, expect.stringContaining('somebody else has to agree')]);
    await until(async () => (await run('describe', 'setting/patient')).out.includes('AwaitsApproval'));
  });

  it('pause jobs, and everybody who asks sees who did and why', async () => {
    expect((await run('doctor')).out).toMatch(/ok +jobs: \d+ run/);
    const reason = 'the database moves';
    expect(await set('still', { key: 'jobs.billing.paused', value: true, reason })).toMatchObject({ code: EXIT.ok });
    await until(async () =>
      /warn +job billing: paused by token:admin since .* \(jobs.billing.paused\): the database moves/.test(
        (await run('doctor')).out,
      ),
    );
    expect(await set('all', { key: 'maintenance.mode', value: true })).toMatchObject({ code: EXIT.ok });
    await until(async () => (await run('doctor')).out.includes('job reconciling: paused by token:admin'));
    expect((await run('delete', 'setting/all', 'setting/still')).code).toBe(EXIT.ok);
    await until(async () => /ok +jobs: \d+ run/.test((await run('doctor')).out));
  });
});
