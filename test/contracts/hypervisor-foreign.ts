import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { codeOf, defined, good, machineSpec, type Scene, sightOf, willClearMachine } from './hypervisor-fixture.ts';

export function describeForeign(scene: () => Scene, timeoutMs: number): void {
  const foreign = async () => {
    const uid = await scene().outside.defineMachine();
    scene().made.push(() => scene().outside.removeMachine(uid));
    return uid;
  };

  const adoption = (foreignUid: string) => ({
    foreignUid,
    uid: randomUUID(),
    title: 'shop/adopted',
    installationId: scene().installationId,
  });

  describe('machines of others', () => {
    it(
      'are seen, as not ours',
      async () => {
        const uid = await foreign();
        const all = await good(scene().hypervisor.machines.sight());
        expect(all.find((sight) => sight.uid === uid)).toMatchObject({
          owned: false,
          installationId: null,
          power: 'off',
        });
        expect(await sightOf(scene(), uid)).toMatchObject({ owned: false });
      },
      timeoutMs,
    );

    it(
      'are neither redefined nor removed',
      async () => {
        const { machines } = scene().hypervisor;
        const uid = await foreign();
        expect(await codeOf(machines.define(machineSpec(scene(), { uid })))).toBe('NotOwned');
        expect(await codeOf(machines.undefine(uid))).toBe('NotOwned');
        expect(await sightOf(scene(), uid)).toMatchObject({ owned: false, persistent: { memoryMiB: 64 } });
      },
      timeoutMs,
    );

    it(
      'become ours by adoption, with the definition they have',
      async () => {
        const { machines } = scene().hypervisor;
        const foreignUid = await scene().outside.defineMachine();
        const request = adoption(foreignUid);
        await good(machines.adopt(request));
        willClearMachine(scene(), request.uid);
        expect(await sightOf(scene(), request.uid)).toMatchObject({
          uid: request.uid,
          owned: true,
          installationId: scene().installationId,
          title: 'shop/adopted',
          power: 'off',
          persistent: { cpus: 1, memoryMiB: 64 },
        });
        await good(machines.adopt(request));
        await good(machines.start(request.uid));
        expect(await sightOf(scene(), request.uid)).toMatchObject({ power: 'running' });
        const all = await good(machines.sight());
        expect(all.filter(({ uid }) => uid === request.uid || uid === foreignUid)).toHaveLength(1);
        await good(machines.destroy(request.uid));
        await good(machines.undefine(request.uid));
        expect(await sightOf(scene(), request.uid)).toBeUndefined();
      },
      timeoutMs,
    );

    it(
      'cannot be adopted when they are not there, or belong to another object',
      async () => {
        const { machines } = scene().hypervisor;
        expect(await codeOf(machines.adopt(adoption(randomUUID())))).toBe('NotFound');
        const ours = await defined(scene());
        expect(await codeOf(machines.adopt(adoption(ours.uid)))).toBe('Exists');
        expect(await sightOf(scene(), ours.uid)).toMatchObject({ owned: true, title: ours.title });
      },
      timeoutMs,
    );
  });
}
