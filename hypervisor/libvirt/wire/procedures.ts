/** Every procedure this client can call, by name: `session.call(procedures.domainGetState, { domain, flags: 0 })`. */
import { connectProcedures } from './procedures/connect.ts';
import { domainProcedures } from './procedures/domain.ts';
import { domainDeviceProcedures } from './procedures/domain-devices.ts';
import { domainStatsProcedures } from './procedures/domain-stats.ts';
import { migrationProcedures } from './procedures/migration.ts';
import { networkProcedures } from './procedures/network.ts';
import { nodeProcedures } from './procedures/node.ts';
import { registerProcedures } from './procedures/register.ts';
import { storagePoolProcedures } from './procedures/storage-pool.ts';
import { storageVolumeProcedures } from './procedures/storage-volume.ts';

export const procedures = {
  ...connectProcedures,
  ...nodeProcedures,
  ...domainProcedures,
  ...domainDeviceProcedures,
  ...domainStatsProcedures,
  ...migrationProcedures,
  ...networkProcedures,
  ...storagePoolProcedures,
  ...storageVolumeProcedures,
  ...registerProcedures,
} as const;
