import { describe, expect, it } from '@jest/globals';
import { type Access, EVERYTHING, type Limit } from '../../reconciler/access/access.ts';
import type { Context } from '../context.ts';
import { readerOf } from './notification-reader.ts';

/** Whoever asks, with a key of these scopes, or without one. */
function asking(access: Partial<Access>): Context {
  const principal = { actor: 'key:deploy', access: { ...EVERYTHING, root: false, ...access } };
  return { api: { admission: { store: {} } }, principal } as unknown as Context;
}

describe('who reads notifications', () => {
  const limit = (kind: string): Limit => ({ verb: 'get', kind });

  it('does so with a key only if that was given for it', async () => {
    await expect(readerOf(asking({ limits: [limit('Volume')] }), null)).rejects.toThrow('do not reach notifications');
    const reader = await readerOf(asking({ limits: [limit('Notification')] }), null);
    expect(reader).toMatchObject({ reader: 'key:deploy', account: null, knowsAccount: false, isProvider: false });
  });

  it('sees no account that no rule lets them see, whether it is there or not', async () => {
    await expect(readerOf(asking({ limits: null }), 'acme')).rejects.toThrow('There is no account "acme".');
  });
});
