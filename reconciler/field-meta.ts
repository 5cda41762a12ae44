import { z } from 'zod';

/** What a change of the field means for the thing outside. `restart`: at the next start. `replace`: a new thing. */
export type UpdatePolicy = 'live' | 'restart' | 'replace' | 'immutable';

declare module 'zod' {
  interface GlobalMeta {
    update?: UpdatePolicy;
    /** Kind that the value names. */
    ref?: string;
    /** `untilReady`: what the value names may be deleted once the object itself has been Ready. By default it holds that for good. */
    holds?: 'untilReady';
    /** Write-only, sealed at rest. */
    secret?: boolean;
    /** For forms: group heading, order within it, widget. */
    group?: string;
    order?: number;
    widget?: string;
    sensitivity?: 'personal';
  }
}

/** A DNS label as RFC 1123 has it: what names of objects look like. */
export const NAME = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

const REFERENCE = /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\/)?[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** A reference by name: `name` in the own project (or a kind without projects), `project/name` for something shared by another. */
export function ref(kind: string) {
  return z
    .string()
    .max(127)
    .regex(REFERENCE, `name of a ${kind}: lower-case letters, digits and "-", or "project/name"`)
    .meta({ ref: kind });
}

/** A write-only value: sealed at rest, never shown again, in plans and events only its version and fingerprint. */
export function secret(maxLength = 65_536) {
  return z.string().min(1).max(maxLength).meta({ secret: true });
}

/** A CIDR in IPv4, e.g. `10.1.1.0/24`. Host bits must be zero; kinds check that beside overlap. */
export function cidrv4() {
  return z.cidrv4().describe('IPv4 network such as 10.1.1.0/24.');
}
