import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Channel } from './database.ts';

export interface ListenOptions {
  url: string;
  /** Something may have come due (`steward_queue`) or changed (`steward_changes`): look. Called too after every reconnection. */
  onWake: (channel: Channel) => void;
  /** Called when the connection was lost; it comes back by itself. */
  onError?: (error: Error) => void;
}

export interface Listener {
  close(): Promise<void>;
}

const CHANNELS: readonly Channel[] = ['steward_queue', 'steward_changes'];
const RECONNECT_MAX_MS = 5_000;
/** A connection that has silently died is found out by asking. */
const PING_MS = 15_000;

/** Hears wake-ups on a connection of its own. They carry nothing, so that after a gap one wake-up of each channel catches up. */
export async function listen(options: ListenOptions): Promise<Listener> {
  const abort = new AbortController();
  let first: (() => void) | undefined;
  const listening = new Promise<void>((resolve) => {
    first = resolve;
  });
  const running = run(options, abort.signal, () => first?.());
  await Promise.race([listening, running]);
  return {
    close: async () => {
      abort.abort();
      await running;
    },
  };
}

async function run(options: ListenOptions, signal: AbortSignal, onListening: () => void): Promise<void> {
  let pauseMs = 50;
  while (!signal.aborted) {
    try {
      await session(options, signal, () => {
        pauseMs = 50;
        onListening();
        for (const channel of CHANNELS) options.onWake(channel);
      });
    } catch (error) {
      options.onError?.(error as Error);
    }
    await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
    pauseMs = Math.min(pauseMs * 2, RECONNECT_MAX_MS);
  }
}

/** One connection's life: rejects when it breaks, resolves when the signal aborts. */
async function session({ url, onWake }: ListenOptions, signal: AbortSignal, onListening: () => void): Promise<void> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: 5_000,
    query_timeout: 5_000,
    keepAlive: true,
    application_name: 'steward listener',
  });
  const broken = new Promise<never>((_, reject) => {
    client.on('error', reject);
    client.on('end', () => reject(new Error('Connection terminated')));
  });
  broken.catch(() => undefined);
  try {
    await client.connect();
    client.on('notification', ({ channel }) => {
      if (isChannel(channel)) onWake(channel);
    });
    for (const channel of CHANNELS) await client.query(`listen ${channel}`);
    onListening();
    while (!signal.aborted) {
      await Promise.race([broken, sleep(PING_MS, undefined, { signal }).catch(() => undefined)]);
      if (!signal.aborted) await client.query('select');
    }
  } finally {
    await client.end().catch(() => undefined);
  }
}

function isChannel(name: string): name is Channel {
  return CHANNELS.some((channel) => channel === name);
}
