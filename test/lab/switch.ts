import { type Namespace, startNamespace } from './namespace.ts';

/** The physical switch between the hosts of one lab: a bridge in a namespace of its own, with one port per host. */
export type Switch = {
  namespace: Namespace;
  /** Plugs the host in as `eth0` with its address. A host that comes back after a crash takes its old port again. */
  plug(host: { number: number; namespace: Namespace; address: string }): Promise<void>;
  /** Takes the port down: nothing gets through, established connections hang. */
  cut(number: number): Promise<void>;
  mend(number: number): Promise<void>;
  stop(): Promise<void>;
};

/** TEST-NET-1, so that it never overlaps a network of the machine or of a test. */
export const addressOf = (number: number): string => `192.0.2.${10 + number}`;

export async function startSwitch(): Promise<Switch> {
  const namespace = await startNamespace();
  const ip = (...args: string[]) => namespace.inNetwork(['ip', ...args]);
  await ip('link', 'add', 'switch0', 'type', 'bridge');
  await ip('address', 'add', '192.0.2.1/24', 'dev', 'switch0');
  await ip('link', 'set', 'switch0', 'up');
  return {
    namespace,
    plug: async (host) => {
      const port = portOf(host.number);
      await ip('link', 'delete', port).catch(() => 'a host that is plugged in for the first time has no old port');
      const peer = ['peer', 'name', 'eth0', 'netns', String(host.namespace.pid)];
      await ip('link', 'add', port, 'type', 'veth', ...peer);
      await ip('link', 'set', port, 'master', 'switch0', 'up');
      await host.namespace.exec(['ip', 'address', 'add', `${host.address}/24`, 'dev', 'eth0']);
      await host.namespace.exec(['ip', 'link', 'set', 'eth0', 'up']);
    },
    cut: async (number) => void (await ip('link', 'set', portOf(number), 'down')),
    mend: async (number) => void (await ip('link', 'set', portOf(number), 'up')),
    stop: () => namespace.stop(),
  };
}

const portOf = (number: number): string => `port${number}`;
