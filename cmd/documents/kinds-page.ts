import { yamlText } from '../../manifests/format.ts';
import { typeWords } from '../../reconciler/admission/schema-issues.ts';
import { type Field, fieldsOf } from '../../reconciler/fields.ts';
import type { AnyKind } from '../../reconciler/kind.ts';
import type { Ports } from '../../resources/ports.ts';

type Documented = AnyKind<Ports>;

/** docs/kinds.md: the reference of all kinds, from their definitions. */
export function kindsPage(kinds: readonly Documented[]): string {
  const groups = [...new Set(kinds.map((kind) => kind.group))];
  const index = groups.map(
    (group) =>
      `- **${group}**: ${kinds
        .filter((kind) => kind.group === group)
        .map(linkTo)
        .join(', ')}`,
  );
  return `${[HEAD, index.join('\n'), ...kinds.map(kindSection)].join('\n\n')}\n`;
}

const HEAD = `# Kinds

Generated from the definitions in \`resources/\` by \`npm run generate\`; \`steward explain KIND\` says the same on a terminal.
What a change of a field does: **live** while it runs, **restart** at the next start, **replace** with a new thing in its
place, **immutable** not at all.`;

function linkTo({ kind }: Documented): string {
  return `[${kind}](#${kind.toLowerCase()})`;
}

function kindSection(kind: Documented): string {
  const fields = flattened(fieldsOf(kind.spec), 0);
  const facts = [
    `Belongs to ${kind.scope === 'project' ? 'a project' : 'the whole installation'}.`,
    kind.shortNames.length > 0 ? `Short: ${kind.shortNames.map(code).join(', ')}.` : '',
    kind.conditions.length > 0 ? `Conditions: ${kind.conditions.map(code).join(', ')}, and \`Ready\` over them.` : '',
  ];
  return [
    `## ${kind.kind}`,
    kind.description,
    facts.filter(Boolean).join(' '),
    `\`\`\`yaml\n${yamlText([kind.example])}\`\`\``,
    ...(fields.length > 0
      ? [table(['field of `spec`', 'type', 'default', 'change', 'meaning'], fields.map(fieldRow))]
      : []),
    ...named('Requests', kind.requests),
    ...named('Overrides', overridesOf(kind)),
    ...named('Reasons', kind.messages),
  ].join('\n\n');
}

function overridesOf(kind: Documented): Record<string, string> | undefined {
  if (kind.overrides === undefined) return undefined;
  return Object.fromEntries(
    Object.entries(kind.overrides).map(([name, schema]) => [name, schema.meta()?.description ?? '']),
  );
}

function named(title: string, texts: Readonly<Record<string, string>> | undefined): string[] {
  const rows = Object.entries(texts ?? {}).map(([name, text]) => [code(name), escaped(text)]);
  return rows.length === 0 ? [] : [`${title}:`, rows.map((row) => `- ${row.filter(Boolean).join(': ')}`).join('\n')];
}

interface Row {
  path: string;
  field: Field;
}

/** Fields of fields below their parents, lists as `disks[]`, maps as `labels.*`. Bounded, since a schema may nest itself. */
function flattened(fields: readonly Field[], depth: number, parent = ''): Row[] {
  if (depth > 6) return [];
  return fields.flatMap((field) => {
    const path = `${parent}${field.name}`;
    return [{ path, field }, ...below(field, path, depth)];
  });
}

function below(field: Field, path: string, depth: number): Row[] {
  if (field.type === 'object') return flattened(field.children, depth + 1, `${path}.`);
  const [item] = field.children;
  if (item === undefined) return [];
  if (field.type === 'list') return below(item, `${path}[]`, depth + 1);
  if (field.type === 'map') return below(item, `${path}.*`, depth + 1);
  const rows = field.type === 'union' ? field.children.flatMap((option) => below(option, path, depth + 1)) : [];
  return rows.filter((row, index) => rows.findIndex((other) => other.path === row.path) === index);
}

function fieldRow({ path, field }: Row): string[] {
  const fallback =
    field.default === undefined ? (field.required ? '**required**' : '') : code(JSON.stringify(field.default));
  return [
    code(path),
    typeWords(field),
    fallback,
    field.update ?? '',
    `${field.description ?? ''}${field.secret ? ' Sealed.' : ''}`,
  ];
}

function table(head: readonly string[], rows: readonly string[][]): string {
  const lines = [head, head.map(() => '---'), ...rows.map((row) => row.map(escaped))];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function escaped(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ').replaceAll('<', '&lt;');
}

function code(text: string): string {
  return `\`${text}\``;
}
