import { z } from 'zod';
import { ref } from '../../../reconciler/field-meta.ts';
import { defineKind } from '../../../reconciler/kind.ts';
import { cell } from '../../schema.ts';
import { settingActs } from './acts.ts';
import { checkSetting } from './check.ts';
import { settingPlace } from './effective.ts';
import { observeSetting } from './observe.ts';
import { planSetting } from './plan.ts';
import { reportSetting } from './report.ts';

const value = () =>
  z.union([
    z.boolean().describe('A switch.'),
    z.number().describe('A number, in the unit of the property.'),
    z.string().max(2_000).describe('A text.'),
    z
      .array(z.union([z.string().max(2_000).describe('A text.'), z.number().describe('A number.')]))
      .max(1_000)
      .describe('A list.'),
  ]);

const spec = z.object({
  key: z
    .string()
    .min(1)
    .max(100)
    .meta({ update: 'immutable' })
    .describe('Property, such as signIn.sessionHours: "steward settings" lists them.'),
  value: value().meta({ update: 'live' }).describe('What it is from now on, of the type that the property has.'),
  channel: ref('Channel')
    .optional()
    .meta({ update: 'immutable' })
    .describe('Only in this channel; everywhere without it, where the property allows that.'),
  accountType: ref('AccountType').optional().meta({ update: 'immutable' }).describe('Only for accounts of this type.'),
  reason: z.string().max(500).optional().meta({ update: 'live' }).describe('Why, for whoever reads the history.'),
});

const status = z.object({
  value: value().optional().describe('What is in force of it; absent while nobody has agreed to it.'),
  since: z.string().optional().describe('Instant from which it is in force.'),
  by: z.string().optional().describe('Who set it.'),
  approvedBy: z.string().optional().describe('Who agreed to it, where somebody has to.'),
});

export type SettingSpec = z.output<typeof spec>;
export type SettingStatus = z.output<typeof status>;

/** One property in one scope, as a provider wants it. What nobody sets has its default. */
export const Setting = defineKind({
  kind: 'Setting',
  plural: 'settings',
  group: 'support',
  scope: 'global',
  shortNames: ['set'],
  description: 'Decides one property of the cloud while it runs: everywhere, for a channel or for a type of accounts.',
  spec,
  status,
  conditions: ['InForce'],
  columns: [
    { header: 'KEY', value: (setting) => cell(setting.spec.key) },
    { header: 'VALUE', value: (setting) => cell(setting.spec.value) },
    { header: 'IN FORCE', value: (setting) => cell(setting.status.value) },
    { header: 'SCOPE', value: (setting) => cell(setting.spec.accountType ?? setting.spec.channel ?? 'global') },
    { header: 'REASON', wide: true, value: (setting) => cell(setting.spec.reason) },
  ],
  requests: {
    approve:
      'Agrees to the value of one generation, which is the token. Counts for properties that need another person, and from nobody who had a hand in the value.',
  },
  messages: {
    SettingInForce: 'Is in force since {since}.',
    AwaitsApproval: 'Awaits approval by another person than {by}: steward settings approve {name}. Until then {until}.',
    ApprovalSeen: 'Somebody agreed.',
    NeedsApproval: 'Will be in force once another person approves it.',
    CountsAtOnce: 'Is in force from the moment at which it is written.',
  },
  check: checkSetting,
  uniqueKeys: ({ spec: wished }) => [settingPlace(wished)],
  uniqueField: '/key',
  observe: observeSetting,
  plan: planSetting,
  acts: settingActs,
  report: reportSetting,
  example: {
    apiVersion: 'steward/v1',
    kind: 'Setting',
    metadata: { name: 'longer-sessions' },
    spec: { key: 'signIn.sessionHours', value: 10, reason: 'Shifts of ten hours.' },
  },
});
