import { describe, expect, it } from '@jest/globals';
import type { PortErrorCode } from '../hypervisor/port.ts';
import { actResult, PORT_MESSAGES } from './act-result.ts';

const failed = (code: PortErrorCode) => actResult('create', { ok: false, error: { code, message: 'why' } });

describe('what an act answers for a port', () => {
  it('is ok when the port is', () => {
    expect(actResult('create', { ok: true, value: undefined })).toEqual({ ok: true });
  });

  it.each<[PortErrorCode, string, string]>([
    ['Unreachable', 'Unreachable', 'wait'],
    ['Busy', 'Busy', 'wait'],
    ['Aborted', 'Aborted', 'wait'],
    ['TimedOut', 'TimedOut', 'backoff'],
    ['NoSpace', 'NoSpace', 'backoff'],
    ['Failed', 'ActFailed', 'backoff'],
    ['NotOwned', 'ForeignThing', 'backoff'],
    ['Invalid', 'Invalid', 'never'],
    ['Unsupported', 'Unsupported', 'never'],
  ])('turns %s into %s, to %s', (code, said, retry) => {
    expect(failed(code)).toEqual({
      ok: false,
      reason: { code: said, params: { verb: 'create', message: 'why' } },
      retry,
    });
    expect(PORT_MESSAGES[said]).toContain('{message}');
  });
});
