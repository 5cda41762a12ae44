import type { ObjectKey, StoredObject } from '../reconciler/object.ts';
import type { Builder } from './builder.ts';
import type { Context } from './context.ts';
import { UserError } from './derive/list.ts';
import type { ObjectTypes } from './types/object.ts';
import type { ResultTypes } from './types/results.ts';

interface WatchEvent {
  type: 'CHANGED' | 'REMOVED' | 'BOOKMARK';
  key: ObjectKey | null;
  object: StoredObject | null;
  position: string;
}

const PAGE = 500;
const BOOKMARK_MS = 20_000;

/** `watch`: every change since a position, coalesced per object. Resume with the last position seen; too old means: list again. */
export function addWatch(builder: Builder, types: ObjectTypes & { results: ResultTypes }): void {
  const eventType = builder.enumType('WatchEventType', { values: ['CHANGED', 'REMOVED', 'BOOKMARK'] as const });
  const event = builder.objectRef<WatchEvent>('WatchEvent').implement({
    fields: (t) => ({
      type: t.field({ type: eventType, resolve: (e) => e.type }),
      key: t.field({ type: types.results.key, nullable: true, resolve: (e) => e.key }),
      object: t.field({ type: types.object, nullable: true, resolve: (e) => e.object }),
      position: t.exposeString('position', { description: 'Pass it as "since" to go on after this event.' }),
    }),
  });
  builder.queryField('position', (t) =>
    t.string({
      description: 'The position of now, for watch.',
      resolve: (_root, _args, { api }) => api.store.position(),
    }),
  );
  builder.subscriptionField('watch', (t) =>
    t.field({
      type: event,
      description: 'Changes of objects as they happen. Bookmarks come at least every 20 s.',
      args: {
        kinds: t.arg.stringList({ description: 'All kinds when absent.' }),
        project: t.arg.string(),
        since: t.arg.string({ description: 'A position seen before; now when absent.' }),
      },
      subscribe: (_root, args, context) => watch(context, args),
      resolve: (event) => event,
    }),
  );
}

async function* watch(
  { api }: Context,
  args: { kinds?: string[] | null | undefined; project?: string | null | undefined; since?: string | null | undefined },
): AsyncGenerator<WatchEvent> {
  const kinds = args.kinds?.map((spelling) => {
    const kind = api.registry.find(spelling);
    if (!kind) throw new UserError(`kinds: "${spelling}" is no kind.`);
    return kind.kind;
  });
  const { now } = api.admission.environment.clock;
  let position = args.since ?? (await api.store.position());
  let toldAt = now();
  yield { type: 'BOOKMARK', key: null, object: null, position };
  for (;;) {
    const over = new AbortController();
    try {
      // Listened for before it reads: what changes while it reads, or while its reader takes its time, is news all the same.
      const news = api.changed(BOOKMARK_MS, over.signal);
      const changes = await api.store.changes({
        since: position,
        limit: PAGE,
        ...(kinds ? { kinds } : {}),
        ...(args.project ? { project: args.project } : {}),
      });
      if (changes.tooOld)
        throw new UserError(
          'since: that position is too old, or none of this server; list again and watch from the position of now.',
        );
      for (const { type, key, object, position } of changes.items)
        yield { type: type === 'removed' ? 'REMOVED' : 'CHANGED', key, object, position };
      position = changes.position;
      // Many changes of one object are told as one: only a page that brought nothing is surely the last.
      if (changes.items.length > 0) {
        toldAt = now();
        continue;
      }
      if (now() - toldAt >= BOOKMARK_MS) {
        toldAt = now();
        yield { type: 'BOOKMARK', key: null, object: null, position };
      }
      await news;
    } finally {
      over.abort();
    }
  }
}
