import type { Hint } from '../port.ts';
import type { HostConnection } from './host-connection.ts';
import { events } from './wire/events.ts';

/**
 * Turns libvirt's events into hints. Events are missed while a connection is down, so each new one hints at everything. Answers
 * how to stop.
 */
export function watchHost(host: HostConnection): () => void {
  const { inventory, lanes } = host;
  const tell = (hint: Hint) => {
    for (const listener of [...host.hints]) listener(hint);
  };
  const machine = (domainUuid: string) => {
    inventory.markMeddled(domainUuid);
    tell({ noun: 'machine', uid: inventory.uidOf(domainUuid) });
  };
  const { session } = lanes.inventory;
  let epoch = session.state.name === 'up' ? session.state.epoch : 0;
  const stopListening = session.onState((state) => {
    if (state.name !== 'up' || state.epoch === epoch) return;
    epoch = state.epoch;
    inventory.markAllChanged();
    for (const noun of ['host', 'machine', 'network', 'pool'] as const) tell({ noun, uid: null });
  });
  const subscriptions = [
    session.subscribe(events.domainLifecycle, ({ domain, event }) => {
      if (host.echoes.isEcho(domain.uuid, event)) inventory.markChanged(domain.uuid);
      else machine(domain.uuid);
    }),
    session.subscribe(events.domainDeviceAdded, ({ domain }) => machine(domain.uuid)),
    session.subscribe(events.domainDeviceRemoved, ({ domain }) => machine(domain.uuid)),
    session.subscribe(events.domainMetadataChange, ({ domain }) => machine(domain.uuid)),
    session.subscribe(events.networkLifecycle, ({ network: { uuid } }) => {
      tell({ noun: 'network', uid: uuid });
      // One that starts again has lost the NICs of the guests that ran on.
      for (const uid of inventory.guestsOf(uuid)) tell({ noun: 'machine', uid });
    }),
    session.subscribe(events.storagePoolLifecycle, ({ pool }) => tell({ noun: 'pool', uid: pool.uuid })),
  ];
  // A driver without some kind of event refuses the registration; the other hints still come.
  for (const subscription of subscriptions) subscription.ready.catch(() => undefined);
  return () => {
    stopListening();
    for (const subscription of subscriptions) subscription.close();
  };
}
