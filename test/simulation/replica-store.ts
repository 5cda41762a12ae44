import type { Completion, EngineStore } from '../../reconciler/store.ts';
import type { Cluster } from './cluster.ts';
import { type FaultKind, InjectedError } from './faults.ts';
import type { Life } from './replica.ts';
import type { Watch } from './watch.ts';

type Method = (...args: never[]) => Promise<unknown>;

/** One process's way to the database: answers come late or not at all, and the process can end on either side of a commit. */
export function replicaStore(cluster: Cluster, life: Life, watch: Watch): EngineStore {
  const { store, chaos, clock } = cluster;
  const through = <F extends Method>(method: F, kind: 'read' | 'write' | 'commit'): F =>
    (async (...args: Parameters<F>) => {
      await life.gate();
      if (kind === 'commit' && chaos.strikes('crashBeforeCommit')) return life.crash('before a commit');
      if (chaos.strikes('slowStore')) await clock.sleep(chaos.prng.int(1, 3_000));
      if (chaos.strikes('storeError')) throw new InjectedError('the statement never arrived');
      await life.gate();
      const answer = await method(...args);
      if (kind === 'commit' && chaos.strikes('crashAfterCommit')) return life.crash('after a commit');
      if (kind === 'commit' && chaos.strikes('commitUnknown')) throw new InjectedError('the commit is unknown');
      await life.gate();
      return answer;
    }) as F;
  const leases = leaseBook(cluster, life, watch);
  return {
    claim: through(leases.claim, 'write'),
    renew: through(leases.renew, 'write'),
    load: through(async (uids) => watch.loaded(life, await store.load(uids)), 'read'),
    resolve: through(store.resolve, 'read'),
    consult: through(staleConsult(cluster), 'read'),
    reserve: through(async (reservations) => {
      const results = await store.reserve(reservations);
      watch.committed();
      return results;
    }, 'commit'),
    complete: through(async (completions) => completeAll(cluster, { life, watch, completions }), 'commit'),
    wake: through(store.wake, 'write'),
    wakePlace: through(store.wakePlace, 'write'),
    nextDueAt: through(store.nextDueAt, 'read'),
    setCapacity: through(store.setCapacity, 'write'),
    cover: through(store.cover, 'write'),
    existing: through(store.existing, 'read'),
    now: through(store.now, 'read'),
  };
}

async function completeAll(
  { store }: Cluster,
  { life, watch, completions }: { life: Life; watch: Watch; completions: readonly Completion[] },
) {
  watch.completing(completions);
  for (const { claim } of completions)
    if (life.leases.get(claim.uid)?.epoch === claim.epoch) life.leases.delete(claim.uid);
  const results = await store.complete(completions);
  completions.forEach((completion, index) => {
    if (results[index] === 'done') watch.completed(life, completion);
  });
  return results;
}

/** Remembers until when this process may believe that a row is its own. */
function leaseBook({ store, clock }: Cluster, life: Life, watch: Watch): Pick<EngineStore, 'claim' | 'renew'> {
  return {
    claim: async (request) => {
      const claims = await store.claim(request);
      for (const { uid, leaseUntil, epoch } of claims) {
        life.leases.set(uid, { epoch, until: leaseUntil });
        life.granted.set(uid, epoch);
        watch.claimed(uid);
      }
      return claims;
    },
    renew: async (claims, leaseMs) => {
      const lost = await store.renew(claims, leaseMs);
      for (const { uid, epoch } of claims) {
        const lease = life.leases.get(uid);
        if (!lost.has(uid) && lease?.epoch === epoch) lease.until = clock.now() + leaseMs;
      }
      return lost;
    },
  };
}

/** Sometimes the snapshot of a minute ago. */
function staleConsult({ store, chaos }: Cluster): EngineStore['consult'] {
  const old = new Map<string, Awaited<ReturnType<EngineStore['consult']>>>();
  const kind: FaultKind = 'staleConsult';
  return async (request) => {
    const name = JSON.stringify(request);
    const known = old.get(name);
    if (known && chaos.strikes(kind)) return known;
    const fresh = await store.consult(request);
    if (!known || chaos.prng.chance(0.3)) old.set(name, fresh);
    return fresh;
  };
}
