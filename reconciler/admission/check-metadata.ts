import { NAME } from '../field-meta.ts';
import type { Json } from '../json.ts';
import type { AnyKind } from '../kind.ts';
import { escapePointer } from '../refs.ts';
import { type Finding, isMap, shown } from './finding.ts';
import { didYouMean } from './suggest.ts';

const NAME_WORDS = 'lower-case letters, digits and "-", starting and ending with a letter or digit, at most 63';
const LABEL_KEY = /^([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;
const LABEL_VALUE = /^([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$/;
const ANNOTATION_CHARACTERS = 65_536;

type Check = (value: Json, path: string) => Finding[];

/** What people write in metadata. */
const METADATA_FIELDS: Readonly<Record<string, Check>> = {
  name: (value, path) => nameFinding(value, path),
  project: (value, path) => (value === null ? [] : nameFinding(value, path)),
  labels: (value, path) => texts({ value, path, valueRule: labelValue }),
  annotations: (value, path) => texts({ value, path, valueRule: annotationValue }),
  deleteProtection: (value, path) =>
    typeof value === 'boolean' ? [] : [{ path, message: `is ${shown(value)}; expected true or false` }],
  sharing: (value, path) =>
    value === 'own' || value === 'public'
      ? []
      : [{ path, message: `is ${shown(value)}; expected one of "own", "public"${near(value, ['own', 'public'])}` }],
  adopt: (value, path) =>
    value === null || (typeof value === 'string' && value !== '')
      ? []
      : [{ path, message: `is ${shown(value)}; expected the id of the thing to take over, as text` }],
  custom: (value, path) => (isMap(value) ? [] : [{ path, message: `is ${shown(value)}; expected a map` }]),
};

/** What the engine writes in metadata, with what to do instead. */
const ENGINE_FIELDS: Readonly<Record<string, string>> = {
  requests:
    'a request is not part of a manifest; use a command such as "steward reboot", or the mutation of the same name',
  overrides: 'an override is not part of a manifest; set it with the override mutation of the API',
  paused: 'pausing is an override, not part of a manifest; set it with the override mutation of the API',
  allowedRisk: 'the risk is allowed when applying; use "steward apply --allow"',
};
const KEPT_BY_ENGINE = [
  'uid',
  'account',
  'generation',
  'resourceVersion',
  'createdAt',
  'createdBy',
  'deletedAt',
  'finalizer',
  'ownerUid',
  'ownerKey',
  'managed',
];

/** All that is wrong with a manifest's metadata. */
export function checkMetadata(metadata: Json | undefined, kind: AnyKind | undefined): Finding[] {
  if (metadata === undefined)
    return [{ path: '/metadata', message: 'is missing; expected at least "metadata: {name: …}"' }];
  if (!isMap(metadata)) return [{ path: '/metadata', message: `is ${shown(metadata)}; expected a map with "name"` }];
  const findings = Object.entries(metadata).flatMap(([key, value]) => {
    const path = `/metadata/${escapePointer(key)}`;
    const check = Object.hasOwn(METADATA_FIELDS, key) ? METADATA_FIELDS[key] : undefined;
    return check ? check(value, path) : [{ path, atKey: true, message: refusal(key) }];
  });
  if (metadata.name === undefined)
    findings.push({ path: '/metadata/name', message: 'is missing; every object has a name' });
  if (kind?.scope === 'global' && typeof metadata.project === 'string')
    findings.push({
      path: '/metadata/project',
      message: `is "${metadata.project}", but a ${kind.kind} belongs to no project; leave it out`,
    });
  return findings;
}

function refusal(key: string): string {
  const remedy = Object.hasOwn(ENGINE_FIELDS, key) ? ENGINE_FIELDS[key] : undefined;
  if (remedy !== undefined) return remedy;
  if (KEPT_BY_ENGINE.includes(key))
    return 'is kept by the engine; leave it out ("steward export" writes manifests without it)';
  return `is not a field of metadata${didYouMean(key, Object.keys(METADATA_FIELDS))}`;
}

function nameFinding(value: Json, path: string): Finding[] {
  if (typeof value === 'string')
    return NAME.test(value) ? [] : [{ path, message: `is ${shown(value)}; expected ${NAME_WORDS}` }];
  const quote = typeof value === 'number' || typeof value === 'boolean';
  return [
    {
      path,
      message: `is ${quote ? '{source}' : shown(value)}; expected text${quote ? ', so write it in quotes: "{source}"' : ''}`,
    },
  ];
}

function texts(input: { value: Json; path: string; valueRule: (value: string) => string | null }): Finding[] {
  const { value, path } = input;
  if (!isMap(value)) return [{ path, message: `is ${shown(value)}; expected a map of texts` }];
  return Object.entries(value).flatMap(([key, item]): Finding[] => {
    const at = `${path}/${escapePointer(key)}`;
    if (!LABEL_KEY.test(key))
      return [
        {
          path: at,
          atKey: true,
          message:
            'is not a valid key: letters, digits, ".", "_" and "-", at most 63, with an optional "domain/" before it',
        },
      ];
    if (typeof item !== 'string') {
      const simple = typeof item === 'number' || typeof item === 'boolean';
      return [
        {
          path: at,
          message: simple
            ? 'is {source}; expected text, so write it in quotes: "{source}"'
            : `is ${shown(item)}; expected text`,
        },
      ];
    }
    const wrong = input.valueRule(item);
    return wrong === null ? [] : [{ path: at, message: `is ${shown(item)}; ${wrong}` }];
  });
}

function labelValue(value: string): string | null {
  return LABEL_VALUE.test(value)
    ? null
    : 'expected letters, digits, ".", "_" and "-", at most 63 (longer texts are annotations)';
}

function annotationValue(value: string): string | null {
  return value.length <= ANNOTATION_CHARACTERS ? null : `expected at most ${ANNOTATION_CHARACTERS} characters`;
}

function near(value: Json, candidates: string[]): string {
  return typeof value === 'string' ? didYouMean(value, candidates) : '';
}
