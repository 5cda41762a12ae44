import { describe, expect, it } from '@jest/globals';
import { createHouse, HERE, type House, MINUTE, PASSWORD } from './fixtures/house.ts';
import { createHasher } from './password/hash.ts';
import { beginTotp, confirmTotp } from './second-factor.ts';
import { findSession } from './sessions.ts';
import { giveSecondFactor, type SignInOutcome, signIn } from './sign-in.ts';
import { hotp } from './totp.ts';

const none = async () => false;

function trySignIn(
  { parts }: House,
  login: string,
  password: string,
  more: { from?: string; solved?: () => Promise<boolean> } = {},
) {
  return signIn(parts, { login, password, use: 'browser', ...HERE, solved: none, ...more });
}

async function withTotp(house: House) {
  const anna = await house.withPassword('anna');
  const begun = await beginTotp(house.parts, anna);
  const row = await house.parts.records.get('totp', anna.uid);
  const secret = Buffer.from((await house.parts.secrets.open(row?.value.sealedSecret ?? '')) ?? '', 'base64');
  const code = (shift = 0) => hotp(secret, Math.floor(house.clock.now / 30_000) + shift);
  const recovery = await confirmTotp(house.parts, anna, code());
  return { anna, begun, code, recovery: recovery ?? [] };
}

function ticketOf(outcome: SignInOutcome): string {
  return outcome.state === 'secondFactorNeeded' ? outcome.ticket : '';
}

describe('signing in', () => {
  it('answers known and unknown names alike, and counts both', async () => {
    const house = createHouse();
    await house.withPassword('anna');
    for (const login of ['anna', 'nobody', 'nobody@acme.example']) {
      const states: string[] = [];
      for (let index = 0; index < 5; index++) states.push((await trySignIn(house, login, 'wrong')).state);
      expect(states).toEqual(['refused', 'refused', 'refused', 'captchaNeeded', 'captchaNeeded']);
    }
  });

  it('locks with growing waits, and a wrong proof of work counts as nothing', async () => {
    const house = createHouse();
    await house.withPassword('anna');
    const solved = async () => true;
    for (let index = 0; index < 5; index++) await trySignIn(house, 'anna', 'wrong', { solved });
    expect(await trySignIn(house, 'anna', 'wrong')).toEqual({ state: 'captchaNeeded' });
    expect(await trySignIn(house, 'anna', PASSWORD, { solved })).toEqual({ state: 'waiting', waitMs: 2_000 });
    house.clock.now += 2_000;
    expect((await trySignIn(house, 'anna', 'wrong', { solved })).state).toBe('refused');
    expect(await trySignIn(house, 'anna', PASSWORD, { solved })).toEqual({ state: 'waiting', waitMs: 4_000 });
    house.clock.now += 4_000;
    expect((await trySignIn(house, 'anna', PASSWORD, { solved })).state).toBe('signedIn');
    expect((await trySignIn(house, 'anna', 'wrong')).state).toBe('refused');
  });

  it('counts what one address tries with many names', async () => {
    const house = createHouse();
    const outcomes: string[] = [];
    for (let index = 0; index < 32; index++) outcomes.push((await trySignIn(house, `nobody-${index}`, 'wrong')).state);
    expect(outcomes.slice(0, 30)).toEqual(Array(30).fill('refused'));
    expect(outcomes.at(-1)).toBe('waiting');
    expect((await trySignIn(house, 'somebody', 'wrong', { from: '198.51.100.1' })).state).toBe('refused');
  });

  it('hashes anew what was hashed with other figures', async () => {
    const house = createHouse();
    const anna = await house.withPassword('anna');
    house.parts.hasher = createHasher({ memoryCost: 128, timeCost: 1 });
    await trySignIn(house, 'anna', PASSWORD);
    expect((await house.parts.records.get('password', anna.uid))?.value.hash).toContain('m=128');
    expect((await trySignIn(house, 'anna', PASSWORD)).state).toBe('signedIn');
  });

  it('ends when idle, and in the end however busy', async () => {
    const house = createHouse();
    await house.withPassword('anna');
    const open = async () => {
      const outcome = await trySignIn(house, 'anna', PASSWORD);
      return outcome.state === 'signedIn' ? outcome.opened.token : '';
    };
    const idle = await open();
    house.clock.now += 30 * MINUTE;
    expect(await findSession(house.parts, idle)).toBeUndefined();
    const busy = await open();
    for (let index = 0; index < 24; index++) {
      expect(await findSession(house.parts, busy)).toBeDefined();
      house.clock.now += 29 * MINUTE;
    }
    house.clock.now += 25 * MINUTE;
    expect(await findSession(house.parts, busy)).toBeUndefined();
  });
});

