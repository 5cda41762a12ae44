import type { Command } from 'commander';
import { discoverEndpoint, type EndpointOptions } from './client/endpoint.ts';
import { type Client, createClient } from './client/graphql.ts';
import type { Io } from './io.ts';

/** A command that talks to the server: whom it asks, where it writes, and which project is meant. */
export interface Session {
  io: Io;
  client: Client;
  project: string;
}

export function openSession(io: Io, command: Command): Session {
  const endpoint = discoverEndpoint(command.optsWithGlobals<EndpointOptions>(), io);
  return { io, client: createClient(endpoint, io.signal), project: endpoint.project };
}
