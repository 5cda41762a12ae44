import type { AttemptPolicy } from './attempts.ts';

/** How long a code counts. */
export const DEVICE_CODES_MAX_MS = 600_000;
/** Between two questions of the program. */
export const DEVICE_PAUSE_MS = 5_000;
/** More questions than fit into the life of a code. */
export const DEVICE_POLLS_MAX = 200;

/** Codes that somebody types and that nobody asked for. */
export const DEVICE_GUESSES: AttemptPolicy = {
  scope: 'device:user',
  free: 5,
  firstWaitMs: 5_000,
  longestWaitMs: 900_000,
  forgetMs: 86_400_000,
};

/** No vowels, so that no words come about, and nothing that looks like something else. */
const LETTERS = 'BCDFGHJKLMNPQRSTVWXZ';
const LENGTH = 8;

/** Such as `WDJB-MJHT`: 20 letters to the power of 8 are guessed by nobody in ten minutes and five tries. */
export function newUserCode(random: (bytes: number) => Uint8Array): string {
  let code = '';
  while (code.length < LENGTH) {
    // 240 is twelve times 20: what is beyond would favour some letters.
    for (const byte of random(LENGTH)) if (byte < 240 && code.length < LENGTH) code += LETTERS[byte % LETTERS.length];
  }
  return `${code.slice(0, 4)}-${code.slice(4)}`;
}

/** As people type it: in small letters, with or without the dash. */
export function plainCode(typed: string): string {
  return typed.toUpperCase().replaceAll(/[^A-Z]/g, '');
}

interface Polls {
  polls: number;
  /** Epoch ms. */
  polledAt: number;
  pauseMs: number;
}

/** Pure: one more question. Whoever asks before the pause is over pauses five seconds longer from then on (RFC 8628, 3.5). */
export function nextPoll({ polls, polledAt, pauseMs }: Polls, now: number): Polls & { tooSoon: boolean } {
  // Clocks and networks are not exact: half a second is forgiven.
  const tooSoon = now - polledAt < pauseMs - 500;
  return { polls: polls + 1, polledAt: now, pauseMs: tooSoon ? pauseMs + DEVICE_PAUSE_MS : pauseMs, tooSoon };
}
