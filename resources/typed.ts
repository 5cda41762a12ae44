import type { StoredObject } from '../reconciler/object.ts';

/** A referenced object with the types of its kind: references are stored untyped, and admission has checked their spec. */
export function typed<Spec, Status>(object: StoredObject | undefined): StoredObject<Spec, Status> | undefined {
  return object as unknown as StoredObject<Spec, Status> | undefined;
}
