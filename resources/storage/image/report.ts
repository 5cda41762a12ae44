import { type Reason, reason } from '../../../reconciler/json.ts';
import type { ConditionReport, Report } from '../../../reconciler/kind.ts';
import type { StoredObject } from '../../../reconciler/object.ts';
import { diskFormatOf, imageFileName } from '../names.ts';
import type { ImageStatus } from './kind.ts';
import { type ImageInput, originOf, sourceProblem } from './plan.ts';

const COPIES_MAX = 100;
const GIB = 1024 ** 3;

export function reportImage(input: ImageInput): Report<ImageStatus> {
  const { uid } = input.object.metadata;
  const { format } = input.object.spec;
  return {
    status: {
      ...source(input),
      file: imageFileName({ uid, format }),
      diskFormat: diskFormatOf(format),
      copies: copies(input),
    },
    conditions: [available(input)],
  };
}

function source(input: ImageInput): Partial<ImageStatus> {
  const seen = input.observed.sightings[0]?.state;
  if (seen && 'found' in seen && sourceProblem(input) === null) {
    const { bytes, revision, virtualBytes } = seen.found;
    const raw = input.object.spec.format === 'raw' ? bytes : null;
    return { bytes, revision, virtualBytes: virtualBytes ?? raw };
  }
  const origin = input.object.spec.source.volume === undefined ? null : originOf(input.refs);
  if (!origin) return {};
  const { poolUid, file, format, sizeGiB } = origin;
  return { origin: { poolUid, file, format }, virtualBytes: sizeGiB * GIB };
}

function available(input: ImageInput): ConditionReport {
  const is = (status: ConditionReport['status'], why: Reason) => ({ type: 'Available', status, reason: why });
  const problem = sourceProblem(input);
  if (problem) return is('False', problem.reason);
  const { volume } = input.object.spec.source;
  if (volume !== undefined) {
    return originOf(input.refs) ? is('True', reason('SourceSeen')) : is('False', reason('VolumeNotThere', { volume }));
  }
  const seen = input.observed.sightings.length > 0 || input.object.status.revision !== undefined;
  return seen ? is('True', reason('SourceSeen')) : is('Unknown', reason('Pending'));
}

function copies({ children }: ImageInput): NonNullable<ImageStatus['copies']> {
  return Object.entries(children)
    .map(([key, child]) => copyLine(key, child))
    .sort((a, b) => (a.pool < b.pool ? -1 : 1))
    .slice(0, COPIES_MAX);
}

function copyLine(key: string, { spec, status }: StoredObject): NonNullable<ImageStatus['copies']>[number] {
  const ready = status.conditions.find(({ type }) => type === 'Ready');
  const poolUid = status.refs['/pool'] ?? key.slice(key.indexOf('/') + 1);
  const line = { pool: String(spec.pool ?? ''), poolUid, ready: ready?.status === 'True' };
  return line.ready ? line : { ...line, reason: ready?.reason ?? 'Pending' };
}
