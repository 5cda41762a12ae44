import type { JsonObject } from '../../../reconciler/json.ts';

/** The provider's own people belong to it. It is there from the first start, for everybody to look at, and is never billed. */
export const SERVICE_ACCOUNT = 'service';
export const SYSTEM_TYPE = 'system';

/** Whether an account is the provider's own: of older installations the name may be a customer's. */
export function isService({ metadata, spec }: { metadata: { name: string }; spec: JsonObject }): boolean {
  return metadata.name === SERVICE_ACCOUNT && spec.type === SYSTEM_TYPE;
}
