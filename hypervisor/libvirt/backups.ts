import type { VolumeAddress } from '../port.ts';
import { capabilitiesOf } from './capabilities.ts';
import { readOurs } from './definitions.ts';
import { isRefusal, PortFailure, tellsNoSpace, unlessRefused } from './errors.ts';
import type { HostConnection } from './host-connection.ts';
import { domainBackupFlags, domainJobOperation, domainJobStatsFlags, domainJobType } from './wire/flags.ts';
import { procedures } from './wire/procedures.ts';
import type { DomainRef } from './wire/refs.ts';
import { valuesOf } from './wire/typed-params.ts';
import { buildBackup, parseBackupTargets } from './xml/backup.ts';
import { disksOf, parseDisk, targetOf } from './xml/devices.ts';
import { readXml } from './xml/read.ts';
import type { Volume } from './xml/storage.ts';
import { writeXml } from './xml/write.ts';

/** Begins to copy what a disk of a running guest holds at this instant into a file that is there. Answers the domain's UUID. */
export async function beginBackup(
  host: HostConnection,
  { machineUid, from, source, path }: { machineUid: string; from: VolumeAddress; source: Volume; path: string },
): Promise<string> {
  if (!capabilitiesOf(host.driver).snapshotRunning) {
    throw new PortFailure('Unsupported', 'This host lacks snapshotRunning.');
  }
  const { tree, domain, ref } = await readOurs(host, machineUid, 0);
  if ((await targetsOf(host, ref)) !== null) {
    throw new PortFailure('Busy', `Another disk of machine ${machineUid} is being copied.`);
  }
  const disks = disksOf(tree);
  const disk = disks.find((each) => {
    const has = parseDisk(each).source;
    return has?.name === source.path || (has?.poolUid === from.poolUid && has.name === from.name);
  });
  if (disk === undefined) throw new PortFailure('Failed', `Machine ${machineUid} has let go of ${from.name}.`);
  const targets = disks.map(targetOf);
  const args = {
    domain: ref,
    backupXml: writeXml(buildBackup({ target: targetOf(disk), others: targets, path })),
    checkpointXml: null,
    flags: domainBackupFlags.reuseExternal,
  };
  await host.gate.call(domain.uuid, procedures.domainBackupBegin, args, beginTimeoutMs);
  return domain.uuid;
}

/** Looks until the guest has copied all of it. An abort ends the copying first; a copy that did not end well is a failure. */
export async function untilBackupEnds(
  host: HostConnection,
  uuid: string,
  { signal, timeoutMs }: { signal: AbortSignal | undefined; timeoutMs: number },
): Promise<void> {
  const domain = { name: '', uuid, id: -1 };
  const deadline = host.timers.now() + timeoutMs;
  let ending: PortFailure | null = null;
  while ((await jobOf(host, domain, 0)).type !== domainJobType.none) {
    if (ending === null && (signal?.aborted || host.timers.now() > deadline)) {
      ending = signal?.aborted
        ? new PortFailure('Aborted', 'The copying was given up.')
        : new PortFailure('Failed', `The copying took more than ${timeoutMs} ms.`);
      await abort(host, domain);
    }
    await new Promise<void>((resolve) => host.timers.setTimeout(resolve, lookEveryMs));
  }
  if (ending !== null) throw ending;
  const { type, params } = await jobOf(host, domain, domainJobStatsFlags.completed);
  const values = valuesOf(params);
  if (type === domainJobType.completed && values.get('operation') === domainJobOperation.backup) return;
  const why = String(values.get('errmsg') ?? `job type ${type}`);
  throw new PortFailure(tellsNoSpace(why) ? 'NoSpace' : 'Failed', `The copying in the guest ended early: ${why}`);
}

/** Ends what guests of this host still copy into a file that nobody waits for. */
export async function endBackupsInto(host: HostConnection, path: string): Promise<void> {
  for (const { uid, live } of await host.inventory.sight(undefined)) {
    if (live === null) continue;
    const domain = { name: '', uuid: host.inventory.domainOf(uid), id: -1 };
    const targets = await targetsOf(host, domain);
    if (targets?.includes(path)) await abort(host, domain);
  }
}

const beginTimeoutMs = 60_000;
const lookEveryMs = 500;

/** The files that a guest is copying into; null when it copies nothing. */
async function targetsOf(host: HostConnection, domain: DomainRef): Promise<string[] | null> {
  const call = host.lanes.inventory.call(procedures.domainBackupGetXmlDesc, { domain, flags: 0 });
  const answer = await unlessRefused(call, ['NO_DOMAIN_BACKUP', 'NO_DOMAIN', 'NO_SUPPORT', 'OPERATION_INVALID'], null);
  return answer === null ? null : parseBackupTargets(readXml(answer.xml));
}

async function jobOf(host: HostConnection, domain: DomainRef, flags: number) {
  try {
    return await host.gate.call(domain.uuid, procedures.domainGetJobStats, { domain, flags });
  } catch (error) {
    if (!isRefusal(error, 'OPERATION_INVALID', 'NO_DOMAIN')) throw error;
    throw new PortFailure('Failed', `The machine stopped while a disk of it was copied: ${error.message}`);
  }
}

/** There may be nothing to abort any more. */
async function abort(host: HostConnection, domain: DomainRef): Promise<void> {
  const call = host.gate.call(domain.uuid, procedures.domainAbortJob, { domain });
  await unlessRefused(call, ['OPERATION_INVALID', 'NO_DOMAIN'], undefined);
}
