import { chmod, mkdir, rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { type ClusterOptions, prepareCluster } from './cluster.ts';
import { takeOwnership } from './owner.ts';
import { type Server, startServer } from './server.ts';

export interface OpenDatabase {
  /** Holds a password: never log it. */
  url: string;
  /** What is served, for people: without the password. */
  description: string;
  /** Ends an embedded server; end the pools first. */
  close(): Promise<void>;
}

export interface EmbeddedOptions extends ClusterOptions {
  /** Folder of the data; made if it is missing. */
  embedded: string;
  /** Extra server settings. */
  settings?: Readonly<Record<string, string>>;
  /** Called when the server ended by itself and is started again, and when that fails. */
  onRestart?: (error: Error | null) => void;
}

/** A server that somebody else runs, or our own in a folder. */
export async function openDatabase(where: { url: string } | EmbeddedOptions): Promise<OpenDatabase> {
  if ('url' in where) {
    return { url: where.url, description: `PostgreSQL at ${placeOf(where.url)}`, close: async () => undefined };
  }
  return openEmbedded(where);
}

/** Host and database of an address, without credentials. A socket's folder stands in the query, and then there is no host to parse. */
function placeOf(url: string): string {
  const [address = '', query = ''] = url.split('?', 2);
  const place = address.replace(/^[^:]*:\/\//, '').replace(/^.*@/, '');
  const socket = new URLSearchParams(query).get('host');
  return socket === null ? place : `${socket}${place}`;
}

const DATABASE = 'steward';

async function openEmbedded({ embedded, settings, onRestart, ...rest }: EmbeddedOptions): Promise<OpenDatabase> {
  const folder = resolve(embedded);
  await mkdir(folder, { recursive: true });
  // The server may run as another user and must pass through to its data; everything inside is closed by itself.
  await chmod(folder, 0o711);
  const owner = await takeOwnership(folder);
  try {
    const cluster = await prepareCluster(folder, rest);
    const keeper = await keepRunning(() => startServer(cluster, settings), onRestart);
    await createDatabase(cluster.url('postgres'));
    return {
      url: cluster.url(DATABASE),
      description: `${cluster.binaries.version} in ${dirname(cluster.data)}`,
      close: async () => {
        await keeper.stop();
        if (dirname(cluster.socketFolder) !== dirname(cluster.data))
          await rm(cluster.socketFolder, { recursive: true, force: true });
        await owner.release();
      },
    };
  } catch (error) {
    await owner.release();
    throw error;
  }
}

const RESTARTS_MAX = 5;
const RESTARTS_WINDOW_MS = 60_000;

/** A server that ends by itself is started again, a few times a minute at most. */
async function keepRunning(
  start: () => Promise<Server>,
  onRestart?: (error: Error | null) => void,
): Promise<{ stop(): Promise<void> }> {
  let server = await start();
  let stopping = false;
  const restarts: number[] = [];
  const endWithUs = () => process.kill(server.pid, 'SIGINT');
  process.once('exit', endWithUs);
  const watch = async (): Promise<void> => {
    while (!stopping) {
      await server.ended;
      if (stopping) return;
      restarts.push(Date.now());
      if (restarts.filter((at) => at > Date.now() - RESTARTS_WINDOW_MS).length > RESTARTS_MAX) {
        onRestart?.(new Error(`PostgreSQL ended ${RESTARTS_MAX} times within a minute; it is not started again.`));
        return;
      }
      try {
        server = await start();
        onRestart?.(null);
      } catch (error) {
        onRestart?.(error as Error);
        await sleep(1_000);
      }
    }
  };
  const watching = watch();
  return {
    stop: async () => {
      stopping = true;
      process.off('exit', endWithUs);
      await server.stop();
      await watching;
    },
  };
}

async function createDatabase(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  await client.connect();
  try {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [DATABASE]);
    if (rowCount === 0) await client.query(`create database ${DATABASE}`);
  } finally {
    await client.end();
  }
}
