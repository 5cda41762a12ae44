import { GraphQLError } from 'graphql';
import type { IngestResult, UsageEvent } from '../../billing/loop/books-store.ts';
import { reportUsage } from '../../billing/loop/report-usage.ts';
import { parseDecimal } from '../../billing/money/rational.ts';
import { allows } from '../../reconciler/access/access.ts';
import { withAccess } from '../../reconciler/admission/permissions.ts';
import type { Json } from '../../reconciler/json.ts';
import { accessOf } from '../../reconciler/principal.ts';
import { type Builder, objectRef } from '../builder.ts';
import type { Context } from '../context.ts';
import { UserError } from '../derive/list.ts';
import { notThere } from './access.ts';

interface EventInput {
  id: string;
  meter: string;
  resource: string;
  from: string;
  to: string;
  quantity: string;
  attributes?: unknown;
  supersedes?: string | null | undefined;
}

const EVENTS_MAX = 5_000;

/** The way in for usage that is measured elsewhere. */
export function addReportUsage(builder: Builder): void {
  const input = builder.inputRef<Omit<EventInput, 'attributes'> & { attributes?: Json }>('UsageEventInput').implement({
    fields: (t) => ({
      id: t.string({
        required: true,
        description: 'With the reporter, unique for ever: the same once more changes nothing.',
      }),
      meter: t.string({ required: true }),
      resource: t.string({ required: true, description: 'As a subscription names it, or a uid.' }),
      from: t.field({ type: 'DateTime', required: true }),
      to: t.field({
        type: 'DateTime',
        required: true,
        description: 'Exclusive; an event at one instant has both equal.',
      }),
      quantity: t.string({ required: true, description: 'A decimal of at most 12 digits after the point.' }),
      attributes: t.field({ type: 'JSON', description: 'Texts by name.' }),
      supersedes: t.string({ description: 'Id of the event that this one replaces.' }),
    }),
  });
  const result = objectRef<IngestResult>(builder, 'UsageEventResult').implement({
    fields: (t) => ({
      outcome: t.string({ description: 'accepted, deduplicated or rejected.', resolve: (each) => each.outcome }),
      code: t.string({
        nullable: true,
        description: 'Why it was rejected. It is among the dead letters.',
        resolve: (each) => (each.outcome === 'rejected' ? each.code : null),
      }),
    }),
  });
  builder.mutationField('reportUsage', (t) =>
    t.field({
      type: [result],
      description: `Reports usage of an account, at most ${EVENTS_MAX} events at a time, each counted once however often it is sent.`,
      args: {
        account: t.arg.string({ required: true }),
        events: t.arg({ type: [input], required: true }),
      },
      resolve: async (_root, { account, events }, context) => {
        await mayReport(context, account);
        const { books } = context.api;
        if (books === undefined) throw new UserError('This server keeps no books.');
        if (events.length > EVENTS_MAX)
          throw new UserError(`${events.length} events are too many: at most ${EVENTS_MAX}.`);
        const source = context.principal.actor;
        const read = events.map((event, index) => eventOf(event as EventInput, { source, account, index }));
        const results = await reportUsage(books, read, account);
        if (results === undefined) throw notThere(account);
        return results;
      },
    }),
  );
}

async function mayReport({ api, principal }: Context, account: string): Promise<void> {
  const acting = await withAccess(api.admission, principal);
  if (allows(accessOf(acting), 'create', { kind: 'UsageRecord', project: null, account })) return;
  throw new GraphQLError(`${principal.actor} may not report usage of the account "${account}".`, {
    extensions: { code: 'FORBIDDEN' },
  });
}

function eventOf(
  { id, meter, resource, from, to, quantity: text, attributes: given, supersedes = null }: EventInput,
  { source, account, index }: { source: string; account: string; index: number },
): UsageEvent {
  const quantity = parseDecimal(text);
  const attributes = given ?? {};
  if (quantity === undefined) throw new UserError(`events[${index}].quantity: "${text}" is no decimal such as 12.5.`);
  const isTexts =
    typeof attributes === 'object' &&
    attributes !== null &&
    Object.values(attributes).every((value) => typeof value === 'string');
  if (!isTexts) throw new UserError(`events[${index}].attributes: write an object of texts.`);
  const window = {
    id,
    meter,
    resource,
    from: Date.parse(from),
    to: Date.parse(to),
    quantity,
    attributes: attributes as Record<string, string>,
    recordedAt: 0,
    supersedes,
  };
  return { source, account, window };
}
