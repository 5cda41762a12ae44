import fc from 'fast-check';
import { MANY, MANY_MISTAKES, repetitions } from '../manifests/fixtures/hostile-texts.ts';
import { loadManifests } from '../manifests/load.ts';
import { LIMITS } from '../manifests/yaml-options.ts';
import { REGISTRY } from '../resources/registry.ts';
import { type Figure, ownCpuSeconds } from './figures.ts';

const SECOND_MS = 1_000;
const REPETITIONS = 200;
const SEED = 20_261_122;

/** The CPU that one document of anybody's may take, at worst: nobody may hold the loop for a second. */
export async function run(): Promise<Figure[]> {
  const honest = `kind: Project\nmetadata: {name: a, annotations: {note: "${'x'.repeat(LIMITS.documentBytes - 100)}"}}`;
  const usual = cpuMs(honest);
  const repeated = fc.sample(repetitions, { numRuns: REPETITIONS, seed: SEED });
  return [
    { ...worst(repeated.map((text) => [JSON.stringify(text.slice(0, 12)), text])), name: 'one thing over and over' },
    { ...worst(MANY), name: 'as many of one thing as a document may have' },
    { ...worst(MANY_MISTAKES), name: 'as many mistakes as a document may have' },
    { name: 'one honest text of the same size', value: usual, unit: 'ms of CPU' },
  ];
}

function worst(texts: readonly (readonly [string, string])[]): Omit<Figure, 'name'> {
  let slowest = { name: '', ms: 0 };
  for (const [name, text] of texts) {
    const ms = cpuMs(text);
    if (ms > slowest.ms) slowest = { name, ms };
  }
  return { value: slowest.ms, unit: 'ms of CPU', must: SECOND_MS, note: slowest.name };
}

function cpuMs(text: string): number {
  const before = ownCpuSeconds();
  loadManifests([{ path: 'a.yaml', text }], { registry: REGISTRY, project: 'default' });
  return (ownCpuSeconds() - before) * 1_000;
}
