import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { printedSchema } from '../graphql/schema.ts';
import { exampleFiles } from '../manifests/examples.ts';
import { schemaFiles } from '../manifests/json-schema.ts';
import { REGISTRY } from '../resources/registry.ts';

/** Writes what is derived from the registry and committed: tests compare it. Run by `npm run generate`. */
const ROOT = join(import.meta.dirname, '..');

function writeFolder(folder: string, files: readonly { name: string; text: string }[]): void {
  const path = join(ROOT, folder);
  mkdirSync(path, { recursive: true });
  for (const name of readdirSync(path)) if (!files.some((file) => file.name === name)) rmSync(join(path, name));
  for (const { name, text } of files) writeFileSync(join(path, name), text);
}

writeFolder('manifests/schema', schemaFiles(REGISTRY));
writeFolder('manifests/examples/kinds', exampleFiles(REGISTRY));
writeFileSync(join(ROOT, 'graphql', 'schema.graphql'), printedSchema(REGISTRY));
