import { expect, it } from '@jest/globals';
import { describeReal, labParts } from '../../test/real-parts.ts';
import { connectLab, smallMachine, value } from './lab-host.fixture.ts';

const timeoutMs = 60_000;

describeReal('KVM', labParts, () => {
  it.each(['hidden', 'present'] as const)(
    'of a host where its device is %s is told by running a guest, and machines that leave the choice start',
    async (kvm) => {
      const host = await connectLab({ name: `kvm-${kvm}`, kvm });
      try {
        const { machines, hosts } = host.hypervisor;
        const facts = await value(hosts.facts());
        const claimed = (await host.lab.virsh('capabilities')).includes("<domain type='kvm'");
        if (!claimed) expect(facts.kvm).toBe(false);
        expect(await value(machines.sight())).toEqual([]);
        const spec = smallMachine(host, { accelerator: 'auto' });
        await value(machines.define(spec));
        await value(machines.start(spec.uid));
        const [sight] = await value(machines.sight());
        expect(sight).toMatchObject({ power: 'running', accelerator: facts.kvm ? 'kvm' : 'tcg', persistent: spec });
        expect(await value(hosts.facts())).toEqual(facts);
        process.stderr.write(`KVM ${kvm}: claimed ${claimed}, works ${facts.kvm}\n`);
      } finally {
        await host.close();
      }
    },
    timeoutMs,
  );
});
