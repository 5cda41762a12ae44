import { type Document, parseDocument, type YAMLError } from 'yaml';
import type { Json } from '../reconciler/json.ts';
import { type Segment, splitDocuments } from './documents.ts';
import { examine } from './examine.ts';
import { fileIssue, type ManifestIssue } from './issue.ts';
import { jsonFlawAt } from './json-flaw.ts';
import type { Origin, Pointer, RawManifest, SourceFile } from './manifest.ts';
import { plainJson } from './plain.ts';
import { locateIn } from './position.ts';
import { readSimpleYaml } from './simple-yaml.ts';
import { LIMITS, type Limits, PARSE_OPTIONS } from './yaml-options.ts';

export interface Parsed {
  manifests: RawManifest[];
  issues: ManifestIssue[];
}

/** Reads every manifest of a YAML or JSON text: many documents, anchors, `kind: List`. Never throws; wrong text is a value. */
export function parseManifests(file: SourceFile, limits: Limits = LIMITS): Parsed {
  const segments = documentsOf(file, limits);
  if (!segments.ok) return { manifests: [], issues: [segments.issue] };
  const parsed = segments.value.map((segment) => parseSegment(file.path, segment, limits));
  return { manifests: parsed.flatMap((p) => p.manifests), issues: parsed.flatMap((p) => p.issues) };
}

/** The documents of a file, uncut ones refused by size. */
export function documentsOf(
  file: SourceFile,
  limits: Limits = LIMITS,
): { ok: true; value: Segment[] } | { ok: false; issue: ManifestIssue } {
  const refuse = (message: string) => ({ ok: false as const, issue: fileIssue(file.path, message) });
  if (Buffer.byteLength(file.text) > limits.fileBytes)
    return refuse(`is larger than ${limits.fileBytes} bytes; split it into several files`);
  if (file.text.includes('\0')) return refuse('holds binary data, not text; keep manifests in UTF-8');
  const text = file.text.startsWith('\uFEFF') ? file.text.slice(1) : file.text;
  // Decoding puts this character where the bytes are none of UTF-8; what stood there is lost already.
  const lost = text.indexOf('\uFFFD');
  if (lost >= 0) return { ok: false, issue: issueAtOffset({ file: file.path, text, offset: lost }, NOT_UTF8) };
  if (file.path.endsWith('.json'))
    return text.trim() === '' ? { ok: true, value: [] } : jsonDocument(file.path, text, limits);
  const segments = splitDocuments(text);
  if (segments.length > limits.documents) return refuse(`holds more than ${limits.documents} documents; split it`);
  return { ok: true, value: segments };
}

const NOT_UTF8 = 'is no text in UTF-8 here (Latin-1, perhaps); save the file as UTF-8';

/** So short that it takes no time to let the YAML parser say where a text stops being JSON. */
const PLACED_JSON_MAX = 16_384;

/** JSON is read by the YAML parser, which knows positions and repeated keys; but a `.json` file must be JSON. */
function jsonDocument(file: string, text: string, limits: Limits) {
  const segment = { text, line: 1 };
  try {
    JSON.parse(text);
    return { ok: true as const, value: [segment] };
  } catch (error) {
    const offset = text.length <= limits.documentCharacters ? jsonFlawAt(text) : null;
    if (offset !== null)
      return { ok: false as const, issue: issueAtOffset({ file, text, offset }, flawOf(text.slice(offset))) };
    if (text.length > PLACED_JSON_MAX) {
      const [line] = error instanceof Error ? error.message.split('\n') : [''];
      return { ok: false as const, issue: fileIssue(file, `is not JSON: ${line?.slice(0, 200)}`) };
    }
    const issue = parseSegment(file, segment, limits).issues[0];
    const message = 'is not JSON; a file of YAML ends in .yaml';
    return {
      ok: false as const,
      issue: issue ? { ...issue, message: `is not JSON: ${issue.message}` } : fileIssue(file, message),
    };
  }
}

function flawOf(rest: string): string {
  if (rest.startsWith(',')) return 'is not JSON: a comma with nothing after it; take it out';
  const words = JSON.stringify(rest.split(/[\r\n]/, 1)[0]?.slice(0, 20));
  return `is not JSON: found ${words}; texts and names stand in double quotes, and there are no comments`;
}

function issueAtOffset(at: { file: string; text: string; offset: number }, message: string): ManifestIssue {
  return { file: at.file, ...placeOf({ text: at.text, line: 1 }, at.offset), path: '', message };
}

/** Parses one document of a file. */
export function parseSegment(file: string, segment: Segment, limits: Limits = LIMITS): Parsed {
  const issueAt = (offset: number, message: string): Parsed => ({
    manifests: [],
    issues: [{ file, ...placeOf(segment, offset), path: '', message }],
  });
  if (Buffer.byteLength(segment.text) > limits.documentBytes)
    return issueAt(0, `the document is larger than ${limits.documentBytes} bytes; split it`);
  const simple = limits === LIMITS ? readSimpleYaml(segment.text) : undefined;
  if (simple !== undefined) return valueIn({ file, segment, limits }, simple);
  const tooDeep = tooDeepAt(segment.text, limits.depth);
  if (tooDeep !== null) return issueAt(tooDeep, `nested deeper than ${limits.depth} levels`);
  if (aliasesIn(segment.text, limits.aliases) > limits.aliases)
    return issueAt(0, `uses more than ${limits.aliases} aliases (*name); write out what they stand for, or split it`);
  const document = parsedOrNull(segment.text);
  if (document === null) return issueAt(0, TOO_DEEP);
  const wrong = [...document.errors, ...document.warnings];
  if (wrong.some((error) => error.message.includes('call stack'))) return issueAt(0, TOO_DEEP);
  if (wrong.length > 0)
    return { manifests: [], issues: wrong.slice(0, 20).map((error) => syntaxIssue(file, segment, error)) };
  const { mistakes, weight } = examine(document);
  if (mistakes.length > 0)
    return { manifests: [], issues: mistakes.flatMap(({ offset, message }) => issueAt(offset, message).issues) };
  if (weight > limits.documentValues * 10)
    return issueAt(0, 'its merge keys (<<) cannot be expanded: they stand for too much; write less of it by merging');
  if (document.directives?.yaml.explicit && document.directives.yaml.version !== '1.2')
    return issueAt(0, 'asks for another YAML version; manifests are YAML 1.2');
  return expand({ file, segment, limits }, document);
}

