import { readMessage } from './message.ts';

/**
 * The language of a piece of a letter: ICU MessageFormat, or Liquid, which templates of older versions are in. A piece is Liquid if it has
 * marks of it that ICU MessageFormat refuses or would show to the reader: `{{ name }}` is an error there, and `'{{ name }}'` a literal.
 */
export function syntaxOf(piece: string): 'icu' | 'liquid' {
  if (!LIQUID.test(piece)) return 'icu';
  const read = readMessage(piece);
  return 'fault' in read || read.literals.some((literal) => LIQUID.test(literal)) ? 'liquid' : 'icu';
}

const LIQUID = /\{[{%]/;
