import type { Ports } from '../ports.ts';
import { askPool } from './pool-reach.ts';

/** Files of a pool that belong to objects of one kind, by their names. Silent unless every host of the pool answers. */
export async function fileInventory(
  ports: Ports,
  poolUid: string,
  uidOf: (fileName: string) => string | null,
): Promise<{ uid: string; externalId: string }[] | 'silent'> {
  const { answers, silent } = await askPool(ports, poolUid, (host) => host.volumes.sight({ poolUid }));
  if (silent.length > 0) return 'silent';
  const names = new Set(answers.flatMap(({ value }) => value.map(({ name }) => name)));
  return [...names].flatMap((name) => {
    const uid = uidOf(name);
    return uid === null ? [] : [{ uid, externalId: name }];
  });
}