/** What looks like an alias, wherever it stands; counted no further than one beyond the most. Without an anchor there is none. */
function aliasesIn(text: string, most: number): number {
  if (!/(^|[\s,[{:-])&\S/.test(text)) return 0;
  let found = 0;
  for (const _ of text.matchAll(/(?:^|[\s,[{:-])\*[^\s*]/g)) if (++found > most) break;
  return found;
}

const TOO_DEEP = 'is nested too deeply to be read';

/** Null when the nesting exhausts the parser's stack, the one thing that it throws for. */
function parsedOrNull(text: string) {
  const { stackTraceLimit } = Error;
  // The parser makes an error of every wrong character, and nobody looks at where in the parser that was.
  Error.stackTraceLimit = 0;
  try {
    return parseDocument(text, PARSE_OPTIONS);
  } catch {
    return null;
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

interface Place {
  file: string;
  segment: Segment;
  limits: Limits;
}

function expand(place: Place, document: Document): Parsed {
  const origin = originOf(place, '');
  const value = expandedValue(document, place.limits);
  if (!value.ok) return { manifests: [], issues: [issueIn(origin, value.path, value.message)] };
  return valueIn(place, value.value);
}

function valueIn(place: Place, value: Json): Parsed {
  return value === null ? { manifests: [], issues: [] } : manifestsIn(place, value);
}

function expandedValue(document: Document, limits: Limits) {
  try {
    return plainJson(document.toJS({ maxAliasCount: 10_000 }), limits);
  } catch (error) {
    // The library's words for an alias that is repeated without bound; they name no place.
    const message = error instanceof Error ? error.message : String(error);
    return { ok: false as const, path: '', message: `its anchors and aliases cannot be expanded: ${message}` };
  }
}

/** Each is looked up in the whole document. */
const LIST_ISSUES_MAX = 20;

function manifestsIn(place: Place, value: Json): Parsed {
  const origin = originOf(place, '');
  const wrong = (path: string, message: string): Parsed => ({
    manifests: [],
    issues: [issueIn(origin, path, message)],
  });
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    return wrong('', 'is not a manifest: expected fields like "kind", "metadata" and "spec"');
  if (value.kind !== 'List') return { manifests: [{ value, origin }], issues: [] };
  if (!Array.isArray(value.items)) return wrong('/items', 'a List needs "items": a list of manifests');
  const parsed: Parsed = { manifests: [], issues: [] };
  for (const [i, item] of value.items.entries()) {
    const isMap = item !== null && typeof item === 'object' && !Array.isArray(item);
    if (isMap && item.kind !== 'List') parsed.manifests.push({ value: item, origin: originOf(place, `/items/${i}`) });
    else if (parsed.issues.length < LIST_ISSUES_MAX)
      parsed.issues.push(issueIn(origin, `/items/${i}`, 'is not a manifest: a List holds manifests, and no Lists'));
  }
  return parsed;
}

/** Where a manifest of this document stands; `prefix` is its pointer within a List. */
export function originOf(place: { file: string; segment: Segment }, prefix: string): Origin {
  const locate = (pointers: readonly Pointer[]) =>
    locateIn({
      text: place.segment.text,
      firstLine: place.segment.line,
      pointers: pointers.map((p) => ({ ...p, path: prefix + p.path })),
    });
  return { file: place.file, line: place.segment.line, prefix, locate };
}

function issueIn(origin: Origin, path: string, message: string): ManifestIssue {
  const at = origin.locate([{ path }])[0];
  return { file: origin.file, line: at?.line ?? origin.line, column: at?.column ?? 1, path, message };
}

function syntaxIssue(file: string, segment: Segment, error: YAMLError): ManifestIssue {
  const place = placeOf(segment, error.pos[0]);
  const words = error.code === 'TAG_RESOLVE_FAILED' ? `${error.message}; manifests use no tags` : error.message;
  return { file, ...place, path: '', message: words };
}

function placeOf(segment: Segment, offset: number) {
  const before = segment.text.slice(0, offset).split('\n');
  return { line: segment.line + before.length - 1, column: (before.at(-1)?.length ?? 0) + 1 };
}

/**
 * Offset of the first bracket that opens more levels than allowed, or of indicators in a row that would (`- - - `), ignoring quotes: it only
 * has to stop a parser's recursion.
 */
function tooDeepAt(text: string, depth: number): number | null {
  let level = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x5b || code === 0x7b) {
      if (++level > depth * 4) return i;
    } else if ((code === 0x5d || code === 0x7d) && level > 0) level--;
  }
  return indicatorsAt(text, depth * 4);
}

function indicatorsAt(text: string, max: number): number | null {
  let row = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    // Of `-`, `?` and `:`, and white space between them.
    if (code === 0x2d || code === 0x3f || code === 0x3a) {
      if (isBlank(text.charCodeAt(i + 1)) && ++row > max) return i;
    } else if (!isBlank(code)) row = 0;
  }
  return null;
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0a || code === 0x0d;
}
