import { randomBytes } from 'node:crypto';
import type { Clock, Environment } from '../../reconciler/clock.ts';

/** The machine's clock. Sleeps end early when their signal aborts; they do not keep the process alive by themselves. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const end = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      signal?.addEventListener('abort', end, { once: true });
    }),
};

/** Time for the engine, which measures with it: it starts at the wall clock and never jumps, also while the process is stopped. */
export const steadyClock: Clock = { ...systemClock, now: () => Math.floor(performance.timeOrigin + performance.now()) };

export const systemEnvironment: Environment = {
  clock: systemClock,
  random: { next: () => Math.random() },
  ids: { uid: () => uuidv7(Date.now()) },
};

/** Randomness is drawn for many at once: a call of the system for each cost more than all the rest. */
const POOL = 256;
let pool = Buffer.alloc(0);
let drawn = POOL;

/** RFC 9562: 48 bits of milliseconds, then randomness. */
export function uuidv7(nowMs: number): string {
  if (drawn >= POOL) {
    pool = randomBytes(POOL * 16);
    drawn = 0;
  }
  const bytes = pool.subarray(drawn * 16, ++drawn * 16);
  bytes.writeUIntBE(nowMs, 0, 6);
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x70;
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
