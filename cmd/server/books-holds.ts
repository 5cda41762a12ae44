import type { HoldSeverity } from '../../billing/dunning/dunning.ts';
import type { HoldsPort } from '../../billing/loop/account-loop.ts';
import type { StoredObject } from '../../reconciler/object.ts';
import { portal } from '../../reconciler/principal.ts';
import type { ObjectStore } from '../../reconciler/store.ts';
import { all, projectsOf } from './books-wishes.ts';

/** Who holds and lets go: shown in the audit like everybody else. */
const BOOKS = portal('books');

const HOLD = 'hold';
const AT_ONCE = 100;
const TRIES = 10;

/**
 * The severest hold of the books as an override of every machine of the account. It has a name of its own that the API does not offer,
 * so that nobody lifts it by hand, and overrides of people (an administrator's stop, a pause) stand beside it and stay.
 */
export function machineHolds(store: Pick<ObjectStore, 'list' | 'getByKey' | 'write'>): HoldsPort {
  return {
    obey: async (account, severity) => {
      const [owner] = await store.getByKey([{ kind: 'Account', project: null, name: account }]);
      if (owner === undefined) return;
      for (let tries = 0; tries < TRIES; tries += 1) {
        const machines = await machinesOf(store, owner);
        const wrong = machines.filter((each) => (each.metadata.overrides[HOLD]?.value ?? null) !== severity);
        if (wrong.length === 0) return;
        // A batch is written whole or not at all: after the first try, one busy machine is not to keep the others back.
        const size = tries === 0 ? AT_ONCE : 1;
        for (let index = 0; index < wrong.length; index += size)
          await store.write(
            wrong.slice(index, index + size).map((machine) => holding(machine, severity)),
            BOOKS,
          );
      }
      throw new Error(`The machines of "${account}" change too fast to be held; it is tried again.`);
    },
  };
}

function holding(machine: StoredObject, severity: HoldSeverity | null) {
  const { [HOLD]: _ended, ...others } = machine.metadata.overrides;
  const hold = { value: severity, by: BOOKS.actor, until: null, reason: `The account is held: ${severity}.` };
  const overrides = severity === null ? others : { ...others, [HOLD]: hold };
  const object = { ...machine, metadata: { ...machine.metadata, overrides } };
  return { op: 'update' as const, object, expect: machine.metadata.resourceVersion, uniqueKeys: [] };
}

async function machinesOf(store: Pick<ObjectStore, 'list'>, account: StoredObject): Promise<StoredObject[]> {
  const projects = await projectsOf(store, account);
  const lists = await Promise.all(
    projects.map(({ metadata: { name } }) => all(store, 'VirtualMachine', { project: name })),
  );
  return lists.flat();
}
