import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeReal, labParts } from '../../test/real-parts.ts';
import type { NicSpec } from '../port.ts';
import {
  type ConnectedLab,
  codeOf,
  connectLab,
  makeDisk,
  makeNetwork,
  makePool,
  running,
  sightOf,
  smallMachine,
  until,
  value,
} from './lab-host.fixture.ts';

const timeoutMs = 120_000;

describeReal('a hung guest', labParts, () => {
  let host: ConnectedLab;
  beforeAll(async () => {
    host = await connectLab({ name: 'hung' });
  }, timeoutMs);
  afterAll(() => host.close(), timeoutMs);

  it(
    'costs its neighbours nothing, gets no second call, and is itself again once it answers',
    async () => {
      const { machines } = host.hypervisor;
      const [hung, neighbour, other] = [await running(host), await running(host), await running(host)];
      await host.lab.signalGuest(hung.uid, 'STOP');
      expect(await codeOf(machines.suspend(hung.uid, { timeoutMs: 500 }))).toBe('Unresponsive');
      expect(await codeOf(machines.reset(hung.uid))).toBe('Unresponsive');

      expect(await sightOf(host, hung.uid)).toMatchObject({ unresponsive: true, power: 'running' });
      await value(machines.destroy(neighbour.uid));
      expect(await sightOf(host, neighbour.uid)).toMatchObject({ unresponsive: false, power: 'off' });
      await value(machines.start(neighbour.uid));
      await value(machines.suspend(other.uid));
      expect((await value(machines.stats(neighbour.uid))).cpuTimeNs).toBeGreaterThan(0n);
      const all = await value(machines.sight());
      expect(all.map(({ power }) => power).sort()).toEqual(['paused', 'running', 'running']);

      await host.lab.signalGuest(hung.uid, 'CONT');
      await until(async () => (await sightOf(host, hung.uid))?.unresponsive === false);
      await value(machines.resume(hung.uid));
      expect((await value(machines.stats(hung.uid))).cpuTimeNs).toBeGreaterThan(0n);
    },
    timeoutMs,
  );

  it(
    'has the counters of its NICs read still, beside those of all its neighbours',
    async () => {
      const { machines } = host.hypervisor;
      const nic = (number: number, networkUid: string): NicSpec => ({
        name: 'eth0',
        mac: `52:54:00:cc:01:0${number}`,
        networkUid,
        model: 'virtio',
        bootIndex: null,
        rateMbps: null,
      });
      const networkUid = await makeNetwork(host, 9);
      const poolUid = await makePool(host);
      const disks = async () => [await makeDisk(host, { poolUid })];
      const hung = await running(host, { nics: [nic(1, networkUid)], disks: await disks() });
      const neighbour = await running(host, { nics: [nic(2, networkUid)], disks: await disks() });
      await host.lab.signalGuest(hung.uid, 'STOP');
      // Twice: the first asks the guest, and waits its time; the second knows.
      for (const look of ['first', 'second']) {
        const all = await value(machines.counters());
        const found = (uid: string) => all.find((each) => each.uid === uid);
        expect([look, found(hung.uid)]).toMatchObject([look, { nics: [{ name: 'eth0', networkUid }], disks: null }]);
        expect(found(neighbour.uid)).toMatchObject({ nics: [{ name: 'eth0' }], disks: [{ name: 'root' }] });
      }
      await host.lab.signalGuest(hung.uid, 'CONT');
      await until(async () => (await sightOf(host, hung.uid))?.unresponsive === false);
      const back = (await value(machines.counters())).find(({ uid }) => uid === hung.uid);
      expect(back?.disks).toMatchObject([{ name: 'root' }]);
      for (const { uid } of [hung, neighbour]) await value(machines.destroy(uid));
    },
    timeoutMs,
  );

  it(
    'hints when it hangs and when it is back',
    async () => {
      const { machines } = host.hypervisor;
      const hung = await running(host);
      await host.lab.signalGuest(hung.uid, 'STOP');
      const hints: (string | null)[] = [];
      const stop = host.hypervisor.onChange(({ uid }) => hints.push(uid));
      await codeOf(machines.reset(hung.uid, { timeoutMs: 300 }));
      expect(hints).toContain(hung.uid);
      hints.length = 0;
      await host.lab.signalGuest(hung.uid, 'CONT');
      await until(async () => hints.includes(hung.uid));
      stop();
    },
    timeoutMs,
  );

  it(
    'can be destroyed, and so can four at once, which fill every place there is',
    async () => {
      const { machines } = host.hypervisor;
      const hung = [await running(host), await running(host), await running(host), await running(host)];
      for (const { uid } of hung) await host.lab.signalGuest(uid, 'STOP');
      const codes = await Promise.all(hung.map(({ uid }) => codeOf(machines.reset(uid, { timeoutMs: 300 }))));
      expect(codes).toEqual(Array(4).fill('Unresponsive'));
      const fifth = smallMachine(host);
      await value(machines.define(fifth));
      expect(await codeOf(machines.start(fifth.uid))).toBe('Unresponsive');

      await Promise.all(hung.map(({ uid }) => value(machines.destroy(uid))));
      const sights = await value(machines.sight(hung.map(({ uid }) => uid)));
      expect(sights.map(({ power }) => power)).toEqual(Array(4).fill('off'));
      await value(machines.start(fifth.uid));
    },
    timeoutMs,
  );
});
