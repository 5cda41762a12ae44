import { loginOf } from '../../identity/logins.ts';
import type { Parts } from '../../identity/parts.ts';
import { isLetter, type LetterName, variablesOf } from '../../letters/catalogue.ts';
import type { Delivery, QueuedLetter } from '../../letters/delivery.ts';
import type { LetterText } from '../../letters/letter.ts';
import { type Reader, readerOf } from '../../letters/reader.ts';
import { bestOf, LANGUAGES, localeOf, wordsFor } from '../../letters/words.ts';
import type { StoredObject } from '../../reconciler/object.ts';
import type { ObjectStore } from '../../reconciler/store.ts';

const TEMPLATES_MAX = 500;

export interface LetterWordsParts {
  store: Pick<ObjectStore, 'list' | 'getByKey'>;
  records: Pick<Parts['records'], 'get'>;
  secrets: Pick<Parts['secrets'], 'blindIndexes'>;
}

/** What a letter says to whom it goes: in their language and time zone, in the words of the channel where they buy. */
export function letterWords(parts: LetterWordsParts): Delivery['words'] {
  return async (letter) => {
    const { template } = letter;
    if (!isLetter(template)) return null;
    const { locale, zone, channel } = await addressee(parts, letter);
    const { text, language } = await chosen(parts, template, { locale, channel });
    const reader = { locale: localeOf(language, locale), zone };
    return { text, types: variablesOf(template), reader };
  };
}

/** Whose address it was proved to be, or else the account that the letter is about, says how they read. */
async function addressee(
  parts: LetterWordsParts,
  { recipient, params }: QueuedLetter,
): Promise<Reader & { channel: string | null }> {
  const login = await loginOf(parts, recipient);
  const user = login === undefined ? undefined : await byName(parts, 'User', login.value.user);
  const account = await byName(parts, 'Account', textOf(user?.spec.account) ?? params.account);
  const locale = params.locale ?? textOf(user?.spec.locale) ?? textOf(account?.spec.language);
  const zone = textOf(user?.spec.zone) ?? textOf(account?.spec.zone);
  return { ...readerOf({ locale, zone }), channel: textOf(account?.spec.channel) ?? null };
}

/** A provider's own words, those for the channel first; otherwise the product's, or what the provider says in English. */
async function chosen(
  { store }: Pick<LetterWordsParts, 'store'>,
  template: LetterName,
  { locale, channel }: { locale: string; channel: string | null },
): Promise<{ text: LetterText; language: string }> {
  const { items } = await store.list({ kind: 'EmailTemplate', orderBy: 'name', limit: TEMPLATES_MAX });
  const own = items
    .map(({ object }) => object.spec as unknown as OwnWords)
    .filter((spec) => spec.template === template);
  const reach = [own.filter((spec) => spec.channel === channel), own.filter(({ channel }) => channel === undefined)];
  const wanted = bestOf(Object.keys(LANGUAGES), locale) === undefined ? [locale, 'en'] : [locale];
  for (const each of wanted)
    for (const words of reach) {
      const language = bestOf(
        words.map((spec) => spec.locale),
        each,
      );
      const text = words.find((spec) => spec.locale === language);
      if (text !== undefined) return { text, language: text.locale };
    }
  const { locale: language, ...text } = wordsFor(template, locale);
  return { text, language };
}

interface OwnWords extends LetterText {
  template: string;
  locale: string;
  channel?: string;
}

async function byName(
  { store }: Pick<LetterWordsParts, 'store'>,
  kind: string,
  name: string | undefined,
): Promise<StoredObject | undefined> {
  if (name === undefined) return undefined;
  return (await store.getByKey([{ kind, project: null, name }]))[0];
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
