import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type Document, isMap, isNode, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import { parseScenario, type Scenario } from '../../billing/scenario/parse.ts';
import { CliError, EXIT } from '../exit-codes.ts';
import type { Io } from '../io.ts';

const FILE_MAX_BYTES = 16 * 1024 * 1024;

/** Reads a scenario's file, or stdin for `-`. All its faults are one error, each at its line. */
export async function readScenario(io: Io, name: string): Promise<Scenario> {
  const text = name === '-' ? await io.readAll() : await textOf(resolve(io.cwd, name), name);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const shown = name === '-' ? '(stdin)' : name;
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${shown}:${line}:${Math.max(col, 1)}`;
  };
  if (document.errors.length > 0)
    throw invalid(document.errors.slice(0, 20).map((error) => `${at(error.pos[0])}: ${firstLine(error.message)}`));
  const result = parseScenario(plain(document));
  if ('scenario' in result) return result.scenario;
  throw invalid(result.faults.map((fault) => `${at(offsetOf(document, fault))}: ${fault.replace(/^scenario\.?/, '')}`));
}

async function textOf(path: string, name: string): Promise<string> {
  try {
    if ((await stat(path)).size > FILE_MAX_BYTES)
      throw new CliError(`${name} is larger than ${FILE_MAX_BYTES} bytes.`, EXIT.usage);
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof CliError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    throw new CliError(`${name} cannot be read (${code ?? message}).`, EXIT.usage);
  }
}

/** Anchors that repeat themselves without end are refused by the library, and are the writer's mistake. */
function plain(document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: 1000 });
  } catch (error) {
    throw invalid([error instanceof Error ? error.message : String(error)]);
  }
}

function invalid(faults: readonly string[]): CliError {
  const count = faults.length === 1 ? '1 error' : `${faults.length} errors`;
  return new CliError([...faults, `${count}; nothing was played.`].join('\n'), EXIT.validation);
}

/** Where the deepest thing stands that a fault's path names. Names may hold dots themselves, so the document leads, not the text. */
function offsetOf(document: Document, fault: string): number {
  let node: Node | null = isNode(document.contents) ? document.contents : null;
  let place = node?.range?.[0] ?? 0;
  let rest = fault.replace(/^scenario/, '');
  for (let found = into(node, rest); found !== undefined; found = into(node, rest)) {
    place = found.place;
    node = found.node;
    rest = rest.slice(found.length);
  }
  return place;
}

/** Short forms of manifests leave out what stands around their fields. */
function into(node: Node | null, rest: string): ReturnType<typeof step> {
  const left = ['', '.spec', '.spec.revisions[0]'].filter((prefix) => rest.startsWith(prefix));
  return left
    .map((prefix) => {
      const found = step(node, rest.slice(prefix.length));
      return found && { ...found, length: found.length + prefix.length };
    })
    .find((found) => found !== undefined);
}

function step(node: Node | null, rest: string): { node: Node | null; place: number; length: number } | undefined {
  if (isSeq(node)) {
    const index = /^\[(\d+)\]/.exec(rest);
    const item = node.items[Number(index?.[1])];
    return index === null || !isNode(item) ? undefined : { node: item, place: start(item), length: index[0].length };
  }
  if (!isMap(node)) return undefined;
  const pairs = node.items.flatMap(({ key, value }) =>
    isScalar(key) ? [{ key, value, name: String(key.value) }] : [],
  );
  const pair = pairs.find(({ name }) => rest.startsWith(`.${name}`) && /^([.[:]|$)/.test(rest.slice(name.length + 1)));
  if (pair === undefined) return undefined;
  const value = isNode(pair.value) ? pair.value : null;
  return { node: value, place: start(isScalar(value) ? value : pair.key), length: pair.name.length + 1 };
}

const start = (node: Node) => node.range?.[0] ?? 0;
const firstLine = (text: string) => text.split('\n')[0] ?? text;
