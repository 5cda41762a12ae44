import type { Json, JsonObject } from '../reconciler/json.ts';

/**
 * Reads the plain part of YAML that nearly all manifests keep to, some ten times as fast as the whole language: maps and lists in block
 * style, one-line texts, numbers, true, false, null, and whole-line comments. Undefined for everything else, for anything doubtful, and
 * for whatever is wrong: then the real parser reads the text, and says what is wrong with it and where. A test holds that both agree.
 */
export function readSimpleYaml(text: string): Json | undefined {
  const lines = text.length <= TEXT_MAX ? contentLines(text) : null;
  if (!lines || lines.length === 0) return undefined;
  const reader: Reader = { lines, at: 0 };
  const value = readBlock(reader, lines[0]?.indent ?? 0, 0);
  return reader.at === lines.length ? value : undefined;
}

/** So small that no limit of a document can be met before this one. */
const TEXT_MAX = 16_384;
const DEPTH_MAX = 32;

interface Line {
  indent: number;
  text: string;
}

interface Reader {
  lines: Line[];
  at: number;
}

/** Lines that say something; null where a character could mean more than it seems to. */
function contentLines(text: string): Line[] | null {
  const lines: Line[] = [];
  for (const [index, whole] of text.split('\n').entries()) {
    const content = whole.trim();
    if (content === '' || content.startsWith('#')) {
      if (!SILENT.test(whole)) return null;
      continue;
    }
    if (index === 0 && whole === '---') continue;
    if (MARKER.test(whole) || !PRINTABLE.test(whole)) return null;
    const said = /["']/.test(content) ? content : content.replace(/ +#.*$/, '');
    lines.push({ indent: whole.length - whole.trimStart().length, text: said });
  }
  return lines;
}

const SILENT = /^ *(?:#[^\r]*)?$/;
const MARKER = /^(?:---|\.\.\.|%)/;
const PRINTABLE = /^[ -~]*$/;

/** A map or a list whose lines start at `indent`; undefined when it is not simple. */
function readBlock(reader: Reader, indent: number, depth: number): Json | undefined {
  if (depth > DEPTH_MAX) return undefined;
  return isItem(reader.lines[reader.at]) ? readList(reader, indent, depth) : readMap(reader, indent, depth);
}

function readMap(reader: Reader, indent: number, depth: number): JsonObject | undefined {
  const map: JsonObject = {};
  for (let line = reader.lines[reader.at]; line && line.indent >= indent; line = reader.lines[reader.at]) {
    const found = line.indent === indent ? KEY.exec(line.text) : null;
    const key = found?.[1];
    if (!found || key === undefined || WORDS.has(key) || Object.hasOwn(map, key)) return undefined;
    const value = readValue(reader, { rest: found[2] ?? '', indent, depth });
    if (value === undefined) return undefined;
    map[key] = value;
  }
  return map;
}

function readList(reader: Reader, indent: number, depth: number): Json[] | undefined {
  const list: Json[] = [];
  for (let line = reader.lines[reader.at]; line && line.indent >= indent; line = reader.lines[reader.at]) {
    if (line.indent !== indent || !isItem(line)) break;
    const value = readItem(reader, { indent, text: line.text.slice(1) }, depth);
    if (value === undefined) return undefined;
    list.push(value);
  }
  return list;
}

/** `- value`, or `- key: value` with the rest of the map below, as far to the right as the first key. */
function readItem(reader: Reader, item: Line, depth: number): Json | undefined {
  const text = item.text.trimStart();
  if (text === '' || isItem({ indent: 0, text })) return undefined;
  if (!KEY.test(text)) {
    reader.at++;
    return atEnd(reader, item.indent) ? scalar(text) : undefined;
  }
  const indent = item.indent + 1 + item.text.length - text.length;
  reader.lines[reader.at] = { indent, text };
  return readMap(reader, indent, depth + 1);
}

/** What follows a key: something on its line, or a block below it. A list may stand as far to the left as its key. */
function readValue(
  reader: Reader,
  { rest, indent, depth }: { rest: string; indent: number; depth: number },
): Json | undefined {
  reader.at++;
  if (rest !== '') return atEnd(reader, indent) ? scalar(rest) : undefined;
  const next = reader.lines[reader.at];
  if (!next || next.indent < indent || (next.indent === indent && !isItem(next))) return null;
  return readBlock(reader, next.indent, depth + 1);
}

/** Whether what stood on the line is all: deeper lines would go on with it. */
function atEnd({ lines, at }: Reader, indent: number): boolean {
  return (lines[at]?.indent ?? 0) <= indent;
}

function isItem(line: Line | undefined): boolean {
  return line !== undefined && (line.text === '-' || line.text.startsWith('- '));
}

const KEY = /^([A-Za-z][\w./-]*):(?: +(\S.*))?$/;
const QUOTED = /^(?:"([^"\\]*)"|'([^']*)')$/;
const PLAIN = /^[A-Za-z0-9_./](?:[\w./+=~()@,*{}$?&!-]|:(?=[^ ])| (?=[^# ]))*$/;
const WORD_LIST = /^\[([\w.-]+(?:, ?[\w.-]+)*)\]$/;
const WHOLE = /^(?:0|-?[1-9][0-9]{0,14})$/;
/** Whatever the language might take for a number. */
const NUMBER =
  /^(?:0o[0-7]+|0x[0-9a-fA-F]+|[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;
const WORDS = new Set(['true', 'True', 'TRUE', 'false', 'False', 'FALSE', 'null', 'Null', 'NULL']);

function scalar(text: string): Json | undefined {
  const quoted = QUOTED.exec(text);
  if (quoted) return quoted[1] ?? quoted[2];
  if (text === 'true') return true;
  if (text === 'false') return false;
  if (text === 'null') return null;
  if (text === '{}') return {};
  if (text === '[]') return [];
  if (WHOLE.test(text)) return Number(text);
  const words = WORD_LIST.exec(text)?.[1];
  if (words !== undefined) return listOf(words.split(/, ?/));
  return !PLAIN.test(text) || text.endsWith(':') || WORDS.has(text) || NUMBER.test(text) ? undefined : text;
}

function listOf(words: readonly string[]): Json[] | undefined {
  const values = words.map(scalar);
  return values.every((value) => value !== undefined) ? values : undefined;
}
