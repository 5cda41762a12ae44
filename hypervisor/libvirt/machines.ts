import type { CallOptions, MachinePort, Result } from '../port.ts';
import { openConsole } from './console.ts';
import { adopt, define, lacksCpuController, lookForOurs, ownDomain, redefine, undefine } from './definitions.ts';
import { attempt, attemptRead, isRefusal, PortFailure } from './errors.ts';
import type { HostConnection } from './host-connection.ts';
import { readCounters } from './machine-counters.ts';
import { deviceActs } from './machine-devices.ts';
import { readStats } from './machine-stats.ts';
import type { LibvirtError } from './wire/errors.ts';
import { domainFlags, domainLifecycle, domainState } from './wire/flags.ts';
import { procedures } from './wire/procedures.ts';
import type { DomainRef } from './wire/refs.ts';

export function createMachinePort(host: HostConnection): MachinePort {
  const { gate } = host;
  const act = (run: (uid: string, options: CallOptions | undefined) => Promise<void>) => {
    return (uid: string, options?: CallOptions): Promise<Result<void>> => attempt(options, () => run(uid, options));
  };
  return {
    sight: (uids, options) => attemptRead(options, () => host.inventory.sight(uids)),
    define: (spec, options) => attempt(options, () => define(host, spec)),
    adopt: (request, options) => attempt(options, () => adopt(host, request)),
    start: act((uid, options) => start(host, uid, options)),
    shutdown: act((uid, options) =>
      press(host, { uid, done: off }, (domain) => {
        const flags = host.driver === 'QEMU' ? domainFlags.shutdownAcpi : 0;
        return gate.call(domain.uuid, procedures.domainShutdownFlags, { domain, flags }, options?.timeoutMs);
      }),
    ),
    destroy: act((uid, options) => destroy(host, uid, options)),
    reboot: act((uid, options) =>
      press(host, { uid, done: [] }, (domain) =>
        gate.call(domain.uuid, procedures.domainReboot, { domain, flags: 0 }, options?.timeoutMs),
      ),
    ),
    reset: act((uid, options) =>
      press(host, { uid, done: [] }, (domain) =>
        gate.call(domain.uuid, procedures.domainReset, { domain, flags: 0 }, options?.timeoutMs),
      ),
    ),
    suspend: act((uid, options) =>
      press(host, { uid, done: paused }, (domain) =>
        gate.call(domain.uuid, procedures.domainSuspend, { domain }, options?.timeoutMs),
      ),
    ),
    resume: act((uid, options) =>
      press(host, { uid, done: running }, (domain) =>
        gate.call(domain.uuid, procedures.domainResume, { domain }, options?.timeoutMs),
      ),
    ),
    undefine: act((uid) => undefine(host, uid)),
    ...deviceActs(host),
    stats: (uid, options) => attempt(options, () => readStats(host, uid, options)),
    counters: (options) => attemptRead(options, () => readCounters(host, options)),
    openConsole: (uid, options) => attempt(options, () => openConsole(host, uid)),
  };
}

async function stateOf(host: HostConnection, domain: DomainRef): Promise<number> {
  return (await host.lanes.inventory.call(procedures.domainGetState, { domain, flags: 0 })).state;
}

const startTimeoutMs = 60_000;
/** Where orphans are reaped slowly, libvirt waits up to 15 s for a process that is long gone. */
const destroyTimeoutMs = 60_000;

const off: readonly number[] = [domainState.shutoff, domainState.crashed, domainState.shutdown];
const paused: readonly number[] = [domainState.paused];
const running: readonly number[] = [domainState.running, domainState.blocked];

async function start(host: HostConnection, uid: string, options: CallOptions | undefined): Promise<void> {
  const domain = await ownDomain(host, uid);
  const begin = () => {
    host.echoes.expect(domain.uuid, [domainLifecycle.started, domainLifecycle.resumed]);
    const timeoutMs = options?.timeoutMs ?? startTimeoutMs;
    return host.gate.call(domain.uuid, procedures.domainCreateWithFlags, { domain, flags: 0 }, timeoutMs);
  };
  try {
    await begin();
  } catch (error) {
    if (lacksCpuController(error)) {
      // The host cannot weigh guests; that is no reason to have none. The definition is written again without the weight.
      host.noteMissingCpuController();
      await redefine(host, uid, (spec) => ({ ...spec }));
      await begin();
    } else if (!refusesState(error) || off.includes(await stateOf(host, domain))) throw error;
  } finally {
    host.inventory.markChanged(domain.uuid);
  }
}

/** Not through the gate: libvirt ends the process without asking the monitor, so it works on a hung guest as well. */
async function destroy(host: HostConnection, uid: string, options: CallOptions | undefined): Promise<void> {
  const ref = await lookForOurs(host, uid);
  if (ref === null) throw new PortFailure('NotFound', `There is no machine ${uid}.`);
  const timeoutMs = Math.max(destroyTimeoutMs, options?.timeoutMs ?? 0);
  const ending = host.lanes.acts.call(procedures.domainDestroyFlags, { domain: ref, flags: 0 }, { timeoutMs });
  try {
    await ending;
  } catch (error) {
    if (!refusesState(error) && !isRefusal(error, 'NO_DOMAIN')) throw error;
  } finally {
    host.inventory.markChanged(ref.uuid);
  }
}

/** A call into the monitor. Where libvirt refuses since the machine is in one of the `done` states already, it is done. */
async function press(
  host: HostConnection,
  { uid, done }: { uid: string; done: readonly number[] },
  call: (domain: DomainRef) => Promise<unknown>,
): Promise<void> {
  const domain = await ownDomain(host, uid);
  try {
    await call(domain);
  } catch (error) {
    if (!refusesState(error)) throw error;
    if (!done.includes(await stateOf(host, domain))) throw new PortFailure('Invalid', error.message);
  } finally {
    host.inventory.markChanged(domain.uuid);
  }
}

/** A refusal since the machine is not in the state that the call needs. The test driver calls this an internal error. */
function refusesState(error: unknown): error is LibvirtError {
  const internal = isRefusal(error, 'INTERNAL_ERROR') && /already running|not running|not paused/.test(error.message);
  return internal || isRefusal(error, 'OPERATION_INVALID');
}
