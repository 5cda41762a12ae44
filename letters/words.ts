import type { LetterName, Texts } from './catalogue.ts';
import type { LetterText } from './letter.ts';
import { GERMAN } from './texts/de.ts';
import { ENGLISH } from './texts/en.ts';
import { SPANISH } from './texts/es.ts';
import { FRENCH } from './texts/fr.ts';
import { JAPANESE } from './texts/ja.ts';
import { KOREAN } from './texts/ko.ts';
import { BRAZILIAN } from './texts/pt-br.ts';
import { CHINESE } from './texts/zh-cn.ts';

/** The languages in which the product speaks by itself. */
export const LANGUAGES: Readonly<Record<string, Texts>> = {
  en: ENGLISH,
  de: GERMAN,
  es: SPANISH,
  fr: FRENCH,
  ja: JAPANESE,
  ko: KOREAN,
  'pt-BR': BRAZILIAN,
  'zh-CN': CHINESE,
};

/** What a letter says, and in which locale its numbers and dates are written. */
export interface Words extends LetterText {
  locale: string;
}

/** The product's words for a reader's locale: `de-AT` is served by `de`, `pt` by `pt-BR`, and who speaks none of them by English. */
export function wordsFor(template: LetterName, locale: string): Words {
  const found = bestOf(Object.keys(LANGUAGES), locale) ?? 'en';
  const text = (LANGUAGES[found] ?? ENGLISH)[template];
  return { ...text, locale: localeOf(found, locale) };
}

/** Which of these languages serves a reader best: the very one, the same without a country, or the same with another; undefined: none. */
export function bestOf(languages: readonly string[], locale: string): string | undefined {
  const own = languageOf(locale);
  return [locale, own].find((each) => languages.includes(each)) ?? languages.find((each) => languageOf(each) === own);
}

/** A text in the reader's language has the reader's own dates and amounts, another those of its language. */
export function localeOf(language: string, locale: string): string {
  return languageOf(language) === languageOf(locale) ? locale : language;
}

function languageOf(locale: string): string {
  return locale.split('-')[0] ?? '';
}
