import { describe, expect, it } from '@jest/globals';
import { StoreUnavailable } from '../reconciler/store-unavailable.ts';
import { post, serveHouse } from '../test/fixtures/api.ts';

describe('a database that is away', () => {
  it('is told as what it is, to try again, and not where it is', async () => {
    const { house, url, errors, close } = await serveHouse();
    const failure = new StoreUnavailable(new Error('connect ECONNREFUSED 10.0.0.9:5432'));
    house.store.position = async () => Promise.reject(failure);
    const answer = await post(url, { query: '{ position }' });
    expect(answer.errors).toMatchObject([
      { message: expect.stringContaining('try again'), extensions: { code: 'SERVICE_UNAVAILABLE' } },
    ]);
    expect(JSON.stringify(answer)).not.toContain('10.0.0.9');
    expect(errors).toEqual([failure]);
    await close();
  });
});
