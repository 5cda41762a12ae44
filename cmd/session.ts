import type { Command } from 'commander';
import { discoverEndpoint, type EndpointOptions } from './client/endpoint.ts';
import { type Client, createClient } from './client/graphql.ts';
import { type Io, paintOf } from './io.ts';

/** A command that talks to the server: whom it asks, where it writes, and which project is meant. */
export interface Session {
  io: Io;
  client: Client;
  project: string;
}

type Globals = EndpointOptions & { color?: boolean };

export function openSession(io: Io, command: Command): Session {
  const globals = command.optsWithGlobals<Globals>();
  const endpoint = discoverEndpoint(globals, io);
  const painted = globals.color === false ? { ...io, paint: paintOf(false) } : io;
  return { io: painted, client: createClient(endpoint, io.signal), project: endpoint.project };
}
