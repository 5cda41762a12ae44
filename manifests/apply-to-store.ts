import { type Admission, applyManifests } from '../reconciler/admission/apply.ts';
import type { AdmissionIssue } from '../reconciler/admission/manifest.ts';
import { keyOf, keyText } from '../reconciler/object.ts';
import type { Principal } from '../reconciler/principal.ts';
import { keyOfManifest } from './manifest-key.ts';
import { inOrder } from './order.ts';
import type { Held } from './prune.ts';
import type { ApplyIssue, SourceApply } from './source.ts';

const PAGE = 500;
const HELD_MAX = 200_000;

/** Applies sources' manifests through admission, in the name of the source. */
export function applyToStore(admission: Admission): SourceApply {
  const { store, registry, environment } = admission;
  return {
    async apply({ manifests, remove, source }) {
      const principal: Principal = { actor: source, onBehalfOf: null, from: 'loop', requestId: environment.ids.uid() };
      const deletes = await lastFirst(remove);
      const outcome = await applyManifests(admission, { manifests, deletes, principal, source });
      if (!outcome.ok) return { ok: false, issues: outcome.issues.map((issue) => placed(issue, manifests.length)) };
      const unchanged = outcome.results.filter((result) => result.change === 'unchanged').length;
      return { ok: true, applied: outcome.results.length - unchanged, unchanged };
    },
    async held(source) {
      const held: Held[] = [];
      for (const kind of registry.kinds) {
        for (let after: string | undefined; held.length < HELD_MAX; ) {
          const page = await store.list({
            kind: kind.kind,
            source,
            orderBy: 'name',
            limit: PAGE,
            ...(after && { after }),
          });
          for (const { object } of page.items) {
            const owners = Object.entries(object.metadata.managed).filter(([, paths]) => paths.length > 0);
            const shared = owners.some(([owner]) => owner !== source);
            if (object.metadata.deletedAt === null) held.push({ key: keyOf(object), shared });
          }
          after = page.items.at(-1)?.cursor;
          if (!page.hasMore || after === undefined) break;
        }
      }
      return held;
    },
  };

  /** What is an issue of a removal has no place in the manifests. */
  function placed({ index, path, message }: AdmissionIssue, manifests: number): ApplyIssue {
    return { index: index < manifests ? index : null, path, message };
  }

  /** Users of a thing go before the thing; what is gone already need not go. */
  async function lastFirst(remove: Parameters<SourceApply['apply']>[0]['remove']) {
    const objects = (await store.getByKey(remove)).flatMap((object) => object ?? []);
    const ordered = inOrder(
      objects.map((manifest) => ({ manifest })),
      registry,
    ).ordered;
    const order = new Map(ordered.map(({ manifest }, i) => [keyText(keyOfManifest(manifest)), i]));
    return remove
      .filter((key) => order.has(keyText(key)))
      .sort((a, b) => (order.get(keyText(b)) ?? 0) - (order.get(keyText(a)) ?? 0));
  }
}
