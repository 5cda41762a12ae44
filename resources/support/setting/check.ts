import { z } from 'zod';
import { schemaFindings } from '../../../reconciler/admission/schema-issues.ts';
import { didYouMean } from '../../../reconciler/admission/suggest.ts';
import { fieldsOf } from '../../../reconciler/fields.ts';
import type { Json } from '../../../reconciler/json.ts';
import type { SpecIssue } from '../../../reconciler/kind.ts';
import { CATALOGUE, isSettingKey, SETTING_KEYS } from './catalogue.ts';
import { placeWords, scopeOf, whereOf } from './effective.ts';
import type { SettingSpec } from './kind.ts';

/** Pure: whether the property exists, may be set there, and takes the value. */
export function checkSetting({ spec }: { spec: SettingSpec }): SpecIssue[] {
  const { key } = spec;
  if (!isSettingKey(key))
    return [
      {
        path: '/key',
        message: `is "${key}", which is no property${didYouMean(key, SETTING_KEYS) || '; "steward settings" lists them.'}`,
      },
    ];
  return [...scopeIssues(spec, key), ...valueIssues(key, spec.value)];
}

function scopeIssues(spec: SettingSpec, key: keyof typeof CATALOGUE): SpecIssue[] {
  if (spec.channel !== undefined && spec.accountType !== undefined)
    return [{ path: '/accountType', message: 'stands beside channel: a value is for the one or for the other.' }];
  const where = whereOf(spec);
  const scope = scopeOf(where);
  const { scopes } = CATALOGUE[key];
  if ((scopes as readonly string[]).includes(scope)) return [];
  const path = scope === 'global' ? '/key' : `/${scope}`;
  return [
    {
      path,
      message: `sets "${key}" ${placeWords(where)}; it may be set ${scopes.map((one) => WORDS[one]).join(' and ')}.`,
    },
  ];
}

const WORDS = {
  global: 'everywhere at once',
  channel: 'for a channel',
  accountType: 'for a type of accounts',
} as const;

function valueIssues(key: keyof typeof CATALOGUE, value: Json): SpecIssue[] {
  const { schema, description, unit } = CATALOGUE[key];
  const whole = z.object({ value: schema.describe(`${description} In ${unit}.`) });
  const parsed = whole.safeParse({ value });
  if (parsed.success) return [];
  const findings = schemaFindings(parsed.error.issues, { spec: { value }, fields: fieldsOf(whole) });
  return findings.map(({ path, message }) => ({
    path: path.slice('/spec'.length),
    message: message.replaceAll('{source}', String(value)),
  }));
}
