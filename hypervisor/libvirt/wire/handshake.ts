/** The first calls on a connection: prove who we are, ask the server to watch over us, open the driver. */
import type { Connection } from './connection.ts';
import { procedures } from './procedures.ts';

const auth = { none: 0, polkit: 2 } as const;
/** Asking for this feature starts the server's own pings, so that it notices when this side dies. */
const keepaliveFeature = 10;

/** Authenticates and opens `remoteUri` (`qemu:///system`). Rejects as calls do, or with an Error when SASL is demanded. */
export async function handshake(connection: Connection, remoteUri: string, timeoutMs: number): Promise<void> {
  const { types } = await connection.call(procedures.authList, {}, { timeoutMs });
  if (types.includes(auth.polkit)) {
    await connection.call(procedures.authPolkit, {}, { timeoutMs });
  } else if (!types.includes(auth.none)) {
    throw new Error(
      'the server asks for SASL, which this client does not speak: in libvirtd.conf set auth_tls or auth_tcp to "none" ' +
        '(with client certificates deciding who may connect), or auth_unix_rw to "polkit" or "none"',
    );
  }
  await connection.call(procedures.connectSupportsFeature, { feature: keepaliveFeature }, { timeoutMs });
  await connection.call(procedures.connectOpen, { name: remoteUri, flags: 0 }, { timeoutMs });
}
