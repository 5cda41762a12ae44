import {
  type ASTVisitor,
  type DocumentNode,
  type FieldNode,
  GraphQLError,
  type GraphQLField,
  type GraphQLSchema,
  getNamedType,
  isInterfaceType,
  isObjectType,
  Kind,
  parse,
  type SelectionSetNode,
  type ValidationContext,
  type ValidationRule,
} from 'graphql';

export interface Limits {
  /** Nesting of selections. */
  depth: number;
  aliases: number;
  directives: number;
  /** Fields, weighted by the page sizes around them, those that nobody asked for too. */
  cost: number;
  /** Lexical tokens of the document. */
  tokens: number;
}

export const DEFAULT_LIMITS: Limits = { depth: 12, aliases: 15, directives: 50, cost: 20_000, tokens: 2_000 };

interface Measure {
  depth: number;
  aliases: number;
  directives: number;
  cost: number;
}

const NOTHING: Measure = { depth: 0, aliases: 0, directives: 0, cost: 0 };
const PAGE_DEFAULT = 100;
const COST_CEILING = 1e9;

/** Open brackets at once: the parser calls itself for each. */
const NESTING_MAX = 200;

/** A document as it was sent: of few words, and not nested beyond what the parser can read. */
export function parsedWithin({ tokens }: Pick<Limits, 'tokens'>, source: string): DocumentNode {
  let open = 0;
  for (let at = 0; at < source.length && open <= NESTING_MAX; at += 1) {
    const code = source.charCodeAt(at);
    if (code === 0x28 || code === 0x5b || code === 0x7b) open += 1;
    else if (code === 0x29 || code === 0x5d || code === 0x7d) open = Math.max(0, open - 1);
  }
  if (open > NESTING_MAX)
    throw new GraphQLError(`The document is nested deeper than ${NESTING_MAX} brackets. Send values as variables.`, {
      extensions: { code: 'LIMIT_EXCEEDED' },
    });
  return parse(source, { maxTokens: tokens });
}

/** Refuses documents that would cost too much, before anything of them runs. */
export function limitsRule(limits: Limits): ValidationRule {
  return (context: ValidationContext): ASTVisitor => ({
    Document: (document) => {
      for (const problem of problemsOf(measure(document, context.getSchema()), limits))
        context.reportError(new GraphQLError(problem, { extensions: { code: 'LIMIT_EXCEEDED' } }));
      return false;
    },
  });
}

function problemsOf(found: Measure, limits: Limits): string[] {
  return (Object.keys(found) as (keyof Measure)[])
    .filter((name) => found[name] > limits[name])
    .map(
      (name) =>
        `The document’s ${name} of ${Math.min(found[name], COST_CEILING)} is over the limit of ${limits[name]}. Ask for less at a time: fewer fields, smaller pages (first: 10), fewer aliases.`,
    );
}

/** Sizes of the largest operation. Fragments are measured once; a cycle counts as beyond every limit. */
function measure(document: DocumentNode, schema: GraphQLSchema): Measure {
  const fragments = new Map(
    document.definitions.flatMap((d) => (d.kind === Kind.FRAGMENT_DEFINITION ? [[d.name.value, d] as const] : [])),
  );
  const known = new Map<string, Measure | 'measuring'>();

  const fragment = (name: string): Measure => {
    const seen = known.get(name);
    if (seen === 'measuring') return { depth: COST_CEILING, aliases: 0, directives: 0, cost: COST_CEILING };
    const definition = fragments.get(name);
    if (seen || !definition) return seen ?? NOTHING;
    known.set(name, 'measuring');
    const result = sum(definition.selectionSet, schema.getType(definition.typeCondition.name.value));
    known.set(name, result);
    return result;
  };

  const sum = (set: SelectionSetNode | undefined, parent: Parent): Measure =>
    (set?.selections ?? []).map((node) => one(node, parent)).reduce(add, NOTHING);

  const one = (node: SelectionSetNode['selections'][number], parent: Parent): Measure => {
    const directives = node.directives?.length ?? 0;
    if (node.kind === Kind.FRAGMENT_SPREAD) return withDirectives(fragment(node.name.value), directives);
    if (node.kind === Kind.INLINE_FRAGMENT) {
      const { typeCondition } = node;
      const type = typeCondition ? schema.getType(typeCondition.name.value) : parent;
      return withDirectives(sum(node.selectionSet, type), directives);
    }
    const field = isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[node.name.value] : undefined;
    const inner = sum(node.selectionSet, field && getNamedType(field.type));
    return {
      // The schema is described to a fixed depth, which the rules of the language bound; every tool asks for it in the same 15 levels.
      depth: INTROSPECTION.has(node.name.value) ? 1 : inner.depth + 1,
      aliases: inner.aliases + (node.alias ? 1 : 0),
      directives: inner.directives + directives,
      cost: Math.min(COST_CEILING, 1 + inner.cost * itemsOf(node, field)),
    };
  };

  return document.definitions
    .map((d) => (d.kind === Kind.OPERATION_DEFINITION ? sum(d.selectionSet, schema.getRootType(d.operation)) : NOTHING))
    .reduce(largest, NOTHING);
}

const INTROSPECTION: ReadonlySet<string> = new Set(['__schema', '__type']);

type Parent = ReturnType<GraphQLSchema['getType']> | null;

/** How often what is selected below a field may be answered. */
function itemsOf(node: FieldNode, field: GraphQLField<unknown, unknown> | undefined): number {
  const first = node.arguments?.find((argument) => argument.name.value === 'first');
  if (first?.value.kind === Kind.INT) return Math.max(1, Number(first.value.value));
  const paged = first !== undefined || field?.args.some(({ name }) => name === 'first') || field?.extensions.holdsMany;
  return paged ? PAGE_DEFAULT : 1;
}

/** Of a field that answers a list without pages: it counts as a page of the usual size. */
export const HOLDS_MANY = { extensions: { holdsMany: true } } as const;

function withDirectives(found: Measure, directives: number): Measure {
  return { ...found, directives: found.directives + directives };
}

function add(a: Measure, b: Measure): Measure {
  return {
    depth: Math.max(a.depth, b.depth),
    aliases: a.aliases + b.aliases,
    directives: a.directives + b.directives,
    cost: Math.min(COST_CEILING, a.cost + b.cost),
  };
}

function largest(a: Measure, b: Measure): Measure {
  return {
    depth: Math.max(a.depth, b.depth),
    aliases: Math.max(a.aliases, b.aliases),
    directives: Math.max(a.directives, b.directives),
    cost: Math.max(a.cost, b.cost),
  };
}
