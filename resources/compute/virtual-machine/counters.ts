import type { CounterReading } from '../../../billing/usage/counters/counter-store.ts';
import type { MachineCounters } from '../../../hypervisor/port.ts';
import type { StoredObject } from '../../../reconciler/object.ts';
import { machineAttributes } from './meters.ts';
import type { MachineWish } from './spec.ts';
import type { MachineStatus } from './status.ts';

/** Counters of a machine as what its account pays for: each device by itself, with what its price may depend on. Nothing without an account. */
export function machineReadings({ uid, nics, disks }: MachineCounters, object: StoredObject): CounterReading[] {
  const { account } = object.metadata;
  if (account === null) return [];
  const spec = object.spec as MachineWish;
  const status = object.status as Partial<MachineStatus>;
  const common = machineAttributes(spec, status);
  const networks = new Map(spec.nics.map(({ name, network }) => [name, network]));
  const volumes = new Map((status.disks ?? []).map(({ name, volume }) => [name, volume]));
  const reading = (
    meter: CounterReading['meter'],
    { name, epoch }: { name: string; epoch: string },
    { value, attributes }: { value: bigint; attributes: Record<string, string> },
  ): CounterReading => ({ uid, meter, device: name, epoch, value, account, attributes: { ...common, ...attributes } });
  return [
    ...nics.flatMap((nic) => {
      const attributes = { nic: nic.name, network: networks.get(nic.name) ?? '' };
      return [
        reading('network.bytes.received', nic, { value: nic.receivedBytes, attributes }),
        reading('network.bytes.sent', nic, { value: nic.sentBytes, attributes }),
      ];
    }),
    ...(disks ?? []).flatMap((disk) => {
      const attributes = { disk: disk.name, volume: volumes.get(disk.name) ?? '' };
      return [
        reading('disk.bytes.read', disk, { value: disk.readBytes, attributes }),
        reading('disk.bytes.written', disk, { value: disk.writtenBytes, attributes }),
        reading('disk.requests.read', disk, { value: disk.readRequests, attributes }),
        reading('disk.requests.written', disk, { value: disk.writeRequests, attributes }),
      ];
    }),
  ];
}
