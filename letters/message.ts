import {
  createLiteralElement,
  isArgumentElement,
  isDateElement,
  isLiteralElement,
  isNumberElement,
  isPluralElement,
  isSelectElement,
  isTimeElement,
  type MessageFormatElement,
  parse,
} from '@formatjs/icu-messageformat-parser';
import { IntlMessageFormat } from 'intl-messageformat';
import type { Reader } from './reader.ts';
import { dateTimeFormat, instantOf, numberFormat, shownValue, type VariableType } from './values.ts';

/** Variables of a message: their values as texts, and what those texts are. One without a type is a text. */
export interface Variables {
  values: Readonly<Record<string, string>>;
  types: Readonly<Record<string, VariableType>>;
}

/** A use of a variable in a message, and where it stands. */
export interface Argument {
  name: string;
  use: 'shown' | 'number' | 'date' | 'select';
  /** `line 1, column 7` */
  place: string;
  /** Why it cannot be written in the way that the message says. */
  styleFault?: string;
}

/** Tags are text: a message makes no markup. */
const PARSING = { ignoreTag: true, captureLocation: true };

/**
 * Fills a message of ICU MessageFormat. A variable that is merely named is written as its type is in the reader's language and time zone.
 * Throws for a message that `readMessage` finds a fault in, and for a variable without a value.
 */
export function fillMessage(message: string, { values, types }: Variables, reader: Reader): string {
  const shown = (name: string) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value === undefined) throw new Error(`The variable "${name}" has no value.`);
    return shownValue(value, types[name] ?? 'text', reader);
  };
  const elements = withShown(parse(message, PARSING), shown);
  const formatters = {
    getNumberFormat: (_: unknown, options?: object) => numberFormat(reader.locale, options ?? {}),
    getDateTimeFormat: (_: unknown, options?: unknown) =>
      // Messages do no more with it than to format.
      dateTimeFormat(reader, (options ?? {}) as object) as Intl.DateTimeFormat,
    getPluralRules: (_: unknown, options?: Intl.PluralRulesOptions) => new Intl.PluralRules(reader.locale, options),
  };
  const typed = Object.entries(values).map(([name, value]) => [name, typedValue(value, types[name])] as const);
  const format = new IntlMessageFormat(elements, reader.locale, undefined, { formatters });
  return String(format.format(Object.fromEntries(typed)));
}

/** Every use of a variable and every literal, those in branches included. A `fault` says where, what, and how to mend it. */
export function readMessage(message: string): { arguments: Argument[]; literals: string[] } | { fault: string } {
  try {
    const elements = parse(message, PARSING).flatMap(withBranches);
    return {
      arguments: elements.flatMap(argumentOf),
      literals: elements.flatMap((element) => (isLiteralElement(element) ? [element.value] : [])),
    };
  } catch (error) {
    return { fault: explained(error) };
  }
}

function withBranches(element: MessageFormatElement): MessageFormatElement[] {
  if (!isPluralElement(element) && !isSelectElement(element)) return [element];
  return [element, ...Object.values(element.options).flatMap(({ value }) => value.flatMap(withBranches))];
}

function argumentOf(element: MessageFormatElement): Argument[] {
  const use = useOf(element);
  if (use === undefined || !('value' in element)) return [];
  const { start } = element.location ?? {};
  const place = `line ${start?.line ?? 1}, column ${start?.column ?? 1}`;
  const styleFault = styleFaultOf(element);
  return [{ name: element.value, use, place, ...(styleFault === undefined ? {} : { styleFault }) }];
}

function styleFaultOf(element: MessageFormatElement): string | undefined {
  if (!isNumberElement(element) && !isDateElement(element) && !isTimeElement(element)) return undefined;
  const { style, value } = element;
  if (typeof style === 'string') {
    const known = Object.keys(IntlMessageFormat.formats[isNumberElement(element) ? 'number' : 'date']);
    return known.includes(style) ? undefined : `"${value}" has no style "${style}"; there are ${known.join(', ')}`;
  }
  try {
    if (isNumberElement(element)) numberFormat('en', (style as { parsedOptions?: object } | null)?.parsedOptions ?? {});
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function useOf(element: MessageFormatElement): Argument['use'] | undefined {
  if (isArgumentElement(element)) return 'shown';
  if (isNumberElement(element) || isPluralElement(element)) return 'number';
  if (isDateElement(element) || isTimeElement(element)) return 'date';
  return isSelectElement(element) ? 'select' : undefined;
}

/** The same message with its plain variables written out; only what is chosen while formatting is left to choose. */
function withShown(elements: readonly MessageFormatElement[], shown: (name: string) => string): MessageFormatElement[] {
  return elements.map((element) => {
    if (isArgumentElement(element)) return createLiteralElement(shown(element.value));
    if (!isPluralElement(element) && !isSelectElement(element)) return element;
    const options = Object.entries(element.options).map(
      ([key, { value }]) => [key, { value: withShown(value, shown) }] as const,
    );
    return { ...element, options: Object.fromEntries(options) } as MessageFormatElement;
  });
}

/** Numbers stay texts, with every digit. */
function typedValue(value: string, type: VariableType | undefined): string | Date {
  return type === 'day' || type === 'instant' ? (instantOf(value) ?? value) : value;
}

const REMEDIES: Readonly<Record<string, string>> = {
  EXPECT_ARGUMENT_CLOSING_BRACE: 'a "{" is not closed: write "}" after the variable, or \'{\' for the brace itself',
  EMPTY_ARGUMENT: 'there is no name between the braces: write {name}',
  MALFORMED_ARGUMENT: "a variable is written {name}; write '{' for the brace itself",
  EXPECT_ARGUMENT_TYPE: 'after the comma comes number, date, time, plural, selectordinal or select',
  INVALID_ARGUMENT_TYPE: 'after the comma comes number, date, time, plural, selectordinal or select',
  MISSING_OTHER_CLAUSE: 'the choice has no branch "other {…}", which is read when no other fits',
  UNMATCHED_CLOSING_TAG: 'a tag is closed that was not opened',
};

function explained(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { location } = error as { location?: { start: { line: number; column: number } } };
  const remedy = REMEDIES[error.message] ?? `this is no message of ICU MessageFormat (${error.message})`;
  return location === undefined ? remedy : `line ${location.start.line}, column ${location.start.column}: ${remedy}`;
}
