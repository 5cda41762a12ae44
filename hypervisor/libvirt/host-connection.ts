import type { Hint } from '../port.ts';
import { createEchoes, type Echoes } from './echoes.ts';
import { Inventory } from './inventory.ts';
import { type KvmTrial, openKvmTrial } from './kvm-trial.ts';
import type { Lanes } from './lanes.ts';
import { MonitorGate } from './monitor-gate.ts';
import { procedures } from './wire/procedures.ts';
import type { Timers } from './wire/timers.ts';
import { type HostClaims, parseCapabilities } from './xml/capabilities.ts';
import type { Dialect } from './xml/domain-build.ts';
import { readXml } from './xml/read.ts';

/** What all parts of the adapter share about one host. */
export interface HostConnection {
  readonly uri: string;
  readonly installationId: string;
  /** libvirt's driver name: `QEMU`, `TEST`, … */
  readonly driver: string;
  readonly lanes: Lanes;
  readonly gate: MonitorGate;
  readonly inventory: Inventory;
  readonly kvm: KvmTrial;
  readonly timers: Timers;
  readonly random: () => number;
  readonly hints: HintListeners;
  readonly echoes: Echoes;
  claims(): Promise<HostClaims>;
  /** How to write the XML of this host's domains. `tryKvm` finds out whether KVM works where that is not known yet. */
  dialect(options: { tryKvm: boolean }): Promise<Dialect>;
  /** A start has shown that the host has no CPU controller. */
  noteMissingCpuController(): void;
}

export type HintListeners = Set<(hint: Hint) => void>;

export interface HostConnectionOptions {
  uri: string;
  installationId: string;
  lanes: Lanes;
  timers: Timers;
  random: () => number;
}

/** Asks for the driver's name, the one thing that must be known before anything else. */
export async function connectHost(options: HostConnectionOptions): Promise<HostConnection> {
  const { lanes, timers, installationId } = options;
  const { type } = await lanes.inventory.call(procedures.connectGetType, {});
  const hints: HintListeners = new Set();
  const gate = new MonitorGate(lanes.monitor, (domainUuid) => {
    for (const listener of hints) listener({ noun: 'machine', uid: inventory.uidOf(domainUuid) });
  });
  const inventory = new Inventory({
    lane: lanes.inventory,
    installationId,
    isStuck: (domainUuid) => gate.isStuck(domainUuid),
    now: () => timers.now(),
  });
  const claims = remembered(() => readClaims(lanes));
  const kvm = openKvmTrial({ lanes, timers, claims });
  let cpuTuned = true;
  const dialect: HostConnection['dialect'] = async ({ tryKvm }) => ({
    driver: type,
    arch: (await claims()).arch,
    kvm: tryKvm && (await kvm.works()),
    cpuTuned,
    serialLogFolder: '/var/log/libvirt/qemu',
    machineTypes: (await claims()).machineTypes,
  });
  return {
    ...options,
    driver: type,
    gate,
    inventory,
    kvm,
    hints,
    echoes: createEchoes(() => timers.now()),
    claims,
    dialect,
    noteMissingCpuController: () => {
      cpuTuned = false;
    },
  };
}

async function readClaims(lanes: Lanes): Promise<HostClaims> {
  const { capabilities } = await lanes.inventory.call(procedures.connectGetCapabilities, {});
  return parseCapabilities(readXml(capabilities));
}

/** Asks once; a failed answer is not kept. */
function remembered<T>(ask: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | null = null;
  return () => {
    answer ??= ask().catch((error) => {
      answer = null;
      throw error;
    });
    return answer;
  };
}
