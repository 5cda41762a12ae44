import { isRefusal, unlessRefused } from './errors.ts';
import type { Lanes } from './lanes.ts';
import { LibvirtError } from './wire/errors.ts';
import { domainState } from './wire/flags.ts';
import { procedures } from './wire/procedures.ts';
import type { DomainRef } from './wire/refs.ts';
import type { Timers } from './wire/timers.ts';
import type { HostClaims } from './xml/capabilities.ts';
import { element } from './xml/tree.ts';
import { writeXml } from './xml/write.ts';

/**
 * Whether KVM works on a host. libvirt lists the domain type wherever /dev/kvm exists, which may neither open nor run a guest, so
 * a tiny one is really run, once per boot of the host.
 */
export interface KvmTrial {
  works(): Promise<boolean>;
}

export function openKvmTrial(given: TrialHost): KvmTrial {
  let last: { uptimeNs: number; works: Promise<boolean> } | null = null;
  return {
    async works() {
      if (!(await given.claims()).kvm) return false;
      const uptimeNs = await readUptime(given.lanes);
      if (last !== null && uptimeNs >= last.uptimeNs) {
        last.uptimeNs = uptimeNs;
        return await last.works;
      }
      const works = runTrial(given);
      last = { uptimeNs, works };
      works.catch(() => {
        last = null;
      });
      return await works;
    },
  };
}

interface TrialHost {
  lanes: Lanes;
  timers: Timers;
  claims: () => Promise<HostClaims>;
}

/**
 * The least any x86 host with KVM can do, whole: some virtual machines offer a KVM that runs firmware and no operating system, and
 * it shows in CPU features it cannot give.
 */
const trialCpu = element('cpu', { mode: 'custom', match: 'exact', check: 'full' }, [
  element('model', { fallback: 'forbid' }, 'kvm64'),
]);
/** Always the same name: one left behind by a crash is found and removed by the next trial. */
const trialName = 'steward-kvm-trial';
const trialMemoryKiB = 16_384;
/** A guest that KVM cannot run stops within this time. */
const observedForMs = 300;

/** CPU time since boot, of all CPUs together: it only ever falls when the host has started anew. */
async function readUptime(lanes: Lanes): Promise<number> {
  const sized = await lanes.inventory.call(procedures.nodeGetCpuStats, { cpu: -1, paramCount: 0, flags: 0 });
  const read = await lanes.inventory.call(procedures.nodeGetCpuStats, { cpu: -1, paramCount: sized.count, flags: 0 });
  return read.stats.reduce((sum, { value }) => sum + value, 0);
}

async function runTrial({ lanes, timers, claims }: TrialHost): Promise<boolean> {
  const domain = await startTrial(lanes, (await claims()).arch);
  if (domain === null) return false;
  await new Promise<void>((resolve) => timers.setTimeout(resolve, observedForMs));
  const works = await unlessRefused(
    lanes.inventory.call(procedures.domainGetState, { domain, flags: 0 }).then(({ state }) => isRunning(state)),
    ['NO_DOMAIN'],
    false,
  );
  await lanes.acts
    .call(procedures.domainDestroyFlags, { domain, flags: 0 }, { timeoutMs: 60_000 })
    .catch((error: unknown) => {
      if (!isRefusal(error, 'NO_DOMAIN', 'OPERATION_INVALID')) throw error;
    });
  return works;
}

/** Null where the host refuses to start it. */
async function startTrial(lanes: Lanes, arch: string): Promise<DomainRef | null> {
  const xml = writeXml(
    element('domain', { type: 'kvm' }, [
      element('name', {}, trialName),
      element('memory', { unit: 'KiB' }, trialMemoryKiB),
      element('vcpu', {}, 1),
      element('os', {}, [element('type', { arch }, 'hvm')]),
      arch === 'x86_64' ? trialCpu : null,
      element('devices', {}, [
        element('controller', { type: 'usb', model: 'none' }),
        element('memballoon', { model: 'none' }),
      ]),
    ]),
  );
  try {
    return (await lanes.monitor.call(procedures.domainCreateXml, { xml, flags: 0 }, { timeoutMs: 60_000 })).domain;
  } catch (error) {
    if (!(error instanceof LibvirtError)) throw error;
    if (!/already (exists|active)/.test(error.message)) return null;
    return (await lanes.inventory.call(procedures.domainLookupByName, { name: trialName })).domain;
  }
}

function isRunning(state: number): boolean {
  return state === domainState.running || state === domainState.blocked;
}
