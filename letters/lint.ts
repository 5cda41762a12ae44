import type { LetterText } from './letter.ts';
import { type Argument, readMessage } from './message.ts';
import { BRAND_VARIABLES, blocksOf, engine } from './render.ts';
import { syntaxOf } from './syntax.ts';
import type { VariableType } from './values.ts';

/** The variables that a text may use, each with what it is. */
export type Known = Readonly<Record<string, VariableType>>;

/** What is wrong with a text, at `/subject` or `/body`. A text without faults can be rendered with the variables it may use. */
export function lintLetter(text: LetterText, known: Known): { path: '/subject' | '/body'; message: string }[] {
  const subject = [...faultsOf(text.subject, known), ...(text.subject.includes('\n') ? ['must be one line'] : [])];
  return [
    ...subject.map((message) => ({ path: '/subject' as const, message })),
    ...bodyFaults(text.body, known).map((message) => ({ path: '/body' as const, message })),
  ];
}

/** Each paragraph is a message of its own: no choice reaches over an empty line. */
function bodyFaults(body: string, known: Known): string[] {
  const blocks = blocksOf(body);
  return blocks.flatMap((block, index) => {
    const pieces = block.type === 'button' ? [block.label, block.link] : [block.text];
    const faults = pieces.flatMap((piece) => faultsOf(piece, known));
    if (block.type === 'button' && !/^(https?:\/\/|\{)/.test(block.link))
      faults.push(`The link "${block.link}" must begin with https:// or be a variable`);
    return blocks.length === 1 ? faults : faults.map((fault) => `paragraph ${index + 1}: ${fault}`);
  });
}

function faultsOf(piece: string, known: Known): string[] {
  if (syntaxOf(piece) === 'liquid') return liquidFaults(piece, known);
  const read = readMessage(piece);
  if ('fault' in read) return [read.fault];
  return read.arguments.flatMap((argument) => argumentFaults(argument, known));
}

function argumentFaults({ name, use, place, styleFault }: Argument, known: Known): string[] {
  const type = Object.hasOwn(known, name)
    ? known[name]
    : BRAND_VARIABLES.some((own) => own === name)
      ? 'text'
      : undefined;
  if (type === undefined)
    return [
      `${place}: There is no variable "${name}" here; there are ${[...BRAND_VARIABLES, ...Object.keys(known)].join(', ')}`,
    ];
  if (use === 'number' && type !== 'number') return [`${place}: "${name}" is no number: write {${name}}`];
  if (use === 'date' && type !== 'day' && type !== 'instant')
    return [`${place}: "${name}" is neither a day nor an instant: write {${name}}`];
  return styleFault === undefined ? [] : [`${place}: ${styleFault}`];
}

function liquidFaults(piece: string, known: Known): string[] {
  if (/\{\s*\w+\s*[,}]/.test(piece.replaceAll(/\{\{.*?\}\}|\{%.*?%\}/gs, '')))
    return ['mixes two ways to write variables: write each as {name}, without {{ }} and {% %}'];
  try {
    return engine
      .globalVariablesSync(engine.parse(piece))
      .filter((name) => name !== 'brand' && !Object.hasOwn(known, name))
      .map((name) => `There is no variable "${name}" here; there are ${['brand', ...Object.keys(known)].join(', ')}`);
  } catch (error) {
    return [messageOf(error)];
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
