import type { Console } from '../port.ts';
import { capabilitiesOf } from './capabilities.ts';
import { ownDomain } from './definitions.ts';
import { PortFailure } from './errors.ts';
import type { HostConnection } from './host-connection.ts';
import { LibvirtError, StreamAborted } from './wire/errors.ts';
import { domainFlags } from './wire/flags.ts';
import { procedures } from './wire/procedures.ts';
import type { WireStream } from './wire/streams.ts';

/** Opens a machine's serial port, taking it over from whoever had it open. */
export async function openConsole(host: HostConnection, uid: string): Promise<Console> {
  const domain = await ownDomain(host, uid);
  if (!capabilitiesOf(host.driver).console) throw new PortFailure('Unsupported', 'This host lacks console.');
  const session = await host.lanes.transfers.ready();
  const args = { domain, device: null, flags: domainFlags.consoleForce };
  const { stream } = await session.openStream(procedures.domainOpenConsole, args);
  return consoleOf(stream);
}

function consoleOf(stream: WireStream): Console {
  return {
    output: outputOf(stream),
    write: (bytes) => stream.write(bytes),
    close: () => stream.abort('the console was closed'),
  };
}

/** Ends quietly when the guest stops, somebody else opens the console or it is closed; libvirt calls the first two a failure of I/O. */
async function* outputOf(stream: WireStream): AsyncGenerator<Uint8Array> {
  try {
    for await (const piece of stream) if (piece instanceof Uint8Array) yield piece;
  } catch (error) {
    if (!(error instanceof StreamAborted || error instanceof LibvirtError)) throw error;
  }
}
