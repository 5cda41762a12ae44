import { describe, expect, it } from '@jest/globals';
import { isLetter } from './catalogue.ts';
import { backoffMs, type Delivery, deliverDue, type QueuedLetter } from './delivery.ts';
import type { Mail, SendOutcome } from './mailer.ts';
import { createMemoryQueue } from './memory-queue.ts';
import { wordsFor } from './words.ts';

const letter = (id: string, more: Partial<QueuedLetter> = {}) => ({
  id,
  recipient: `${id}@example.org`,
  template: 'VerifyEmail',
  params: { name: 'Sam', link: 'https://cloud.example/verify' },
  ...more,
});

/** A mailer whose answers are given, and a clock that only moves when told. */
function office(letters: ReturnType<typeof letter>[], answers: SendOutcome[] = []) {
  let now = 0;
  const sent: Mail[] = [];
  const failed: { id: string; problem: string; retryAfterMs: number | null }[] = [];
  const queue = createMemoryQueue(
    async () => letters,
    () => now,
  );
  const delivery: Delivery = {
    queue: {
      ...queue,
      failed: async (id, why) => {
        failed.push({ id, ...why });
        await queue.failed(id, why);
      },
    },
    mailer: {
      send: async (mail) => {
        const answer = answers.shift() ?? { outcome: 'sent' };
        if (answer.outcome === 'sent') sent.push(mail);
        return answer;
      },
      close: async () => undefined,
    },
    words: async ({ template }) =>
      isLetter(template) ? { text: wordsFor(template, 'en'), types: {}, reader: { locale: 'en', zone: 'UTC' } } : null,
    brand: { name: 'Example Cloud', url: '', support: '' },
    domain: 'cloud.example',
    random: () => 0,
  };
  return { sent, failed, pass: () => deliverDue(delivery), later: (ms: number) => (now += ms) };
}

describe('delivering', () => {
  it('sends each letter once, under a message id of its own', async () => {
    const { sent, pass } = office([letter('a'), letter('b')]);
    expect(await pass()).toBe(2);
    expect(await pass()).toBe(0);
    expect(sent.map(({ to, messageId }) => [to, messageId])).toEqual([
      ['a@example.org', '<a@cloud.example>'],
      ['b@example.org', '<b@cloud.example>'],
    ]);
    expect(sent[0]?.text).toContain('https://cloud.example/verify');
  });

  it('tries again later what a busy server did not take, with the same message id, and not before its time', async () => {
    const { sent, pass, later } = office([letter('a')], [{ outcome: 'later', problem: 'busy' }]);
    expect(await pass()).toBe(1);
    later(59_000);
    expect(await pass()).toBe(0);
    later(1_000);
    expect(await pass()).toBe(1);
    expect(sent.map(({ messageId }) => messageId)).toEqual(['<a@cloud.example>']);
  });

  it('gives up what is refused for good, and what no attempt of twelve could bring away', async () => {
    const busy = Array.from({ length: 12 }, (): SendOutcome => ({ outcome: 'later', problem: 'busy' }));
    const refused = office([letter('a')], [{ outcome: 'refused', problem: 'no such user' }]);
    await refused.pass();
    expect(refused.failed).toEqual([{ id: 'a', problem: 'no such user', retryAfterMs: null }]);
    const tired = office([letter('a')], busy);
    for (let attempt = 0; attempt < 20; attempt++) {
      await tired.pass();
      tired.later(86_400_000);
    }
    expect(tired.failed).toHaveLength(12);
    expect(tired.failed.at(-1)?.retryAfterMs).toBeNull();
  });

  it('one letter that cannot be written does not hold up the others', async () => {
    const { sent, failed, pass } = office([
      letter('a', { template: 'None' }),
      letter('b', { params: {} }),
      letter('c'),
    ]);
    await pass();
    expect(failed.map(({ id, problem }) => [id, problem])).toEqual([
      ['a', 'There is no template None.'],
      ['b', expect.stringContaining('The template VerifyEmail cannot be filled')],
    ]);
    expect(sent.map(({ to }) => to)).toEqual(['c@example.org']);
  });

  it('waits longer each time, six hours at most', () => {
    expect([0, 1, 2, 20].map((attempts) => backoffMs(attempts, 0))).toEqual([60_000, 120_000, 240_000, 21_600_000]);
  });
});
