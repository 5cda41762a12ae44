import { afterAll, afterEach, beforeAll, describe } from '@jest/globals';
import type { Hypervisor } from '../../hypervisor/port.ts';
import { describeCounters } from './hypervisor-counters.ts';
import { describeDefinitions } from './hypervisor-definitions.ts';
import { describeDevices } from './hypervisor-devices.ts';
import { cleanUp, type Scene } from './hypervisor-fixture.ts';
import { describeForeign } from './hypervisor-foreign.ts';
import { describeHost } from './hypervisor-host.ts';
import { describeNetworks } from './hypervisor-networks.ts';
import { describePools } from './hypervisor-pools.ts';
import { describePower } from './hypervisor-power.ts';
import { describeSnapshots } from './hypervisor-snapshots.ts';
import { describeTransfers } from './hypervisor-transfers.ts';
import { describeVolumes } from './hypervisor-volumes.ts';

/** A host with what a test needs to know about it and to do to it. Everything that tests make there they remove. */
export interface HypervisorUnderTest {
  hypervisor: Hypervisor;
  /** The one that `hypervisor` was opened for. */
  installationId: string;
  /** A folder for one pool, a fresh one with every call. */
  poolPath(): string;
  /** Pools are folders that outlive their definition (false for libvirt's test driver, which only has them in mind). */
  realFolders: boolean;
  /** Guests follow the power button and let go of devices, as an operating system does and firmware does not. */
  cooperativeGuests: boolean;
  outside: OutsideHand;
  /** Lets time go by. */
  pass(ms: number): Promise<void>;
  close(): Promise<void>;
}

/** What an operator does behind Steward's back: `virsh` on a libvirt host. */
export interface OutsideHand {
  destroy(uid: string): Promise<void>;
  undefine(uid: string): Promise<void>;
  stopNetwork(uid: string): Promise<void>;
  deleteVolume(volume: { poolUid: string; name: string }): Promise<void>;
  /** Things without any mark of ours; they answer their uid. A machine has 1 CPU and 64 MiB and is off; a network is on; names are free. */
  defineMachine(): Promise<string>;
  defineNetwork(): Promise<string>;
  definePool(): Promise<string>;
  removeMachine(uid: string): Promise<void>;
  removeNetwork(uid: string): Promise<void>;
  removePool(uid: string): Promise<void>;
}

/** The behaviour that every hypervisor adapter must have. At the end it prints what this one lacks. */
export function describeHypervisor(
  name: string,
  setup: () => Promise<HypervisorUnderTest>,
  options: { timeoutMs: number } = { timeoutMs: 60_000 },
): void {
  describe(name, () => {
    let current: Scene | undefined;
    const lacks = new Set<string>();
    beforeAll(async () => {
      current = { ...(await setup()), made: [], lacks, timeoutMs: options.timeoutMs };
    }, options.timeoutMs);
    afterEach(async () => {
      if (current) await cleanUp(current);
    }, options.timeoutMs);
    afterAll(async () => {
      await current?.close();
      process.stderr.write(`${name} lacks: ${[...lacks].sort().join(', ') || 'nothing'}\n`);
    }, options.timeoutMs);
    const scene = (): Scene => {
      if (!current) throw new Error('The host is there only while tests run.');
      return current;
    };
    const parts = [
      describeHost,
      describeDefinitions,
      describeForeign,
      describePower,
      describeDevices,
      describeCounters,
      describeNetworks,
      describePools,
      describeVolumes,
      describeTransfers,
      describeSnapshots,
    ];
    for (const describePart of parts) describePart(scene, options.timeoutMs);
  });
}
