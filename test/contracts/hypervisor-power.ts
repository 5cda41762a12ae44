import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { codeOf, defined, doesOrLacks, eventually, good, running, type Scene, sightOf } from './hypervisor-fixture.ts';

export function describePower(scene: () => Scene, timeoutMs: number): void {
  describe('power', () => {
    describeSwitching(scene, timeoutMs);
    describePausing(scene, timeoutMs);
    describeFreshness(scene, timeoutMs);
  });
}

function describeSwitching(scene: () => Scene, timeoutMs: number): void {
  it(
    'is switched on once, however often it is asked for',
    async () => {
      const { machines } = scene().hypervisor;
      const spec = await running(scene());
      const first = await sightOf(scene(), spec.uid);
      expect(first).toMatchObject({ power: 'running', live: { uid: spec.uid, cpus: 1, memoryMiB: 64 } });
      expect(first?.runId).not.toBeNull();
      expect(first?.accelerator).not.toBeNull();
      await good(machines.start(spec.uid));
      expect((await sightOf(scene(), spec.uid))?.runId).toBe(first?.runId);
    },
    timeoutMs,
  );

  it(
    'is cut, and the next start is another run',
    async () => {
      const { machines } = scene().hypervisor;
      const spec = await running(scene());
      const first = await sightOf(scene(), spec.uid);
      await good(machines.destroy(spec.uid));
      const off = await sightOf(scene(), spec.uid);
      expect(off).toMatchObject({ power: 'off', powerReason: 'destroyed', runId: null, live: null, accelerator: null });
      expect(off?.persistent).not.toBeNull();
      await good(machines.destroy(spec.uid));
      await good(machines.start(spec.uid));
      const second = await sightOf(scene(), spec.uid);
      expect(second?.power).toBe('running');
      expect(second?.runId).not.toBe(first?.runId);
    },
    timeoutMs,
  );

  it(
    'goes off by the power button when the guest follows it',
    async () => {
      const { machines } = scene().hypervisor;
      const spec = await running(scene());
      await good(machines.shutdown(spec.uid));
      await good(machines.shutdown(spec.uid));
      if (!scene().cooperativeGuests) return;
      await eventually(scene(), async () => {
        expect(await sightOf(scene(), spec.uid)).toMatchObject({ power: 'off', powerReason: 'shutdown', runId: null });
      });
      await good(machines.shutdown(spec.uid));
    },
    timeoutMs,
  );

  it(
    'of one machine is not that of its neighbour',
    async () => {
      const [a, b] = [await running(scene()), await running(scene())];
      await good(scene().hypervisor.machines.destroy(a.uid));
      expect((await sightOf(scene(), a.uid))?.power).toBe('off');
      expect((await sightOf(scene(), b.uid))?.power).toBe('running');
    },
    timeoutMs,
  );

  it(
    'of a machine that is not there cannot be changed',
    async () => {
      const { machines } = scene().hypervisor;
      const uid = randomUUID();
      for (const verb of ['start', 'shutdown', 'destroy', 'reboot', 'reset', 'suspend', 'resume', 'stats'] as const) {
        expect([verb, await codeOf(machines[verb](uid))]).toEqual([verb, 'NotFound']);
      }
    },
    timeoutMs,
  );
}

function describePausing(scene: () => Scene, timeoutMs: number): void {
  it(
    'pauses and goes on within one run',
    async () => {
      const { machines } = scene().hypervisor;
      const spec = await running(scene());
      const runId = (await sightOf(scene(), spec.uid))?.runId;
      await good(machines.suspend(spec.uid));
      await good(machines.suspend(spec.uid));
      expect(await sightOf(scene(), spec.uid)).toMatchObject({ power: 'paused', runId });
      await good(machines.resume(spec.uid));
      await good(machines.resume(spec.uid));
      expect(await sightOf(scene(), spec.uid)).toMatchObject({ power: 'running', runId });
    },
    timeoutMs,
  );

  it(
    'stays on through a reboot and a reset',
    async () => {
      const { machines } = scene().hypervisor;
      const spec = await running(scene());
      await doesOrLacks(scene(), 'reboot', machines.reboot(spec.uid));
      await doesOrLacks(scene(), 'reset', machines.reset(spec.uid));
      await eventually(scene(), async () => expect((await sightOf(scene(), spec.uid))?.power).toBe('running'));
    },
    timeoutMs,
  );

  it(
    'that is off cannot be paused, resumed or reset',
    async () => {
      const { machines } = scene().hypervisor;
      const { uid } = await defined(scene());
      for (const verb of ['suspend', 'resume', 'reboot', 'reset'] as const) {
        const code = await codeOf(machines[verb](uid));
        if (code === 'Unsupported') scene().lacks.add(verb);
        else expect([verb, code]).toEqual([verb, 'Invalid']);
      }
      expect((await sightOf(scene(), uid))?.power).toBe('off');
    },
    timeoutMs,
  );
}

function describeFreshness(scene: () => Scene, timeoutMs: number): void {
  it(
    'cut behind our back is seen by the next look',
    async () => {
      const { machines } = scene().hypervisor;
      const { uid } = await running(scene());
      for (let round = 0; round < 3; round++) {
        await good(machines.start(uid));
        expect((await sightOf(scene(), uid))?.power).toBe('running');
        await scene().outside.destroy(uid);
        expect((await sightOf(scene(), uid))?.power).toBe('off');
      }
    },
    timeoutMs,
  );

  it(
    'is seen alike by all who look after an act, even while others are looking',
    async () => {
      const { machines } = scene().hypervisor;
      const { uid } = await defined(scene());
      const early = machines.sight([uid]);
      await good(machines.start(uid));
      const looks = await Promise.all(Array.from({ length: 8 }, () => good(machines.sight([uid]))));
      expect(looks.map((sights) => sights[0]?.power)).toEqual(Array(8).fill('running'));
      await good(early);
    },
    timeoutMs,
  );
}
