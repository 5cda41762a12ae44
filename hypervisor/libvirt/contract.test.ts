import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeHypervisor, type HypervisorUnderTest, type OutsideHand } from '../../test/contracts/hypervisor.ts';
import type { LabHost } from '../../test/lab/host.ts';
import { startLabHost } from '../../test/lab/lab.ts';
import { describeReal, labParts } from '../../test/real-parts.ts';
import { createLibvirtDirectory } from './connect.ts';

describeReal('libvirt hosts', labParts, () => {
  describeHypervisor('libvirt, test driver', () => setUp('test'), { timeoutMs: 60_000 });
  describeHypervisor('libvirt, qemu driver', () => setUp('qemu'), { timeoutMs: 120_000 });
});

async function setUp(driver: 'test' | 'qemu'): Promise<HypervisorUnderTest> {
  const lab = await startLabHost({ name: `contract-${driver}`, driver });
  // libvirt locks a console's device there, as on every Debian host.
  await lab.exec(['mkdir', '-p', '/run/lock']);
  const folder = await mkdtemp(join(tmpdir(), 'steward-contract-'));
  const installationId = randomUUID();
  const directory = createLibvirtDirectory({ installationId, resolveUri: async () => lab.uri });
  const at = await directory.at('host');
  if (!at.ok) throw new Error(at.error.message);
  let pools = 0;
  return {
    hypervisor: at.value,
    installationId,
    poolPath: () => `/var/lib/libvirt/images/pool-${++pools}`,
    realFolders: driver === 'qemu',
    cooperativeGuests: driver === 'test',
    outside: outsideHand(lab, { driver, folder }),
    pass: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    close: async () => {
      await directory.close();
      await lab.stop();
      await rm(folder, { recursive: true });
    },
  };
}

/** The operator with virsh. */
function outsideHand({ virsh }: LabHost, { driver, folder }: { driver: string; folder: string }): OutsideHand {
  let things = 0;
  const fromXml = async (command: string, xml: string) => {
    const file = join(folder, `${++things}.xml`);
    await writeFile(file, xml);
    await virsh(command, file);
  };
  return {
    destroy: async (uid) => void (await virsh('destroy', uid)),
    undefine: async (uid) => void (await virsh('undefine', uid)),
    stopNetwork: async (uid) => void (await virsh('net-destroy', uid)),
    deleteVolume: async ({ poolUid, name }) => void (await virsh('vol-delete', name, '--pool', poolUid)),
    async defineMachine() {
      const uid = randomUUID();
      const os = "<os><type arch='x86_64'>hvm</type></os>";
      await fromXml(
        'define',
        `<domain type='${driver}'><name>other-${uid}</name><uuid>${uid}</uuid><memory unit='MiB'>64</memory><vcpu>1</vcpu>${os}</domain>`,
      );
      return uid;
    },
    async defineNetwork() {
      const uid = randomUUID();
      const bridge = `oth${uid.slice(0, 8)}`;
      await fromXml(
        'net-define',
        `<network><name>other-${uid}</name><uuid>${uid}</uuid><bridge name='${bridge}'/></network>`,
      );
      await virsh('net-start', uid);
      return uid;
    },
    async definePool() {
      const uid = randomUUID();
      const path = `/var/lib/libvirt/images/other-${uid}`;
      await fromXml(
        'pool-define',
        `<pool type='dir'><name>other-${uid}</name><uuid>${uid}</uuid><target><path>${path}</path></target></pool>`,
      );
      return uid;
    },
    removeMachine: async (uid) => void (await virsh('undefine', uid)),
    removeNetwork: async (uid) => {
      await virsh('net-destroy', uid);
      await virsh('net-undefine', uid);
    },
    removePool: async (uid) => void (await virsh('pool-undefine', uid)),
  };
}
