import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { CliError, EXIT } from '../exit-codes.ts';
import { findLocalEndpoint } from './local-endpoint.ts';

export interface Endpoint {
  /** Base address without a slash at its end. */
  url: string;
  token: string | null;
  project: string;
  /** Where the address came from, for doctor and errors. */
  from: string;
}

export interface EndpointOptions {
  server?: string | undefined;
  tokenFile?: string | undefined;
  project?: string | undefined;
  insecure?: boolean | undefined;
}

const CONFIG = z.strictObject({
  url: z.url().optional(),
  token: z.string().min(1).optional(),
  tokenFile: z.string().min(1).optional(),
  project: z.string().min(1).optional(),
});
type Config = z.output<typeof CONFIG>;

/** Which server to talk to and as whom: flags, then the environment, then the configuration file, then a server's own folder nearby. */
export function discoverEndpoint(options: EndpointOptions, at: { env: NodeJS.ProcessEnv; cwd: string }): Endpoint {
  const { env, cwd } = at;
  const config = readConfig(env);
  const local = findLocalEndpoint(cwd) ?? findLocalEndpoint(dirname(import.meta.dirname));
  const named = options.server ?? env.STEWARD_URL;
  const url = named ?? config.url ?? local?.url;
  if (url === undefined)
    throw new CliError(
      'No server is known. Start one with "npm start" or "steward serve", or name one: --server, STEWARD_URL, or "url" in ~/.config/steward/config.yaml.',
      EXIT.usage,
    );
  const base = checkedUrl(url, options.insecure ?? env.STEWARD_INSECURE === '1');
  const isLocal = local !== null && base === local.url.replace(/\/+$/, '');
  const isConfigured = config.url !== undefined && base === config.url.replace(/\/+$/, '');
  return {
    url: base,
    token: tokenOf(options, env) ?? (isConfigured ? configToken(config) : null) ?? (isLocal ? local.token : null),
    project: options.project ?? env.STEWARD_PROJECT ?? config.project ?? 'default',
    from:
      named !== undefined ? 'flag or environment' : config.url !== undefined ? 'configuration file' : '.steward folder',
  };
}

function tokenOf(options: EndpointOptions, env: NodeJS.ProcessEnv): string | null {
  if (options.tokenFile !== undefined) return readToken(options.tokenFile);
  return env.STEWARD_TOKEN || null;
}

function configToken(config: Config): string | null {
  return config.tokenFile === undefined ? (config.token ?? null) : readToken(config.tokenFile);
}

function readToken(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    throw new CliError(`The token file ${file} cannot be read.`, EXIT.usage);
  }
}

/** A token over plain http could be read on the way, so only this machine is spoken to so. */
function checkedUrl(url: string, insecure: boolean): string {
  if (!URL.canParse(url))
    throw new CliError(`"${url}" is no address of a server, e.g. https://steward.example.org.`, EXIT.usage);
  const { protocol, hostname } = new URL(url);
  if (protocol !== 'https:' && protocol !== 'http:')
    throw new CliError(`"${url}" is neither http nor https.`, EXIT.usage);
  const loopback = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
  if (protocol === 'http:' && !loopback && !insecure)
    throw new CliError(`${url} would send the token unencrypted. Use https, or allow it with --insecure.`, EXIT.usage);
  return url.replace(/\/+$/, '').replace(/\/graphql$/, '');
}

/** Where `steward` looks for its configuration. */
export function configPath(env: NodeJS.ProcessEnv): string {
  return (
    env.STEWARD_CONFIG ?? join(env.XDG_CONFIG_HOME ?? join(env.HOME ?? homedir(), '.config'), 'steward', 'config.yaml')
  );
}

function readConfig(env: NodeJS.ProcessEnv): Config {
  const file = configPath(env);
  if (!existsSync(file)) return {};
  const parsed = CONFIG.safeParse(parse(readFileSync(file, 'utf8')) ?? {});
  if (parsed.success) return parsed.data;
  const reasons = parsed.error.issues.map((issue) => `  ${issue.path.join('.') || 'file'}: ${issue.message}`);
  throw new CliError(
    `${file} is wrong; it may hold url, token or tokenFile, and project:\n${reasons.join('\n')}`,
    EXIT.usage,
  );
}