describe('the second factor', () => {
  it('is asked for once it is set up; the code that set it up does not let in', async () => {
    const house = createHouse();
    const { code } = await withTotp(house);
    const asked = await trySignIn(house, 'anna', PASSWORD);
    expect(asked).toMatchObject({ state: 'secondFactorNeeded', methods: ['totp', 'recovery'] });
    const give = (value: string) => giveSecondFactor(house.parts, { ticket: ticketOf(asked), code: value, ...HERE });
    expect((await give(code())).state).toBe('refused');
    house.clock.now += 30_000;
    expect(await give(code())).toMatchObject({
      state: 'signedIn',
      opened: { session: { secondFactorAt: house.clock.now } },
    });
    expect((await give(code(1))).state).toBe('refused');
  });

  it('takes a code once, of two sign-ins at the same time', async () => {
    const house = createHouse();
    const { code } = await withTotp(house);
    house.clock.now += 60_000;
    const tickets = [await trySignIn(house, 'anna', PASSWORD), await trySignIn(house, 'anna', PASSWORD)].map(ticketOf);
    const outcomes = await Promise.all(
      tickets.map((ticket) => giveSecondFactor(house.parts, { ticket, code: code(), ...HERE })),
    );
    expect(outcomes.map(({ state }) => state).sort()).toEqual(['refused', 'signedIn']);
  });

  it('is a recovery code, each once, when the telephone is lost', async () => {
    const house = createHouse();
    const { recovery } = await withTotp(house);
    expect(recovery).toHaveLength(10);
    expect(new Set(recovery).size).toBe(10);
    const give = async (value: string) =>
      (
        await giveSecondFactor(house.parts, {
          ticket: ticketOf(await trySignIn(house, 'anna', PASSWORD)),
          code: value,
          ...HERE,
        })
      ).state;
    expect(await give(recovery[0]?.toUpperCase().replaceAll('-', ' ') ?? '')).toBe('signedIn');
    expect(await give(recovery[0] ?? '')).toBe('refused');
    expect(await give(recovery[1] ?? '')).toBe('signedIn');
  });

  it('is not guessed: codes are counted like passwords', async () => {
    const house = createHouse();
    const { code } = await withTotp(house);
    house.clock.now += 60_000;
    const ticket = ticketOf(await trySignIn(house, 'anna', PASSWORD));
    const wrong = code() === '000000' ? '000001' : '000000';
    const states: string[] = [];
    for (let index = 0; index < 6; index++)
      states.push((await giveSecondFactor(house.parts, { ticket, code: wrong, ...HERE })).state);
    expect(states).toEqual(['refused', 'refused', 'refused', 'refused', 'refused', 'waiting']);
    expect((await giveSecondFactor(house.parts, { ticket, code: code(), ...HERE })).state).toBe('waiting');
  });

  it('keeps its secret sealed, and its codes as digests', async () => {
    const house = createHouse();
    const { anna, begun, recovery } = await withTotp(house);
    const kept = JSON.stringify([
      await house.parts.records.get('totp', anna.uid),
      await house.parts.records.get('recovery', anna.uid),
    ]);
    for (const secret of [begun?.secret ?? 'missing', ...recovery]) expect(kept).not.toContain(secret);
  });
});
