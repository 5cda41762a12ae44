import type { Channels } from '../../identity/parts.ts';
import type { RegistrationPolicy, SignInPolicy } from '../../identity/policy.ts';
import { jsonEqual } from '../../reconciler/equal.ts';
import type { Json } from '../../reconciler/json.ts';
import type { StoredObject } from '../../reconciler/object.ts';
import type { ObjectStore } from '../../reconciler/store.ts';
import { CATALOGUE, type SettingKey } from '../../resources/support/setting/catalogue.ts';
import { EVERYWHERE, type FileDefaults } from '../../resources/support/setting/effective.ts';
import { all } from './books-wishes.ts';
import type { LiveSettings } from './live-settings.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The rules of signing in at the moment at which they are asked for: what was decided, or else what the server was started with. */
export function livePolicy(base: SignInPolicy, settings: LiveSettings, publicUrl: () => string): SignInPolicy {
  const span = (key: SettingKey, unitMs: number, usual: number) => {
    const decided = settings.decided(key);
    return typeof decided === 'number' ? decided * unitMs : usual;
  };
  return {
    issuer: base.issuer,
    get publicUrl() {
      return publicUrl();
    },
    get passwordMinLength() {
      return settings.decided('signIn.passwordMinLength') ?? base.passwordMinLength;
    },
    get browser() {
      return {
        idleMs: span('signIn.sessionIdleMinutes', MINUTE, base.browser.idleMs),
        absoluteMs: span('signIn.sessionHours', HOUR, base.browser.absoluteMs),
      };
    },
    get commandLine() {
      return {
        idleMs: span('signIn.commandLineIdleDays', DAY, base.commandLine.idleMs),
        absoluteMs: span('signIn.commandLineDays', DAY, base.commandLine.absoluteMs),
      };
    },
    get freshMs() {
      return span('signIn.freshMinutes', MINUTE, base.freshMs);
    },
    get captchaAfter() {
      return settings.decided('signIn.captchaAfter') ?? base.captchaAfter;
    },
    get captchaWork() {
      return settings.decided('signIn.captchaWork') ?? base.captchaWork;
    },
    get lockOut() {
      return {
        free: settings.decided('signIn.lockOutAfter') ?? base.lockOut.free,
        longestWaitMs: span('signIn.lockOutMinutes', MINUTE, base.lockOut.longestWaitMs),
      };
    },
    get invitationMs() {
      return span('signIn.invitationDays', DAY, base.invitationMs);
    },
    get projectInvitationMs() {
      return span('signIn.projectInvitationHours', HOUR, base.projectInvitationMs);
    },
    get lettersPerRecipient() {
      return settings.decided('signIn.lettersPerRecipient') ?? base.lettersPerRecipient;
    },
    get requestsPerAddress() {
      return settings.decided('signIn.requestsPerAddress') ?? base.requestsPerAddress;
    },
    get registration() {
      return registrationPolicy(base.registration, settings, null);
    },
  };
}

function registrationPolicy(base: RegistrationPolicy, settings: LiveSettings, channel: string | null) {
  const where = { ...EVERYWHERE, channel };
  const open = settings.decided('registration.open', where) ?? base.open;
  return {
    open: open && !settings.value('maintenance.mode'),
    termsVersion: settings.decided('registration.terms', where) ?? base.termsVersion,
    allowedDomains: settings.decided('registration.allowedEmailDomains') ?? base.allowedDomains,
    refusedDomains: settings.decided('registration.refusedEmailDomains') ?? base.refusedDomains,
    allowedCountries: settings.decided('registration.allowedCountries') ?? base.allowedCountries,
    refusedCountries: settings.decided('registration.refusedCountries') ?? base.refusedCountries,
    role: settings.decided('registration.role', where) ?? base.role,
  };
}

/** Channels as registering sees them. */
export function registrationChannels(
  base: SignInPolicy,
  { settings, store }: { settings: LiveSettings; store: Pick<ObjectStore, 'getByKey' | 'list'> },
): Channels {
  const named = async (name: string) => (await store.getByKey([{ kind: 'Channel', project: null, name }]))[0];
  const byHost = async (host: string | null) => {
    const asked = hostName(host);
    return asked === '' ? undefined : (await all(store, 'Channel')).find(({ spec }) => hostName(spec.domain) === asked);
  };
  const usual = () => {
    const name = settings.value('registration.channel');
    return name === '' ? undefined : named(name);
  };
  return {
    find: async ({ name, host }) => {
      const found = name === '' ? ((await byHost(host)) ?? (await usual())) : await named(name);
      if (found === undefined || found.metadata.deletedAt !== null) return null;
      return { ...placeOf(found), policy: registrationPolicy(base.registration, settings, found.metadata.name) };
    },
  };
}

interface ChannelSpec {
  currencies: string[];
  zone: string;
  language: string;
  emailDomains: { allow: string[]; deny: string[] };
  countries: { allow: string[]; deny: string[] };
}

function placeOf({ metadata: { name }, spec }: StoredObject) {
  const { currencies, zone, language, emailDomains, countries } = spec as unknown as ChannelSpec;
  return { name, currencies, zone, language, emailDomains, countries };
}

function hostName(host: unknown): string {
  return typeof host === 'string' ? host.toLowerCase().replace(/:\d+$/, '') : '';
}

/** What the server was started with, where that is not the default of the catalogue anyway. */
export function fileDefaults({ registration, ...policy }: SignInPolicy): FileDefaults {
  const given: Partial<Record<SettingKey, Json>> = {
    'signIn.passwordMinLength': policy.passwordMinLength,
    'signIn.sessionIdleMinutes': policy.browser.idleMs / MINUTE,
    'signIn.sessionHours': policy.browser.absoluteMs / HOUR,
    'signIn.commandLineIdleDays': policy.commandLine.idleMs / DAY,
    'signIn.commandLineDays': policy.commandLine.absoluteMs / DAY,
    'signIn.freshMinutes': policy.freshMs / MINUTE,
    'signIn.captchaAfter': policy.captchaAfter,
    'signIn.captchaWork': policy.captchaWork,
    'registration.open': registration.open,
    'registration.terms': registration.termsVersion,
    'registration.role': registration.role,
    'registration.allowedEmailDomains': [...registration.allowedDomains],
    'registration.refusedEmailDomains': [...registration.refusedDomains],
  };
  const other = Object.entries(given).filter(
    ([key, value]) => !jsonEqual(value, CATALOGUE[key as SettingKey].fallback as Json),
  );
  return Object.fromEntries(other);
}
