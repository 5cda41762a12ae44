import type {
  AddressReservation,
  DiskSpec,
  Hypervisor,
  MachineSpec,
  NicSpec,
  Result,
} from '../../../hypervisor/port.ts';
import { reason } from '../../../reconciler/json.ts';
import type { Act, ActCall, ActResult } from '../../../reconciler/kind.ts';
import { actResult } from '../../act-result.ts';
import type { Ports } from '../../ports.ts';
import { typed } from '../../typed.ts';
import { EMPTY_USER_DATA, seedFileName, seedImage, seedWish } from './seed.ts';
import type { MachineWish } from './spec.ts';
import type { MachineStatus } from './status.ts';

type Call = ActCall<Ports>;

/** One idempotent port call each, at the host that the step names. */
export const machineActs: Readonly<Record<string, Act<Ports>>> = {
  define: atHost('define', ({ machines }, { args, signal }) =>
    machines.define(args.spec as unknown as MachineSpec, { signal }),
  ),
  adopt: atHost('adopt', ({ machines }, { args, signal, installationId }) =>
    machines.adopt(
      { foreignUid: text(args.foreignUid), uid: text(args.uid), title: text(args.title), installationId },
      { signal },
    ),
  ),
  start: atHost('start', ({ machines }, { args, signal }) => machines.start(text(args.uid), { signal }), 60_000),
  shutdown: atHost('shutdown', ({ machines }, { args, signal }) => machines.shutdown(text(args.uid), { signal })),
  destroy: atHost('destroy', ({ machines }, { args, signal }) => machines.destroy(text(args.uid), { signal }), 30_000),
  reboot: atHost('reboot', ({ machines }, { args, signal }) => machines.reboot(text(args.uid), { signal })),
  reset: atHost('reset', ({ machines }, { args, signal }) => machines.reset(text(args.uid), { signal })),
  resume: atHost('resume', ({ machines }, { args, signal }) => machines.resume(text(args.uid), { signal })),
  undefine: atHost('undefine', ({ machines }, { args, signal }) => machines.undefine(text(args.uid), { signal })),
  setCpus: atHost('setCpus', ({ machines }, { args, signal }) =>
    machines.setCpus({ uid: text(args.uid), cpus: Number(args.cpus) }, { signal }),
  ),
  setMemory: atHost('setMemory', ({ machines }, { args, signal }) =>
    machines.setMemory({ uid: text(args.uid), memoryMiB: Number(args.memoryMiB) }, { signal }),
  ),
  attachDisk: atHost('attachDisk', ({ machines }, { args, signal }) =>
    machines.attachDisk({ uid: text(args.uid), disk: args.disk as unknown as DiskSpec }, { signal }),
  ),
  detachDisk: atHost('detachDisk', ({ machines }, { args, signal }) =>
    machines.detachDisk({ uid: text(args.uid), name: text(args.name) }, { signal }),
  ),
  attachNic: atHost('attachNic', ({ machines }, { args, signal }) =>
    machines.attachNic({ uid: text(args.uid), nic: args.nic as unknown as NicSpec }, { signal }),
  ),
  detachNic: atHost('detachNic', ({ machines }, { args, signal }) =>
    machines.detachNic({ uid: text(args.uid), mac: text(args.mac) }, { signal }),
  ),
  reserveAddress: atHost('reserveAddress', ({ networks }, { args, signal }) =>
    networks.reserve(
      { uid: text(args.networkUid), reservation: args.reservation as unknown as AddressReservation },
      { signal },
    ),
  ),
  releaseAddress: atHost('releaseAddress', async ({ networks }, { args, signal }) => {
    const released = await networks.release({ uid: text(args.networkUid), mac: text(args.mac) }, { signal });
    // A network that is gone leases nothing any more.
    return !released.ok && released.error.code === 'NotFound' ? DONE : released;
  }),
  writeSeed: { deadlineMs: 60_000, run: writeSeed },
  removeSeed: atHost('removeSeed', ({ volumes }, { args }) =>
    volumes.remove({ poolUid: text(args.poolUid), name: text(args.name) }),
  ),
  /** A request that changes nothing in this state is done by being noted. */
  acknowledge: { run: async () => ({ ok: true }) },
};

const DONE: Result<void> = { ok: true, value: undefined };

function atHost(
  verb: string,
  run: (host: Hypervisor, call: Call) => Promise<Result<void>>,
  deadlineMs?: number,
): Act<Ports> {
  return {
    ...(deadlineMs === undefined ? {} : { deadlineMs }),
    run: async (call) => {
      const host = await call.ports.hypervisors.at(text(call.args.place));
      return actResult(verb, host.ok ? await run(host.value, call) : host);
    },
  };
}

/** The only place where user data out of a Secret is opened: it goes from here into the image and nowhere else. */
async function writeSeed(call: Call): Promise<ActResult> {
  const { ports, args, refs, signal } = call;
  const object = typed<MachineWish, MachineStatus>(call.object);
  const wish = object && seedWish(object, refs);
  const name = text(args.name);
  if (!object || !wish || seedFileName(wish) !== name)
    return { ok: false, reason: reason('SeedChanged', { name }), retry: 'wait' };
  const opened = wish.userData && 'sealed' in wish.userData ? await ports.secrets.open(wish.userData.sealed) : null;
  if (opened && !opened.ok) return actResult('writeSeed', opened);
  const clear = opened ? opened.value : wish.userData && 'text' in wish.userData ? wish.userData.text : EMPTY_USER_DATA;
  const image = seedImage(wish, { userData: clear, at: Date.parse(object.metadata.createdAt) });
  const host = await ports.hypervisors.at(text(args.place));
  if (!host.ok) return actResult('writeSeed', host);
  const upload = {
    volume: { poolUid: text(args.poolUid), name },
    bytes: image.length,
    format: 'raw' as const,
    content: chunks(image),
  };
  return actResult('writeSeed', await host.value.volumes.upload(upload, { signal }));
}

const CHUNK_BYTES = 65_536;

async function* chunks(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) yield bytes.subarray(at, at + CHUNK_BYTES);
}

function text(value: unknown): string {
  return String(value);
}
