import { describe, expect, it } from '@jest/globals';
import type { Records } from '../../identity/records.ts';

/** What signing in relies on, whichever store keeps its records. */
export function describeRecords(name: string, open: () => Promise<Records>): void {
  describe(name, () => {
    const password = (uid: string, hash: string) => ({
      key: uid,
      subject: uid,
      value: { hash, changedAt: 1 },
      expiresAt: null,
    });

    it('keeps a row as it was given, of its own kind alone', async () => {
      const records = await open();
      expect(await records.insert('password', password('u1', 'h'))).toBe(true);
      expect(await records.get('password', 'u1')).toEqual({ ...password('u1', 'h'), version: 1 });
      expect(await records.get('totp', 'u1')).toBeUndefined();
      expect(await records.insert('password', password('u1', 'other'))).toBe(false);
    });

    it('has one winner among many writers', async () => {
      const records = await open();
      await records.insert('password', password('u1', 'h0'));
      const read = await records.get('password', 'u1');
      if (!read) throw new Error('The row is missing.');
      const tries = Array.from({ length: 8 }, (_, index) =>
        records.update('password', { ...read, value: { hash: `h${index}`, changedAt: 2 } }),
      );
      expect((await Promise.all(tries)).filter(Boolean)).toHaveLength(1);
      expect((await records.get('password', 'u1'))?.version).toBe(2);
    });

    it('has one remover among many, so that what is used once is used once', async () => {
      const records = await open();
      const row = {
        key: 'd1',
        subject: 'reset:u1',
        value: { purpose: 'reset', user: 'anna', data: {} },
        expiresAt: 10,
      };
      await records.insert('oneTime', row);
      const removed = await Promise.all(Array.from({ length: 8 }, () => records.remove('oneTime', 'd1')));
      expect(removed.filter(Boolean)).toHaveLength(1);
    });

    it('lists and removes by subject, but for one', async () => {
      const records = await open();
      for (const key of ['b', 'a', 'c'])
        await records.insert('seen', { key, subject: 's', value: { at: 1 }, expiresAt: 5 });
      await records.insert('seen', { key: 'd', subject: 't', value: { at: 1 }, expiresAt: 5 });
      expect((await records.ofSubject('seen', 's', 2)).map(({ key }) => key)).toEqual(['a', 'b']);
      expect(await records.removeOfSubject('seen', 's', 'b')).toBe(2);
      expect((await records.ofSubject('seen', 's', 9)).map(({ key }) => key)).toEqual(['b']);
      expect(await records.removeOfSubject('seen', 's', null)).toBe(1);
      expect(await records.get('seen', 'd')).toBeDefined();
    });

    it('forgets what has run out, a bounded number at once, and nothing else', async () => {
      const records = await open();
      for (let end = 1; end <= 5; end++)
        await records.insert('seen', { key: `k${end}`, subject: 's', value: { at: 1 }, expiresAt: end });
      await records.insert('password', password('u1', 'h'));
      expect(await records.removeExpired(4, 2)).toBe(2);
      expect(await records.removeExpired(4, 10)).toBe(1);
      expect(await records.removeExpired(4, 10)).toBe(0);
      expect((await records.ofSubject('seen', 's', 9)).map(({ key }) => key)).toEqual(['k4', 'k5']);
      expect(await records.get('password', 'u1')).toBeDefined();
    });
  });
}
