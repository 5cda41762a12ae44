import ts from 'typescript';
import { type Finding, type SourceFile, type Tree, walk } from './tree.ts';

/** The parts of a kind's definition that have a file of the same name. A kind without a world outside may be one file of schema. */
const PARTS = ['allocate', 'check', 'observe', 'plan', 'acts', 'report'] as const;
/** What sees a world outside has all of these. */
const OUTSIDE = ['observe', 'plan', 'report'] as const;

/** Every kind has one folder, the same file names in each, and stands in the registry. */
export function kinds(tree: Tree): Finding[] {
  const folders = new Set(tree.sources.flatMap(({ path }) => /^resources\/[a-z-]+\/[a-z-]+(?=\/)/.exec(path) ?? []));
  const registry = tree.sources.find(({ path }) => path === 'resources/registry.ts');
  return [...folders].flatMap((folder) => {
    const path = `${folder}/kind.ts`;
    const kind = tree.sources.find((source) => source.path === path);
    if (kind === undefined) return [{ path, line: 1, message: 'is missing: every folder of a kind has one' }];
    const registered = registry?.imports.some(({ target }) => target === path) ?? false;
    const unregistered = registered ? [] : ['is not in resources/registry.ts'];
    return [...unregistered, ...parts(tree, folder, kind)].map((message) => ({ path, line: 1, message }));
  });
}

function parts(tree: Tree, folder: string, kind: SourceFile): string[] {
  const defined = definedProperties(kind);
  const outside = defined.has('observe') || defined.has('plan');
  const named = defined.get('kind');
  const wanted = folder.split('/').at(-1);
  return [
    ...(named !== undefined && kebab(named) === wanted
      ? []
      : [`defines ${named ?? 'no kind'}, but its folder is ${wanted}`]),
    ...PARTS.flatMap((part) => {
      const hasFile = tree.has(`${folder}/${part}.ts`);
      if (hasFile && !defined.has(part)) return [`has a file ${part}.ts and no ${part}`];
      return defined.has(part) && !hasFile && outside ? [`defines ${part} outside of ${part}.ts`] : [];
    }),
    ...(outside
      ? OUTSIDE.filter((part) => !defined.has(part)).map((part) => `has a world outside and no ${part}`)
      : []),
  ];
}

/** Names of the properties of the object that is given to defineKind, `kind` with its text. */
function definedProperties(source: SourceFile): Map<string, string | undefined> {
  const defined = new Map<string, string | undefined>();
  walk(source.ast, (node) => {
    if (!ts.isCallExpression(node) || !/^defineKind\b/.test(node.expression.getText())) return;
    const definition = node.arguments[0];
    if (definition === undefined || !ts.isObjectLiteralExpression(definition)) return;
    for (const property of definition.properties) {
      const text =
        ts.isPropertyAssignment(property) && ts.isStringLiteral(property.initializer)
          ? property.initializer.text
          : undefined;
      if (property.name !== undefined) defined.set(property.name.getText(), text);
    }
  });
  return defined;
}

function kebab(name: string): string {
  return name.replace(/(?<=[a-z0-9])(?=[A-Z])/g, '-').toLowerCase();
}
