import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type { NetworkSight } from '../../hypervisor/port.ts';
import { addressIn, can, codeOf, good, network, networkSpec, type Scene } from './hypervisor-fixture.ts';

export function describeNetworks(scene: () => Scene, timeoutMs: number): void {
  describe('networks', () => {
    describeLife(scene, timeoutMs);
    describeForeignNetworks(scene, timeoutMs);
    describeReservations(scene, timeoutMs);
  });
}

async function seen(scene: Scene, uid: string): Promise<NetworkSight | undefined> {
  return (await good(scene.hypervisor.networks.sight([uid])))[0];
}

function describeLife(scene: () => Scene, timeoutMs: number): void {
  it(
    'are on and as wished, however often they are asked for',
    async () => {
      const { networks } = scene().hypervisor;
      expect(await seen(scene(), randomUUID())).toBeUndefined();
      const spec = await network(scene());
      await good(networks.ensure(spec));
      const { installationId } = scene();
      expect(await seen(scene(), spec.uid)).toMatchObject({
        owned: true,
        installationId,
        active: true,
        reservations: [],
      });
      expect((await seen(scene(), spec.uid))?.spec).toEqual(spec);
      const all = await good(networks.sight());
      expect(all.filter(({ uid }) => uid === spec.uid)).toHaveLength(1);
    },
    timeoutMs,
  );

  it(
    'of each sort are kept as wished',
    async () => {
      const nat = await network(scene(), { forward: 'nat', mtu: 1400 });
      const bare = await network(scene(), { dhcp: null, dns: false });
      expect((await seen(scene(), nat.uid))?.spec).toEqual(nat);
      expect((await seen(scene(), bare.uid))?.spec).toEqual(bare);
    },
    timeoutMs,
  );

  it(
    'are stopped and started again',
    async () => {
      const { networks } = scene().hypervisor;
      const spec = await network(scene());
      await good(networks.stop(spec.uid));
      await good(networks.stop(spec.uid));
      expect(await seen(scene(), spec.uid)).toMatchObject({ active: false, owned: true });
      await good(networks.ensure(spec));
      expect(await seen(scene(), spec.uid)).toMatchObject({ active: true });
      await scene().outside.stopNetwork(spec.uid);
      expect(await seen(scene(), spec.uid)).toMatchObject({ active: false });
    },
    timeoutMs,
  );

  it(
    'go when they are removed, on or off, and may be removed twice',
    async () => {
      const { networks } = scene().hypervisor;
      const [on, off] = [await network(scene()), await network(scene())];
      await good(networks.stop(off.uid));
      for (const uid of [on.uid, off.uid, on.uid]) await good(networks.remove(uid));
      expect(await good(networks.sight([on.uid, off.uid]))).toEqual([]);
    },
    timeoutMs,
  );

  it(
    'do not count as routes of the host itself',
    async () => {
      const spec = await network(scene());
      const { known, cidrs } = await good(scene().hypervisor.networks.hostRoutes());
      expect(cidrs).not.toContain(spec.cidr);
      if (!known) expect(cidrs).toEqual([]);
    },
    timeoutMs,
  );

  it(
    'that are not there cannot be stopped or given addresses',
    async () => {
      const { networks } = scene().hypervisor;
      const uid = randomUUID();
      const reservation = { mac: '52:54:00:5e:01:01', ip: '10.213.0.20', hostname: 'web' };
      expect(await codeOf(networks.stop(uid))).toBe('NotFound');
      expect(await codeOf(networks.reserve({ uid, reservation }))).toBe('NotFound');
      expect(await codeOf(networks.leases(uid))).toBe('NotFound');
    },
    timeoutMs,
  );
}

function describeForeignNetworks(scene: () => Scene, timeoutMs: number): void {
  it(
    'of others are seen and left alone',
    async () => {
      const { networks } = scene().hypervisor;
      const uid = await scene().outside.defineNetwork();
      scene().made.push(() => scene().outside.removeNetwork(uid));
      expect(await seen(scene(), uid)).toMatchObject({ owned: false, installationId: null, active: true });
      expect(await codeOf(networks.ensure(networkSpec(scene(), { uid })))).toBe('NotOwned');
      expect(await codeOf(networks.remove(uid))).toBe('NotOwned');
      expect(await seen(scene(), uid)).toMatchObject({ owned: false, active: true });
    },
    timeoutMs,
  );
}

function describeReservations(scene: () => Scene, timeoutMs: number): void {
  it(
    'keep fixed addresses: one for each MAC, through stops and changes',
    async () => {
      const { networks } = scene().hypervisor;
      const spec = await network(scene());
      const { uid } = spec;
      const web = { mac: '52:54:00:5e:01:01', ip: addressIn(spec, 20), hostname: 'web' };
      const db = { mac: '52:54:00:5e:01:02', ip: addressIn(spec, 21), hostname: 'db' };
      const reserve = (reservation: typeof web) => networks.reserve({ uid, reservation });
      if (!(await can(scene(), { capability: 'networkUpdate', call: () => reserve(web) }))) return;
      for (const reservation of [web, db, web]) await good(reserve(reservation));
      expect(await reservations(scene(), uid)).toEqual([web, db]);
      const moved = { ...web, ip: addressIn(spec, 30) };
      await good(reserve(moved));
      expect(await reservations(scene(), uid)).toEqual([moved, db]);
      await good(networks.stop(uid));
      await good(networks.ensure(spec));
      await good(networks.ensure({ ...spec, domain: 'other.internal' }));
      expect(await seen(scene(), uid)).toMatchObject({ active: true, spec: { domain: 'other.internal' } });
      expect(await reservations(scene(), uid)).toEqual([moved, db]);
    },
    timeoutMs,
  );

  it(
    'give an address and a name to one only, and take them back',
    async () => {
      const { networks } = scene().hypervisor;
      if (!scene().hypervisor.capabilities.networkUpdate) return;
      const spec = await network(scene());
      const { uid } = spec;
      const web = { mac: '52:54:00:5e:01:01', ip: addressIn(spec, 20), hostname: 'web' };
      const thief = { mac: '52:54:00:5e:01:02', ip: web.ip, hostname: 'thief' };
      await good(networks.reserve({ uid, reservation: web }));
      expect(await codeOf(networks.reserve({ uid, reservation: thief }))).toBe('Exists');
      const namesake = { ...thief, ip: addressIn(spec, 21), hostname: web.hostname };
      expect(await codeOf(networks.reserve({ uid, reservation: namesake }))).toBe('Exists');
      expect(await reservations(scene(), uid)).toEqual([web]);
      await good(networks.release({ uid, mac: web.mac }));
      await good(networks.release({ uid, mac: web.mac }));
      expect(await reservations(scene(), uid)).toEqual([]);
      await good(networks.reserve({ uid, reservation: thief }));
      expect(await good(networks.leases(uid))).toEqual([]);
    },
    timeoutMs,
  );
}

async function reservations(scene: Scene, uid: string) {
  const list = (await seen(scene, uid))?.reservations ?? [];
  return list.sort((a, b) => (a.mac < b.mac ? -1 : 1));
}
