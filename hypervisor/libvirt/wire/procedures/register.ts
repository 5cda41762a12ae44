import { domainRef, networkRef, storagePoolRef } from '../refs.ts';
import { int, nullable, struct } from '../xdr.ts';
import { nothing, remote } from './define.ts';

const callback = struct({ callbackId: int });

/** Asking for events and giving them up. Sessions do this for their subscribers. */
export const registerProcedures = {
  domainEventRegister: remote('domainEventRegister', 316, {
    args: struct({ eventId: int, domain: nullable(domainRef) }),
    result: callback,
  }),
  domainEventDeregister: remote('domainEventDeregister', 317, { args: callback, result: nothing }),
  networkEventRegister: remote('networkEventRegister', 313, {
    args: struct({ eventId: int, network: nullable(networkRef) }),
    result: callback,
  }),
  networkEventDeregister: remote('networkEventDeregister', 314, { args: callback, result: nothing }),
  storagePoolEventRegister: remote('storagePoolEventRegister', 368, {
    args: struct({ eventId: int, pool: nullable(storagePoolRef) }),
    result: callback,
  }),
  storagePoolEventDeregister: remote('storagePoolEventDeregister', 369, { args: callback, result: nothing }),
} as const;
