import type { MachineState } from './observe.ts';

/**
 * MACs of NICs that hang in the air: a network that was stopped and started has a new bridge, which knows nothing of the guests that ran
 * on. It gives out new ports, so a NIC whose port it does not know was plugged into what is gone.
 */
export function unpluggedNics({ machine, networks }: MachineState): Set<string> {
  const lost = (machine?.live?.nics ?? []).filter(({ mac, networkUid }) => {
    const [port, ports] = [machine?.ports[mac], networks[networkUid]?.ports ?? null];
    return port !== undefined && ports !== null && !ports.includes(port);
  });
  return new Set(lost.map(({ mac }) => mac));
}
