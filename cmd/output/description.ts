import { manifestOf, yamlText } from '../../manifests/format.ts';
import type { PlacementNote } from '../../reconciler/claims.ts';
import type { Json, JsonObject } from '../../reconciler/json.ts';
import type { AnyKind } from '../../reconciler/kind.ts';
import { render } from '../../reconciler/messages.ts';
import { keyText, type ObjectKey, type StoredObject } from '../../reconciler/object.ts';
import { REGISTRY } from '../../resources/registry.ts';
import type { Io } from '../io.ts';
import { age, cellText, table } from './table.ts';

/** What `describe` asks of an object. */
export interface Described extends ObjectKey {
  isReady: boolean;
  json: StoredObject;
  stats: JsonObject | null;
  ready: { status: string; reason: string; message: string };
  conditions: { type: string; status: string; reason: string; message: string; lastTransitionAt: string }[];
  owner: ObjectKey | null;
  children: (ObjectKey & { isReady: boolean; ready: { reason: string } })[];
  events: { nodes: { at: string; type: string; reason: string; message: string; actor: string }[] };
  steps: {
    nodes: {
      at: string;
      verb: string;
      place: string | null;
      risk: string;
      ok: boolean;
      error: string | null;
      message: string;
      durationMs: number;
    }[];
  };
}

/** One object in sections that a person reads from the top. */
export function descriptionText(io: Io, object: Described, kind: AnyKind | undefined): string {
  const { json } = object;
  const sections = [
    headLines(io, object),
    section('Wish', yaml(manifestOf(json, kind).spec)),
    section('State', yaml(ownStatus(json))),
    section('Chosen', yaml(json.status.allocated)),
    section('Placement', placementLines(json)),
    section('Now', object.stats === null ? [] : yaml(object.stats)),
    section('Conditions', conditionLines(io, object)),
    section(
      'Made',
      object.children.map((c) => `${keyText(c)}  ${c.isReady ? 'ready' : c.ready.reason}`),
    ),
    section('Steps', stepLines(io, object)),
    section('Events', eventLines(io, object)),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function headLines({ paint, now }: Io, object: Described): string[] {
  const { metadata } = object.json;
  const list = (map: Record<string, string>) => Object.entries(map).map(([key, value]) => `${key}=${value}`);
  const rows: [string, string | null][] = [
    ['Uid', metadata.uid],
    ['Labels', list(metadata.labels).join(', ') || null],
    ['Annotations', list(metadata.annotations).join(', ') || null],
    ['Made', `${age(metadata.createdAt, now())} ago by ${metadata.createdBy}`],
    ['Owner', object.owner && keyText(object.owner)],
    ['Fields of', Object.keys(metadata.managed).join(', ') || null],
    ['Generation', `${metadata.generation}, seen ${object.json.status.observedGeneration}`],
    ['Deleted', metadata.deletedAt],
    ['Protected', metadata.deleteProtection ? 'from deletion' : null],
    ['Requests', list(metadata.requests).join(', ') || null],
    ['Overrides', overridesText(metadata.overrides)],
    [
      'Ready',
      `${object.isReady ? paint.good('yes') : paint.bad(object.ready.reason)}: ${cellText(object.ready.message)}`,
    ],
  ];
  const shown = rows.filter((row): row is [string, string] => row[1] !== null);
  return [paint.bold(keyText(object)), ...shown.map(([name, value]) => `${`${name}:`.padEnd(13)}${value}`)];
}

function overridesText(overrides: StoredObject['metadata']['overrides']): string | null {
  const texts = Object.entries(overrides).map(
    ([name, { value, by, until }]) =>
      `${name}=${JSON.stringify(value)} by ${by}${until === null ? '' : ` until ${until}`}`,
  );
  return texts.length > 0 ? texts.join(', ') : null;
}

const BASE_STATUS = ['observedGeneration', 'conditions', 'requests', 'refs', 'allocated', 'placement'];

function ownStatus({ status }: StoredObject): JsonObject {
  return Object.fromEntries(Object.entries(status as JsonObject).filter(([key]) => !BASE_STATUS.includes(key)));
}

function yaml(value: Json): string[] {
  if (typeof value === 'object' && value !== null && Object.keys(value).length === 0) return [];
  return yamlText([value]).trimEnd().split('\n');
}

/** Why this host, and why not the others. */
function placementLines(object: StoredObject): string[] {
  const notes = (object.status as JsonObject).placement as unknown as PlacementNote[] | undefined;
  if (!Array.isArray(notes) || notes.length === 0) return [];
  const rows = notes.map(({ name, chosen, score, rejectedBy }) => [
    chosen ? `→ ${name}` : `  ${name}`,
    score === null ? '-' : String(Math.round(score * 1000) / 1000),
    chosen ? 'chosen' : rejectedBy === null ? 'would do' : render(REGISTRY, object.kind, rejectedBy),
  ]);
  return table(['PLACE', 'SCORE', 'WHY'], rows).trimEnd().split('\n');
}

function conditionLines({ paint, now }: Io, { conditions }: Described): string[] {
  const colour: Record<string, (text: string) => string> = { True: paint.good, False: paint.bad, Unknown: paint.warn };
  const rows = conditions.map((c) => [
    c.type,
    (colour[c.status] ?? paint.dim)(c.status),
    c.reason,
    age(c.lastTransitionAt, now()),
    cellText(c.message),
  ]);
  return table(['TYPE', 'STATUS', 'REASON', 'FOR', 'MESSAGE'], rows).trimEnd().split('\n');
}

function stepLines({ paint, now }: Io, { steps }: Described): string[] {
  if (steps.nodes.length === 0) return [];
  const rows = steps.nodes.map((step) => [
    age(step.at, now()),
    step.verb,
    step.ok ? paint.good('ok') : paint.bad('failed'),
    `${Math.round(step.durationMs)}ms`,
    cellText(step.ok ? step.message : (step.error ?? step.message)),
  ]);
  return table(['AGO', 'STEP', 'RESULT', 'TOOK', 'WHY'], rows).trimEnd().split('\n');
}

function eventLines({ paint, now }: Io, { events }: Described): string[] {
  if (events.nodes.length === 0) return [];
  const rows = events.nodes.map((event) => [
    age(event.at, now()),
    event.type === 'warning' ? paint.warn(event.type) : event.type,
    event.reason,
    cellText(event.message),
  ]);
  return table(['AGO', 'TYPE', 'REASON', 'MESSAGE'], rows).trimEnd().split('\n');
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`${title}:`, ...lines.map((line) => `  ${line}`)];
}
