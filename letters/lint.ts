import type { LetterText } from './letter.ts';
import { blocksOf, engine } from './render.ts';

/** What is wrong with a text, at `/subject` or `/body`. A text without faults can be rendered with the variables it may use. */
export function lintLetter(
  text: LetterText,
  variables: readonly string[],
): { path: '/subject' | '/body'; message: string }[] {
  const subject = [...faultsOf(text.subject, variables), ...(text.subject.includes('\n') ? ['must be one line'] : [])];
  const links = blocksOf(text.body).flatMap((block) => (block.type === 'button' ? [block.link] : []));
  const body = [
    ...faultsOf(text.body, variables),
    ...links
      .filter((link) => !/^(https?:\/\/|\{\{)/.test(link))
      .map((link) => `The link "${link}" must begin with https:// or be a variable`),
  ];
  return [
    ...subject.map((message) => ({ path: '/subject' as const, message })),
    ...body.map((message) => ({ path: '/body' as const, message })),
  ];
}

function faultsOf(template: string, variables: readonly string[]): string[] {
  try {
    const used = engine.globalVariablesSync(engine.parse(template));
    return used
      .filter((name) => name !== 'brand' && !variables.includes(name))
      .map((name) => `There is no variable "${name}" here; there are ${['brand', ...variables].join(', ')}`);
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}
