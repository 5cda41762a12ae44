import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { GENERATED_FOLDERS, generatedFiles } from './generated.ts';

/** `npm run generate` writes what is derived and committed; with `--check` it only names what is not up to date. */
const ROOT = join(import.meta.dirname, '..');
const files = await generatedFiles(ROOT);
const isCheck = process.argv.includes('--check');

const stale = files.filter(({ path, text }) => current(path) !== text);
const left = GENERATED_FOLDERS.flatMap((folder) =>
  readdirSync(join(ROOT, folder)).map((name) => `${folder}/${name}`),
).filter((path) => !files.some((file) => file.path === path));
for (const { path, text } of isCheck ? [] : stale) {
  mkdirSync(dirname(join(ROOT, path)), { recursive: true });
  writeFileSync(join(ROOT, path), text);
}
for (const path of isCheck ? [] : left) rmSync(join(ROOT, path));

const changed = [...stale.map(({ path }) => path), ...left];
for (const path of changed) console.log(`${isCheck ? 'not up to date' : 'written'}: ${path}`);
process.exitCode = isCheck && changed.length > 0 ? 1 : 0;

function current(path: string): string | undefined {
  try {
    return readFileSync(join(ROOT, path), 'utf8');
  } catch {
    return undefined;
  }
}
