/** Plain JSON: what manifests, specs, statuses, step arguments and records are made of. */
export type Json = null | boolean | number | string | Json[] | JsonObject;
export type JsonObject = { [key: string]: Json };

/** A code with its parameters; people's words are rendered from message catalogues at the edge (see messages.ts). */
export interface Reason {
  /** PascalCase, e.g. `NoCapacity`. */
  code: string;
  params: Record<string, string | number | boolean>;
}

export function reason(code: string, params: Reason['params'] = {}): Reason {
  return { code, params };
}
