/** What a password must not be. The list of reasons is for people: all of them at once. */
export interface PasswordWords {
  minLength: number;
  /** Names that somebody who knows the user would try: the user's, the address's, the provider's. */
  personal: readonly string[];
}

export const PASSWORD_MAX = 128;
/** What has to be left once everything that guessers try first is taken away. */
const ORIGINAL_MIN = 6;

/** Stems of the passwords that every list of leaked ones begins with. Digits and signs around them make no difference. */
const COMMON = [
  ...['password', 'passwort', 'passw', 'motdepasse', 'contrasena', 'letmein', 'welcome', 'willkommen', 'iloveyou'],
  ...[
    'qwertyuiop',
    'qwertzuiop',
    'azertyuiop',
    'qwerty',
    'qwertz',
    'azerty',
    'asdfghjkl',
    'asdfgh',
    'zxcvbnm',
    'yxcvbnm',
  ],
  ...[
    'administrator',
    'administrador',
    'admin',
    'root',
    'superuser',
    'secret',
    'geheim',
    'changeme',
    'default',
    'login',
  ],
  ...['dragon', 'monkey', 'football', 'baseball', 'basketball', 'superman', 'batman', 'princess', 'sunshine', 'shadow'],
  ...[
    'master',
    'trustno',
    'starwars',
    'pokemon',
    'michael',
    'jennifer',
    'jordan',
    'hunter',
    'summer',
    'winter',
    'spring',
  ],
  ...['computer', 'internet', 'samsung', 'google', 'facebook', 'whatever', 'abcdefgh', 'abcd', 'abc', 'test', 'hello'],
].sort((one, other) => other.length - one.length);

/** Pure: why this password is refused, in words; nothing when it is good. */
export function passwordIssues(password: string, { minLength, personal }: PasswordWords): string[] {
  const length = [...password].length;
  if (length < minLength) return [`has ${length} characters; at least ${minLength} are needed`];
  if (password.length > PASSWORD_MAX) return [`is longer than ${PASSWORD_MAX} characters`];
  if (original(password, personal).length >= ORIGINAL_MIN) return [];
  return ['is among the first that guessers try: use several words that do not belong together'];
}

/** Letters and signs that are not part of a name, a known stem, a run or a repetition. */
function original(password: string, personal: readonly string[]): string {
  const names = personal.map((name) => name.toLowerCase()).filter((name) => name.length >= 3);
  let text = unleet(password.toLowerCase());
  for (const word of [...names.flatMap((name) => [name, unleet(name)]), ...COMMON]) text = text.replaceAll(word, '');
  return [...text].filter((sign, index, all) => !followsOn(all[index - 1], sign)).join('');
}

/** `aaa`, `123`, `cba`: the second of two such signs is no secret. */
function followsOn(before: string | undefined, sign: string): boolean {
  if (before === undefined) return false;
  return Math.abs((before.codePointAt(0) ?? 0) - (sign.codePointAt(0) ?? 0)) <= 1;
}

const LEET: Readonly<Record<string, string>> = {
  '@': 'a',
  '4': 'a',
  '3': 'e',
  '1': 'i',
  '!': 'i',
  '0': 'o',
  $: 's',
  '5': 's',
  '7': 't',
};

function unleet(text: string): string {
  return [...text]
    .map((sign, index, all) => (isLetter(all[index - 1]) || isLetter(all[index + 1]) ? (LEET[sign] ?? sign) : sign))
    .join('');
}

function isLetter(sign: string | undefined): boolean {
  return sign !== undefined && /[a-z@$]/.test(sign);
}
