import type { Registry } from '../reconciler/registry.ts';
import { yamlText } from './format.ts';
import { schemaFileName } from './json-schema.ts';

/** One example file a kind, from the example that its definition holds. */
export function exampleFiles(registry: Pick<Registry, 'kinds'>): { name: string; text: string }[] {
  return registry.kinds.map((kind) => {
    const schema = schemaFileName(kind.kind);
    const head = `# yaml-language-server: $schema=../../schema/${schema}\n# ${kind.description}\n`;
    return { name: schema.replace(/json$/, 'yaml'), text: head + yamlText([kind.example]) };
  });
}
