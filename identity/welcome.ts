import type { WelcomeLists } from './policy.ts';

/**
 * Pure: the narrowest lists that say something decide: the channel's, then everybody's. Of two lists side by side the white one wins; and
 * where there is a white list, what it does not name is not welcome.
 */
export function isWelcome(levels: readonly WelcomeLists[], isListed: (list: readonly string[]) => boolean): boolean {
  for (const { allow, deny } of levels) {
    if (isListed(allow)) return true;
    if (allow.length > 0 || isListed(deny)) return false;
  }
  return true;
}

/** A listed domain stands for those below it too. Capitals do not matter, nor whether a name is written in its own letters or as xn--…. */
export function isDomainWelcome(domain: string, levels: readonly WelcomeLists[]): boolean {
  const asked = `.${asciiDomain(domain) ?? domain.toLowerCase()}`;
  return isWelcome(levels, (list) =>
    list.some((listed) => asked.endsWith(`.${asciiDomain(listed) ?? listed.toLowerCase()}`)),
  );
}

const LOCAL = /^[^\s@"<>()[\],;:\\]{1,64}$/;
const ASCII_DOMAIN = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)+$/;
const LETTERS = /^[\p{L}\p{N}\p{M}.-]{1,253}$/u;

/** The domain of an e-mail address as the net writes it, in small letters; undefined where it is no address. */
export function addressDomain(email: string): string | undefined {
  const [local = '', domain = '', ...more] = email.split('@');
  if (email.length > 254 || more.length > 0 || !LOCAL.test(local)) return undefined;
  const ascii = asciiDomain(domain);
  return ascii !== undefined && ASCII_DOMAIN.test(ascii) ? ascii : undefined;
}

/** The address that letters go to: its domain in ASCII where it is written in other letters. */
export function deliverable(email: string): string {
  const domain = addressDomain(email);
  return domain === undefined || /^[\x20-\x7e]*$/.test(email) ? email : `${email.split('@')[0]}@${domain}`;
}

/** IDNA, by the same rules as browsers have. */
function asciiDomain(domain: string): string | undefined {
  const url = `http://${domain}/`;
  return LETTERS.test(domain) && !/^[\d.]+$/.test(domain) && URL.canParse(url) ? new URL(url).hostname : undefined;
}
