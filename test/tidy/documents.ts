import { dirname, join, normalize } from 'node:path';
import type { Finding, Tree } from './tree.ts';

/** Links of README and docs lead somewhere, and files that they name exist. */
export function documents(tree: Tree): Finding[] {
  return tree.paths
    .filter((path) => path.endsWith('.md'))
    .flatMap((path) =>
      tree
        .text(path)
        .split('\n')
        .flatMap((text, index) => broken(tree, path, text).map((message) => ({ path, line: index + 1, message }))),
    );
}

/** `{link}` is a variable of a letter, shown in an example. */
const LINK = /\]\(([^)\s{][^)\s]*)\)/g;
/** A story that a document takes as a proof: a test file in back-ticks, then its words in quotes. */
const STORY = /`((?:[\w.-]+\/)+[\w.-]+\.ts)` "([^"]+)"/g;
/** A path in the tree, in back-ticks: `folder/file.ts`. */
const NAMED = /`((?:[\w-][\w.-]*\/)+[\w.-]+\.(?:ts|mjs|md|json|graphql|sql))`/g;

function broken(tree: Tree, path: string, text: string): string[] {
  const links = [...text.matchAll(LINK)].map(([, target = '']) => target).filter((target) => !/^[a-z]+:/.test(target));
  const named = [...text.matchAll(NAMED)].map(([, target = '']) => target);
  const stories = [...text.matchAll(STORY)].filter(([, file = '', words = '']) => !tells(tree, file, words));
  return [
    ...stories.map(([, file, words]) => `takes "${words}" of ${file} as a proof, which it does not tell`),
    ...links.flatMap((target) => deadLink(tree, path, target)),
    ...named.filter((target) => !tree.has(target)).map((target) => `names ${target}, which does not exist`),
  ];
}

function tells(tree: Tree, file: string, words: string): boolean {
  return tree.has(file) && tree.text(file).includes(words);
}

function deadLink(tree: Tree, path: string, target: string): string[] {
  const [file = '', anchor] = target.split('#');
  const to = file === '' ? path : normalize(join(dirname(path), file));
  if (!tree.has(to)) return [`links to ${target}, which does not exist`];
  if (anchor === undefined || !to.endsWith('.md') || anchors(tree.text(to)).includes(anchor)) return [];
  return [`links to ${target}, but ${to} has no such heading`];
}

function anchors(text: string): string[] {
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replace(/\s/g, '-'),
  );
}

/** Paths of one machine and hosts of package registries belong into no file. The patterns are written so as not to find themselves. */
export function machinePaths(tree: Tree): Finding[] {
  const place = /(?<![\w.])\/(wor[k]|far[m]|User[s]|home\/[a-z]+)\/|registry\.(npmj[s]|yarnpk[g])|deb\.debia[n]\.org/;
  return tree.paths
    .filter((path) => /\.(ts|mjs|js|md|json|ya?ml|sh|graphql|sql)$/.test(path) || path === '.ci/run')
    .flatMap((path) =>
      tree
        .text(path)
        .split('\n')
        .flatMap((text, index) => {
          const found = place.exec(text)?.[0];
          return found === undefined
            ? []
            : [{ path, line: index + 1, message: `names ${found}, which is one machine's` }];
        }),
    );
}

/** Every version in package.json is exact, so that two machines install the same. */
export function versions(tree: Tree): Finding[] {
  const path = 'package.json';
  const manifest: Record<string, unknown> = JSON.parse(tree.text(path));
  const listed = ['dependencies', 'devDependencies', 'optionalDependencies', 'overrides'];
  return listed
    .flatMap((list) => flat(manifest[list] ?? {}))
    .filter(([, version]) => !/^(npm:.+@)?\d+\.\d+\.\d+(-[\w.]+)?$|^\$/.test(version))
    .map(([name, version]) => ({ path, line: 1, message: `${name} is ${version}, which is not an exact version` }));
}

function flat(value: unknown): [string, string][] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]): [string, string][] =>
    typeof inner === 'string' ? [[name, inner]] : flat(inner),
  );
}
