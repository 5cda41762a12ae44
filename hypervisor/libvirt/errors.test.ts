import { describe, expect, it } from '@jest/globals';
import { attempt, attemptRead, PortFailure, portErrorOf } from './errors.ts';
import { errorCode } from './wire/error-codes.ts';
import { CallTimeout, ConnectionLost, LibvirtError, QueueFull, Unreachable } from './wire/errors.ts';

function refusal(code: keyof typeof errorCode, message: string): LibvirtError {
  const none = { str1: null, str2: null, str3: null, int1: 0, int2: 0 };
  return new LibvirtError('call', { code: errorCode[code], domain: 0, level: 2, message, ...none });
}

const timeout = (sent: boolean) =>
  new CallTimeout({ procedure: 'call', timeoutMs: 5, sent, answered: new Promise(() => undefined) });
const lost = (sent: boolean) => new ConnectionLost({ procedure: 'call', sent, cause: 'gone' });

describe('an error of the layers below', () => {
  it.each([
    ['NotFound', refusal('NO_DOMAIN', 'no domain')],
    ['Exists', refusal('OPERATION_FAILED', "domain 'a' already exists with uuid b")],
    ['Unsupported', refusal('NO_SUPPORT', 'not by this driver')],
    ['Invalid', refusal('XML_ERROR', 'unknown thing')],
    ['Unresponsive', refusal('OPERATION_TIMEOUT', 'cannot acquire state change lock')],
    ['NoSpace', refusal('SYSTEM_ERROR', 'cannot extend file: No space left on device')],
    ['Failed', refusal('INTERNAL_ERROR', 'who knows')],
    ['TimedOut', timeout(true)],
    ['Busy', timeout(false)],
    ['TimedOut', lost(true)],
    ['Unreachable', lost(false)],
    ['Unreachable', new Unreachable('qemu:///system', 'refused')],
    ['Busy', new QueueFull('call', 'full')],
    ['NotOwned', new PortFailure('NotOwned', 'not ours')],
    ['Busy', refusal('OPERATION_INVALID', "volume 'a.qcow2' is still in use.")],
    ['Busy', refusal('OPERATION_UNSUPPORTED', "disk 'vda' already in active block job")],
    ['Busy', refusal('INTERNAL_ERROR', 'qemu-img: Failed to get shared "write" lock')],
  ])('means %s: %s', (code, error) => {
    expect(portErrorOf(error)).toEqual({ code, message: error.message });
  });

  it('is a bug, and thrown, when it is none of those', async () => {
    const bug = new TypeError('undefined is not a function');
    expect(portErrorOf(bug)).toBeNull();
    await expect(attempt(undefined, () => Promise.reject(bug))).rejects.toBe(bug);
  });

  it('of a read that nobody answered means that the host is silent', async () => {
    const failing = () => Promise.reject(timeout(true));
    expect(await attempt(undefined, failing)).toMatchObject({ error: { code: 'TimedOut' } });
    expect(await attemptRead(undefined, failing)).toMatchObject({ error: { code: 'Unreachable' } });
  });
});

describe('a caller that gives up', () => {
  it('is answered at once, before the call or in its midst', async () => {
    const calls: string[] = [];
    const never = () => {
      calls.push('call');
      return new Promise<void>(() => undefined);
    };
    expect(await attempt({ signal: AbortSignal.abort() }, never)).toMatchObject({ error: { code: 'Aborted' } });
    expect(calls).toEqual([]);
    const caller = new AbortController();
    const answer = attempt({ signal: caller.signal }, never);
    caller.abort();
    expect(await answer).toMatchObject({ error: { code: 'Aborted' } });
    expect(calls).toEqual(['call']);
  });
});
