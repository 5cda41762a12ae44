import { describe, expect, it } from '@jest/globals';
import { reportIdentityProvider } from './report.ts';

const report = (generation: number, looked: { at: number; suspended?: boolean }) =>
  reportIdentityProvider({
    object: {
      metadata: { generation },
      spec: { suspended: looked.suspended ?? false },
      status: { observedGeneration: looked.at },
    } as never,
  }).status;

describe('sessions that an identity provider vouched for', () => {
  it('end with its suspension, for good', () => {
    expect(report(3, { at: 2, suspended: true })).toEqual({ sessionsFrom: 4 });
    expect(report(3, { at: 3, suspended: true })).toEqual({ sessionsFrom: 4 });
    // Nothing is said of it: what was decided stays.
    expect(report(4, { at: 3 })).toEqual({});
  });

  it('go on through other changes', () => {
    expect(report(1, { at: 0 })).toEqual({});
    expect(report(2, { at: 1 })).toEqual({});
  });

  it('end where nobody looked at what it was meanwhile: it may have been suspended', () => {
    expect(report(4, { at: 2 })).toEqual({ sessionsFrom: 4 });
  });
});
