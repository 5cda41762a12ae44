import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import openapiTypes, { astToString } from 'openapi-typescript';
import { printedSchema } from '../graphql/schema.ts';
import { exampleFiles } from '../manifests/examples.ts';
import { schemaFiles } from '../manifests/json-schema.ts';
import { REGISTRY } from '../resources/registry.ts';
import { settingsTable } from './config/show.ts';
import { kindsPage } from './documents/kinds-page.ts';
import { settingsPage } from './documents/settings-page.ts';
import { createMetrics } from './telemetry/metrics.ts';

export interface GeneratedFile {
  /** Relative to the repository. */
  path: string;
  text: string;
}

/** Folders that hold generated files and nothing else. */
export const GENERATED_FOLDERS = ['manifests/schema', 'manifests/examples/kinds'];

/** Everything that is derived and committed: from the registry, the settings, the metrics and openapi.json. */
export async function generatedFiles(root: string): Promise<GeneratedFile[]> {
  const within = (folder: string, files: readonly { name: string; text: string }[]) =>
    files.map(({ name, text }) => ({ path: `${folder}/${name}`, text }));
  return [
    ...within('manifests/schema', schemaFiles(REGISTRY)),
    ...within('manifests/examples/kinds', exampleFiles(REGISTRY)),
    { path: 'graphql/schema.graphql', text: printedSchema(REGISTRY) },
    { path: 'graphql/rest/openapi.gen.ts', text: await restTypes(join(root, 'graphql/rest/openapi.json')) },
    { path: 'docs/kinds.md', text: kindsPage(REGISTRY.kinds) },
    { path: 'docs/settings.md', text: settingsPage() },
    { path: 'docs/operations.md', text: operationsPage(readFileSync(join(root, 'docs/operations.md'), 'utf8')) },
  ];
}

async function restTypes(file: string): Promise<string> {
  const source: unknown = JSON.parse(readFileSync(file, 'utf8'));
  const types = astToString(await openapiTypes(source as Parameters<typeof openapiTypes>[0]));
  return `/** Generated from openapi.json by "npm run generate". */\n${types}`;
}

/** The page is written by hand; its tables are not. */
function operationsPage(page: string): string {
  const metrics = createMetrics()
    .described()
    .map(({ name, help }) => `| \`${name}\` | ${help} |`);
  const tables: Record<string, string> = {
    settings: settingsTable(),
    metrics: ['| metric | meaning |', '|---|---|', ...metrics].join('\n'),
  };
  return page.replaceAll(
    /(<!-- generated: (\w+) -->\n)[\s\S]*?(\n?<!-- end -->)/g,
    (whole, open: string, name: string, close: string) =>
      tables[name] === undefined ? whole : `${open}${tables[name]}${close}`,
  );
}
