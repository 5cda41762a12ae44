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
  /** Failures of one name, or wrong second factors, that cost no wait; and the longest wait beyond them. */
  lockOut: { free: number; longestWaitMs: number };
  invitationMs: number;
  projectInvitationMs: number;
  /** Letters that strangers can have sent to one address without a wait. */
  lettersPerRecipient: number;
  /** Requests of one network address that cost us something, without a wait. */
  requestsPerAddress: number;
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
  /** Domains of e-mail addresses, everywhere. */
  allowedDomains: readonly string[];
  refusedDomains: readonly string[];
  /** ISO 3166-1 codes, everywhere. */
  allowedCountries: readonly string[];
  refusedCountries: readonly string[];
  /** Role of the first user of a new account. */
  role: string;
}

/** A way to customers, as far as it matters to who registers. */
export interface RegistrationChannel {
  name: string;
  currencies: readonly string[];
  zone: string;
  language: string;
  emailDomains: WelcomeLists;
  countries: WelcomeLists;
  /** The rules everywhere, with what was decided for this channel. */
  policy: RegistrationPolicy;
}

export interface WelcomeLists {
  allow: readonly string[];
  deny: readonly string[];
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export const FACTOR_TICKET_MS = 5 * MINUTE;
export const RESET_MS = 30 * MINUTE;
export const VERIFY_MS = DAY;
export const CHALLENGE_MS = 5 * MINUTE;
export const SESSIONS_MAX = 50;
export const PASSKEYS_MAX = 20;

/** What is decided while the cloud runs, as long as nobody decided. */
export const USUAL_LIMITS = {
  lockOut: { free: 5, longestWaitMs: 15 * MINUTE },
  invitationMs: 7 * DAY,
  projectInvitationMs: DAY,
  lettersPerRecipient: 3,
  requestsPerAddress: 120,
} as const satisfies Partial<SignInPolicy>;

/** One person's failures, whoever causes them. */
export function perUser({ lockOut }: Pick<SignInPolicy, 'lockOut'>): AttemptPolicy {
  return { scope: 'signIn:user', firstWaitMs: 2_000, forgetMs: DAY, ...lockOut };
}

/** One address's failures, whomever they are about. Many people may share it. */
export const PER_ADDRESS: AttemptPolicy = {
  scope: 'signIn:address',
  free: 30,
  firstWaitMs: 2_000,
  longestWaitMs: 15 * MINUTE,
  forgetMs: HOUR,
};

/** Second factors: six digits are soon guessed. */
export function perFactor(policy: Pick<SignInPolicy, 'lockOut'>): AttemptPolicy {
  return { ...perUser(policy), scope: 'factor:user' };
}

/** Letters that a stranger can make us send to one address. */
export function perRecipient({ lettersPerRecipient: free }: Pick<SignInPolicy, 'lettersPerRecipient'>): AttemptPolicy {
  return { scope: 'letter:recipient', free, firstWaitMs: 10 * MINUTE, longestWaitMs: DAY, forgetMs: DAY };
}

/** Requests of one address that cost us something: registrations, resets, challenges. */
export function perSender({ requestsPerAddress: free }: Pick<SignInPolicy, 'requestsPerAddress'>): AttemptPolicy {
  return { scope: 'request:address', free, firstWaitMs: 5_000, longestWaitMs: HOUR, forgetMs: HOUR };
}
