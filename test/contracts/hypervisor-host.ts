import { describe, expect, it } from '@jest/globals';
import { defined, eventually, good, MIB, network, pool, running, type Scene, volume } from './hypervisor-fixture.ts';

export function describeHost(scene: () => Scene, timeoutMs: number): void {
  describe('a host', () => {
    it(
      'says what it is',
      async () => {
        const facts = await good(scene().hypervisor.hosts.facts());
        expect(facts.hostname).not.toBe('');
        expect(facts.hypervisor).not.toBe('');
        expect(facts.arch).not.toBe('');
        expect(facts.cpus).toBeGreaterThan(0);
        expect(facts.memoryMiB).toBeGreaterThan(0);
        expect(typeof facts.kvm).toBe('boolean');
        expect(facts.firmware).toContain('bios');
      },
      timeoutMs,
    );

    it(
      'tells how busy it is, as far as it knows',
      async () => {
        const { memoryMiB } = await good(scene().hypervisor.hosts.facts());
        const { cpuPercent, memoryFreeMiB } = await good(scene().hypervisor.hosts.stats());
        expect(cpuPercent ?? 0).toBeGreaterThanOrEqual(0);
        expect(cpuPercent ?? 0).toBeLessThanOrEqual(100);
        expect(memoryFreeMiB ?? 0).toBeLessThanOrEqual(memoryMiB);
      },
      timeoutMs,
    );

    it('declares each capability', () => {
      const { adapter, driver, ...abilities } = scene().hypervisor.capabilities;
      expect(adapter).not.toBe('');
      expect(driver).not.toBe('');
      expect(new Set(Object.values(abilities).map((value) => typeof value))).toEqual(new Set(['boolean']));
      for (const [name, able] of Object.entries(abilities)) if (!able) scene().lacks.add(name);
    });

    it(
      'hints at what changes, until the listener has had enough',
      async () => {
        const { hypervisor } = scene();
        if (!hypervisor.capabilities.events) return;
        const heard: (string | null)[] = [];
        const stop = hypervisor.onChange(({ noun, uid }) => {
          if (noun === 'machine') heard.push(uid);
        });
        const spec = await running(scene());
        // An adapter need not tell its caller of the caller's own acts, only of what others do.
        await scene().outside.destroy(spec.uid);
        await eventually(scene(), async () => {
          expect(heard.some((uid) => uid === spec.uid || uid === null)).toBe(true);
        });
        stop();
        const other = await running(scene());
        await scene().outside.destroy(other.uid);
        await scene().pass(200);
        expect(heard).not.toContain(other.uid);
      },
      timeoutMs,
    );

    it(
      'does nothing once the caller has given up',
      async () => {
        const { machines, networks, pools, volumes } = scene().hypervisor;
        const signal = AbortSignal.abort();
        const spec = await defined(scene());
        const net = await network(scene());
        const poolUid = await pool(scene());
        const address = await volume(scene(), { poolUid, bytes: MIB });
        const answers = await Promise.all([
          machines.start(spec.uid, { signal }),
          machines.undefine(spec.uid, { signal }),
          machines.sight([spec.uid], { signal }),
          networks.stop(net.uid, { signal }),
          pools.remove(poolUid, { signal }),
          volumes.remove(address, { signal }),
        ]);
        expect(answers.map((answer) => !answer.ok && answer.error.code)).toEqual(Array(6).fill('Aborted'));
        expect((await good(machines.sight([spec.uid])))[0]?.power).toBe('off');
        expect((await good(networks.sight([net.uid])))[0]?.active).toBe(true);
        expect(await good(volumes.sight({ poolUid, names: [address.name] }))).toHaveLength(1);
      },
      timeoutMs,
    );
  });
}
