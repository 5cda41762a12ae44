import type { AttemptPolicy } from './attempts.ts';

/** The rules of signing in, from the settings. Spans in ms. */
export interface SignInPolicy {
  /** Address that browsers use: `https://cloud.example.org`. Links in letters, cookies, and answers of identity providers go by it. */
  publicUrl: string;
  /** Shown by authenticator apps. */
  issuer: string;
  passwordMinLength: number;
  browser: SessionSpan;
  commandLine: SessionSpan;
  /** A proof of who one is that is older than this does not do for what is dangerous. */
  freshMs: number;
  /** Failures after which a proof of work is asked for. */
  captchaAfter: number;
  /** Tries of SHA-256 that a proof of work takes at most; half of them on average. */
  captchaWork: number;
  registration: RegistrationPolicy;
}

export interface SessionSpan {
  idleMs: number;
  absoluteMs: number;
}

export interface RegistrationPolicy {
  open: boolean;
  /** Version of the terms of service that has to be accepted; empty: none. */
  termsVersion: string;
  /** Domains of e-mail addresses. The white list, unless empty, is the only one that counts. */
  allowedDomains: readonly string[];
  refusedDomains: readonly string[];
  /** Role of the first user of a new account. */
  role: string;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export const FACTOR_TICKET_MS = 5 * MINUTE;
export const RESET_MS = 30 * MINUTE;
export const VERIFY_MS = DAY;
export const INVITATION_MS = 7 * DAY;
export const CHALLENGE_MS = 5 * MINUTE;
export const SESSIONS_MAX = 50;
export const PASSKEYS_MAX = 20;

/** One person's failures, whoever causes them. */
export const PER_USER: AttemptPolicy = {
  scope: 'signIn:user',
  free: 5,
  firstWaitMs: 2_000,
  longestWaitMs: 15 * MINUTE,
  forgetMs: DAY,
};

/** One address's failures, whomever they are about. Many people may share it. */
export const PER_ADDRESS: AttemptPolicy = {
  scope: 'signIn:address',
  free: 30,
  firstWaitMs: 2_000,
  longestWaitMs: 15 * MINUTE,
  forgetMs: HOUR,
};

/** Second factors: six digits are soon guessed. */
export const PER_FACTOR: AttemptPolicy = { ...PER_USER, scope: 'factor:user' };

/** Letters that a stranger can make us send to one address. */
export const PER_RECIPIENT: AttemptPolicy = {
  scope: 'letter:recipient',
  free: 3,
  firstWaitMs: 10 * MINUTE,
  longestWaitMs: DAY,
  forgetMs: DAY,
};

/** Requests of one address that cost us something: registrations, resets, challenges. */
export const PER_SENDER: AttemptPolicy = {
  scope: 'request:address',
  free: 120,
  firstWaitMs: 5_000,
  longestWaitMs: HOUR,
  forgetMs: HOUR,
};
