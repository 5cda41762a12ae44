import { iso } from '../reconciler/clock.ts';
import type { Builder } from './builder.ts';
import { UserError } from './derive/list.ts';
import { keysOf } from './mutations.ts';
import type { ResultTypes } from './types/results.ts';

/** `openConsole`: a one-time address of a machine's serial or VNC console, served as a WebSocket by this API's origin. */
export function addConsoles(builder: Builder, { keyInput }: ResultTypes): void {
  const type = builder.enumType('ConsoleType', { values: ['serial', 'vnc'] as const });
  const endpoint = builder.objectRef<{ path: string; expiresAt: number }>('ConsoleEndpoint').implement({
    fields: (t) => ({
      path: t.exposeString('path', { description: 'Open it once as a WebSocket at this server; binary frames.' }),
      expiresAt: t.field({ type: 'DateTime', resolve: (e) => iso(e.expiresAt) }),
    }),
  });
  builder.mutationField('openConsole', (t) =>
    t.field({
      type: endpoint,
      args: { object: t.arg({ type: keyInput, required: true }), type: t.arg({ type, defaultValue: 'serial' }) },
      resolve: async (_root, args, { api, principal, byKey }) => {
        const [key] = keysOf(api.registry, [args.object]);
        const object = key ? await byKey(key) : undefined;
        if (!object) throw new UserError(`object: ${args.object.kind} "${args.object.name}" does not exist.`);
        const opened = await api.openConsole(object, args.type ?? 'serial', principal);
        if (!opened.ok) throw new UserError(opened.message);
        return opened;
      },
    }),
  );
}
