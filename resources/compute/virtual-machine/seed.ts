import { createHash } from 'node:crypto';
import type { Refs } from '../../../reconciler/kind.ts';
import type { StoredObject } from '../../../reconciler/object.ts';
import { typed } from '../../typed.ts';
import type { SecretSpec } from '../secret/kind.ts';
import { buildIso } from './iso9660.ts';
import type { MachineWish } from './spec.ts';

/** What a guest is told through its seed. User data out of a Secret stays sealed here: only the act opens it. */
export interface SeedWish {
  instanceId: string;
  hostname: string;
  sshKeys: readonly string[];
  userData: { text: string } | { sealed: string } | null;
}

/**
 * The seed that is wished; null: none is needed; `undefined`: not known now, since something that it is made of is missing. A machine
 * without keys, user data or a host name of its own gets no seed: its name reaches it by DHCP.
 */
export function seedWish(object: StoredObject<MachineWish>, refs: Refs): SeedWish | null | undefined {
  const { spec, metadata } = object;
  const wanted =
    spec.hostname !== undefined ||
    spec.sshKeys.length > 0 ||
    spec.userData !== undefined ||
    spec.userDataFrom !== undefined;
  if (!wanted) return null;
  const keys = spec.sshKeys.map(
    (_, index) => typed<{ publicKey: string }, object>(refs.at(`/sshKeys/${index}`))?.spec.publicKey,
  );
  const userData = userDataOf(spec, refs);
  if (keys.includes(undefined) || userData === undefined) return undefined;
  return {
    instanceId: metadata.uid,
    hostname: hostnameOf(object),
    sshKeys: keys.flatMap((key) => (key === undefined ? [] : [key.trim()])),
    userData,
  };
}

export function hostnameOf({ spec, metadata }: StoredObject<MachineWish>): string {
  return spec.hostname ?? metadata.name;
}

function userDataOf(spec: MachineWish, refs: Refs): SeedWish['userData'] | undefined {
  if (spec.userData !== undefined) return { text: spec.userData };
  if (spec.userDataFrom === undefined) return null;
  const sealed = typed<SecretSpec, object>(refs.at('/userDataFrom/secret'))?.spec.data[spec.userDataFrom.key];
  return sealed === undefined ? undefined : { sealed };
}

/** The name says whose it is and what is in it, so that other content is another file. */
export function seedFileName(wish: SeedWish): string {
  const digest = createHash('sha256').update(JSON.stringify(wish)).digest('hex').slice(0, 8);
  return `seed-${wish.instanceId}-${digest}.iso`;
}

const SEED = /^seed-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})-[0-9a-f]{8}\.iso$/;

/** Uid of the machine whose seed this file is, or null. */
export function seedOwner(fileName: string): string | null {
  return SEED.exec(fileName)?.[1] ?? null;
}

/** A NoCloud seed as cloud-init reads it: a CD labelled `cidata` with meta-data and user-data. `userData` is in the clear. */
export function seedImage(wish: SeedWish, { userData, at }: { userData: string; at: number }): Uint8Array {
  const files = { 'meta-data': metaData(wish), 'user-data': userData };
  return buildIso({
    volumeId: 'cidata',
    files: Object.entries(files).map(([name, text]) => ({ name, bytes: Buffer.from(text) })),
    at,
  });
}

/** What a guest without user data gets: cloud-init wants the file to be there. */
export const EMPTY_USER_DATA = '#cloud-config\n{}\n';

function metaData({ instanceId, hostname, sshKeys }: SeedWish): string {
  const lines = [`instance-id: ${instanceId}`, `local-hostname: ${hostname}`];
  if (sshKeys.length > 0) lines.push('public-keys:', ...sshKeys.map((key) => `  - ${JSON.stringify(key)}`));
  return `${lines.join('\n')}\n`;
}
