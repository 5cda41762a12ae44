import { iso } from '../../reconciler/clock.ts';
import type { Builder } from '../builder.ts';
import type { Context } from '../context.ts';
import { UserError } from '../derive/list.ts';
import type {
  AwaitingValue,
  ConfigurationChange,
  ConfigurationProperty,
  JobState,
  SettingsApi,
} from './settings-api.ts';

/** `configuration`, its history, and the jobs that it may pause. What sets it are objects of the kind Setting. */
export function addSettings(builder: Builder): void {
  const property = propertyType(builder);
  builder.queryField('configuration', (t) =>
    t.field({
      type: [property],
      description: 'Every property that may be decided while the cloud runs, with what is in force of it and why.',
      args: {
        channel: t.arg.string({ description: 'For accounts of this Channel.' }),
        accountType: t.arg.string({ description: 'For accounts of this AccountType.' }),
        at: t.arg({ type: 'DateTime', description: 'As it was then; now without it.' }),
        key: t.arg.string({ description: 'Only this property.' }),
      },
      resolve: async (_root, { channel, accountType, at, key }, context) => {
        const where = { channel: channel ?? null, accountType: accountType ?? null };
        const found = await settingsOf(context).all(where, at ? Date.parse(at) : null);
        return found.filter((one) => !key || one.key === key);
      },
    }),
  );
  const change = changeType(builder);
  builder.queryField('configurationHistory', (t) =>
    t.field({
      type: [change],
      description: 'Who set a property, agreed to it or let it go, newest first.',
      args: { key: t.arg.string({ required: true, description: 'Such as signIn.sessionHours.' }) },
      resolve: (_root, { key }, context) => settingsOf(context).history(key),
    }),
  );
  const job = jobType(builder);
  builder.queryField('jobs', (t) =>
    t.field({
      type: [job],
      description: 'What runs by itself beside requests, and whether somebody paused it.',
      resolve: (_root, _args, context) => settingsOf(context).jobs(),
    }),
  );
}

function settingsOf({ api }: Context): SettingsApi {
  if (!api.settings) throw new UserError('Nothing is decided here while it runs.');
  return api.settings;
}

function propertyType(builder: Builder) {
  const awaiting = builder.objectRef<AwaitingValue>('AwaitingValue').implement({
    description: 'A value that waits for another person.',
    fields: (t) => ({
      setting: t.exposeString('setting', { description: 'Name of the Setting.' }),
      value: t.field({ type: 'JSON', resolve: (one) => one.value }),
      generation: t.exposeInt('generation', { description: 'Token of the request "approve".' }),
      by: t.exposeString('by'),
      at: t.field({ type: 'DateTime', resolve: (one) => iso(one.at) }),
    }),
  });
  return builder.objectRef<ConfigurationProperty>('ConfigurationProperty').implement({
    description: 'One property that may be decided while the cloud runs.',
    fields: (t) => ({
      key: t.exposeString('key'),
      group: t.exposeString('group'),
      description: t.exposeString('description'),
      unit: t.exposeString('unit'),
      default: t.field({ type: 'JSON', nullable: true, resolve: (one) => one.fallback }),
      scopes: t.exposeStringList('scopes', { description: 'Where it may be set: global, channel, accountType.' }),
      requiresApproval: t.exposeBoolean('requiresApproval'),
      frozen: t.exposeString('frozen', { nullable: true, description: 'From when on it cannot change: firstAccount.' }),
      value: t.field({ type: 'JSON', nullable: true, resolve: (one) => one.value }),
      origin: t.exposeString('origin', { description: 'default, file or setting.' }),
      because: t.exposeString('because', { description: 'Where the value comes from, in words.' }),
      by: t.exposeString('by', { nullable: true }),
      approvedBy: t.exposeString('approvedBy', { nullable: true }),
      since: t.field({
        type: 'DateTime',
        nullable: true,
        resolve: (one) => (one.since === null ? null : iso(one.since)),
      }),
      reason: t.exposeString('reason', { nullable: true }),
      awaiting: t.field({ type: awaiting, nullable: true, resolve: (one) => one.awaiting }),
    }),
  });
}

function changeType(builder: Builder) {
  return builder.objectRef<ConfigurationChange>('ConfigurationChange').implement({
    description: 'Something that was wished or agreed to.',
    fields: (t) => ({
      at: t.field({ type: 'DateTime', resolve: (one) => iso(one.at) }),
      setting: t.exposeString('setting', { description: 'Name of the Setting.' }),
      place: t.exposeString('place', { description: 'Where it counts, in words.' }),
      op: t.exposeString('op', { description: 'set, approved or removed.' }),
      value: t.field({ type: 'JSON', nullable: true, resolve: (one) => one.value }),
      generation: t.exposeInt('generation'),
      actor: t.exposeString('actor'),
      onBehalfOf: t.exposeString('onBehalfOf', { nullable: true }),
      reason: t.exposeString('reason', { nullable: true }),
    }),
  });
}

function jobType(builder: Builder) {
  return builder.objectRef<JobState>('Job').implement({
    description: 'Something that runs by itself.',
    fields: (t) => ({
      job: t.exposeString('job'),
      description: t.exposeString('description'),
      paused: t.exposeBoolean('paused'),
      key: t.exposeString('key', { nullable: true, description: 'Property that pauses it.' }),
      by: t.exposeString('by', { nullable: true, description: 'Who paused it.' }),
      since: t.field({ type: 'DateTime', nullable: true, resolve: (one) => one.since }),
      reason: t.exposeString('reason', { nullable: true }),
    }),
  });
}
