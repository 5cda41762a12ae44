import { randomBytes } from 'node:crypto';
import type { IncomingMessage, Server } from 'node:http';
import { connect } from 'node:net';
import { GraphQLError } from 'graphql';
import { type WebSocket, WebSocketServer } from 'ws';
import { mayOpenConsole } from '../../graphql/access.ts';
import { CLOSED_ENDED, sameOrigin } from '../../graphql/server.ts';
import type { Place, Vigil } from '../../graphql/vigil.ts';
import type { HypervisorDirectory } from '../../hypervisor/port.ts';
import type { Admission } from '../../reconciler/admission/apply.ts';
import type { StoredObject } from '../../reconciler/object.ts';
import type { Principal } from '../../reconciler/principal.ts';

export const CONSOLE_PATH = '/console/';

const TICKET_MS = 60_000;
const TICKETS_MAX = 1_000;
const SESSIONS_MAX = 100;

type ConsoleTarget = { type: 'serial'; host: string; uid: string } | { type: 'vnc'; address: string; port: number };

interface Ticket {
  target: ConsoleTarget;
  /** Uid of the machine. */
  machine: string;
  /** Who asked for it: what ends their session or right ends this too. */
  principal: Principal;
  expiresAt: number;
}

interface ConsoleParts {
  hypervisors: HypervisorDirectory;
  vigil: Vigil;
  admission: Admission;
  now(): number;
  onError(error: unknown): void;
}

export interface Consoles {
  open(
    object: StoredObject,
    type: 'serial' | 'vnc',
    principal: Principal,
  ): Promise<{ ok: true; path: string; expiresAt: number } | { ok: false; message: string }>;
  close(): void;
}

/** Consoles of machines as WebSockets of this origin: a ticket is asked for through the API, used once, and ends after a minute. */
export function serveConsoles(server: Server, parts: ConsoleParts): Consoles {
  const { hypervisors, now } = parts;
  const tickets = new Map<string, Ticket>();
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: 1 << 20,
    handleProtocols: (names) => (names.has('binary') ? 'binary' : false),
  });

  const take = (request: IncomingMessage): Ticket | null => {
    const id = (request.url ?? '').slice(CONSOLE_PATH.length);
    const ticket = tickets.get(id);
    tickets.delete(id);
    return ticket && ticket.expiresAt > now() ? ticket : null;
  };

  const serial = (client: WebSocket, target: Extract<ConsoleTarget, { type: 'serial' }>) =>
    bridgeSerial(client, hypervisors, target).catch((error: unknown) =>
      // The host may go at any time, and that is its own trouble, not the server's.
      client.close(1011, closeReason(error instanceof Error ? error.message : String(error))),
    );

  server.on('upgrade', (request, socket, head) => {
    if (!(request.url ?? '').startsWith(CONSOLE_PATH)) return;
    const ticket = sameOrigin(request) && sockets.clients.size < SESSIONS_MAX ? take(request) : null;
    const refuse = () => void socket.end('HTTP/1.1 403 Forbidden\r\nconnection: close\r\n\r\n');
    if (!ticket) return refuse();
    entered(parts, ticket).then(
      (place) => {
        if (!place) return refuse();
        sockets.handleUpgrade(request, socket, head, (client) => {
          client.once('close', place.leave);
          place.ended.addEventListener('abort', () => client.close(CLOSED_ENDED, String(place.ended.reason)), {
            once: true,
          });
          if (ticket.target.type === 'vnc') bridgeVnc(client, ticket.target);
          else void serial(client, ticket.target);
        });
        // Whoever went away meanwhile is no client.
        if (socket.destroyed) place.leave();
      },
      (error: unknown) => {
        parts.onError(error);
        refuse();
      },
    );
  });

  return {
    open: async (object, type, principal) => {
      const target = targetOf(object, type);
      if ('message' in target) return { ok: false, message: target.message };
      for (const [id, { expiresAt }] of tickets) if (expiresAt <= now()) tickets.delete(id);
      if (tickets.size >= TICKETS_MAX)
        return { ok: false, message: 'Too many consoles were asked for and not opened; try again in a minute.' };
      const id = randomBytes(24).toString('base64url');
      const expiresAt = now() + TICKET_MS;
      tickets.set(id, { target, machine: object.metadata.uid, principal, expiresAt });
      return { ok: true, path: `${CONSOLE_PATH}${id}`, expiresAt };
    },
    close: () => {
      for (const client of sockets.clients) {
        client.close(1001, 'The server stops.');
        client.terminate();
      }
      sockets.close();
    },
  };
}

/** A place for whoever asked for the ticket, if they might still ask for it; it ends when they might not. */
async function entered(parts: ConsoleParts, { principal, machine }: Ticket): Promise<Place | null> {
  const { vigil, admission } = parts;
  const allowed = async () => {
    const [object] = await admission.store.getByUid([machine]);
    return object !== undefined && mayOpenConsole({ admission }, principal, object);
  };
  if (!(await vigil.stands(principal)) || !(await allowed())) return null;
  try {
    return vigil.enter('console', principal, allowed);
  } catch (error) {
    // Too many are open.
    if (error instanceof GraphQLError) return null;
    throw error;
  }
}

function targetOf(object: StoredObject, type: 'serial' | 'vnc'): ConsoleTarget | { message: string } {
  const host = object.status.allocated.host;
  if (object.kind !== 'VirtualMachine') return { message: `A ${object.kind} has no console; machines have.` };
  if (host === undefined) return { message: `${object.metadata.name} has no host yet.` };
  if (type === 'serial') return { type, host, uid: object.metadata.uid };
  const address = /^(.+):(\d+)$/.exec(String(object.status.vnc ?? ''));
  return address
    ? { type, address: address[1] as string, port: Number(address[2]) }
    : { message: `${object.metadata.name} has no VNC console now; is it running?` };
}

function bridgeVnc(client: WebSocket, { address, port }: { address: string; port: number }): void {
  const vnc = connect({ host: address, port, timeout: 10_000 });
  vnc.once('connect', () => vnc.setTimeout(0));
  vnc.on('data', (bytes) => {
    vnc.pause();
    client.send(bytes, () => vnc.resume());
  });
  for (const end of ['error', 'close', 'timeout'] as const) vnc.on(end, () => client.close());
  client.on('message', (bytes: Buffer) => vnc.write(bytes));
  client.on('close', () => vnc.destroy());
}

/** A close frame has room for 123 bytes, and a character that is cut in two takes three. */
function closeReason(text: string): string {
  return Buffer.from(text).subarray(0, 120).toString();
}

async function bridgeSerial(
  client: WebSocket,
  hypervisors: HypervisorDirectory,
  { host, uid }: { host: string; uid: string },
): Promise<void> {
  const pending: Buffer[] = [];
  const early = (bytes: Buffer) => pending.length < 64 && pending.push(bytes);
  client.on('message', early);
  const hypervisor = await hypervisors.at(host);
  const opened = hypervisor.ok ? await hypervisor.value.machines.openConsole(uid) : hypervisor;
  if (!opened.ok) return client.close(1011, closeReason(opened.error.message));
  const serial = opened.value;
  client.off('message', early);
  for (const bytes of pending) await serial.write(bytes);
  client.on('message', (bytes: Buffer) => void serial.write(bytes).catch(() => client.close()));
  client.on('close', () => void serial.close());
  try {
    for await (const bytes of serial.output) {
      if (client.readyState !== client.OPEN) break;
      await new Promise<void>((resolve) => client.send(bytes, () => resolve()));
    }
    client.close(1000, 'The machine has stopped, or somebody else has opened its console.');
  } finally {
    await serial.close();
  }
}
