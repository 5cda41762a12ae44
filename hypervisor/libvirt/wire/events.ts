/** The events a session can subscribe to. All are hints: any number of them is missed while a connection is down. */
import type { EventKind } from './procedure.ts';
import { domainRef, networkRef, storagePoolRef } from './refs.ts';
import { typedParam } from './typed-params.ts';
import { array, type Codec, int, mapped, nullable, string, struct } from './xdr.ts';

/** Most domain events are wrapped: the callback's number, then the message. */
function wrapped<T>(message: Codec<T>): Codec<T> {
  const envelope = struct({ callbackId: int, message });
  return mapped(
    envelope,
    (value: T) => ({ callbackId: 0, message: value }),
    (value) => value.message as T,
  );
}

function domainEvent<E>(name: string, eventId: number, number: number, message: Codec<E>): EventKind<E> {
  return { name, family: 'domain', eventId, number, message };
}

const theDomain = struct({ domain: domainRef });
const device = struct({ callbackId: int, domain: domainRef, alias: string() });

/** `event` and `detail` of a lifecycle are domainLifecycle and libvirt's detail numbers. */
export const events = {
  domainLifecycle: domainEvent(
    'domainLifecycle',
    0,
    318,
    wrapped(struct({ domain: domainRef, event: int, detail: int })),
  ),
  domainReboot: domainEvent('domainReboot', 1, 319, wrapped(theDomain)),
  domainWatchdog: domainEvent('domainWatchdog', 3, 321, wrapped(struct({ domain: domainRef, action: int }))),
  /** Action 0 none, 1 paused, 2 reported to the guest. The reason is text such as `enospc`. */
  domainIoError: domainEvent(
    'domainIoError',
    6,
    324,
    wrapped(struct({ domain: domainRef, path: string(), alias: string(), action: int, reason: string() })),
  ),
  /** libvirt lost the guest's monitor. */
  domainControlError: domainEvent('domainControlError', 7, 325, wrapped(theDomain)),
  /** Status 0 completed, 1 failed, 2 cancelled, 3 ready. `disk` is the target's name (vda). */
  domainBlockJob: domainEvent(
    'domainBlockJob',
    16,
    339,
    struct({ callbackId: int, domain: domainRef, disk: string(), type: int, status: int }),
  ),
  domainTrayChange: domainEvent(
    'domainTrayChange',
    10,
    328,
    wrapped(struct({ domain: domainRef, alias: string(), reason: int })),
  ),
  domainDeviceAdded: domainEvent('domainDeviceAdded', 19, 354, device),
  domainDeviceRemoved: domainEvent(
    'domainDeviceRemoved',
    15,
    333,
    wrapped(struct({ domain: domainRef, alias: string() })),
  ),
  domainDeviceRemovalFailed: domainEvent('domainDeviceRemovalFailed', 22, 367, device),
  /** State 1 connected, 2 disconnected. */
  domainAgentLifecycle: domainEvent(
    'domainAgentLifecycle',
    18,
    348,
    struct({ callbackId: int, domain: domainRef, state: int, reason: int }),
  ),
  domainMigrationIteration: domainEvent(
    'domainMigrationIteration',
    20,
    359,
    struct({ callbackId: int, domain: domainRef, iteration: int }),
  ),
  domainJobCompleted: domainEvent(
    'domainJobCompleted',
    21,
    363,
    struct({ callbackId: int, domain: domainRef, params: array(typedParam, 64) }),
  ),
  domainMetadataChange: domainEvent(
    'domainMetadataChange',
    23,
    379,
    struct({ callbackId: int, domain: domainRef, type: int, uri: nullable(string()) }),
  ),
  networkLifecycle: {
    name: 'networkLifecycle',
    family: 'network',
    eventId: 0,
    number: 315,
    message: struct({ callbackId: int, network: networkRef, event: int, detail: int }),
  },
  storagePoolLifecycle: {
    name: 'storagePoolLifecycle',
    family: 'storagePool',
    eventId: 0,
    number: 370,
    message: struct({ callbackId: int, pool: storagePoolRef, event: int, detail: int }),
  },
  storagePoolRefresh: {
    name: 'storagePoolRefresh',
    family: 'storagePool',
    eventId: 1,
    number: 373,
    message: struct({ callbackId: int, pool: storagePoolRef }),
  },
} as const satisfies Record<string, EventKind<unknown>>;
