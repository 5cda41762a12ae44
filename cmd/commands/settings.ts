import { type Command, Option } from 'commander';
import { CliError } from '../exit-codes.ts';
import { REFUSED_FIELDS, type Refused, refusal } from '../input/refusal.ts';
import type { Io } from '../io.ts';
import { table } from '../output/table.ts';
import { openSession } from '../session.ts';

interface Property {
  key: string;
  group: string;
  value: unknown;
  unit: string;
  because: string;
  by: string | null;
  approvedBy: string | null;
  since: string | null;
  reason: string | null;
  awaiting: { setting: string; value: unknown; generation: number; by: string } | null;
}

interface Change {
  at: string;
  setting: string;
  place: string;
  op: string;
  value: unknown;
  actor: string;
  onBehalfOf: string | null;
  reason: string | null;
}

interface ListOptions {
  channel?: string;
  accountType?: string;
  at?: string;
  output: 'table' | 'json';
}

const LIST = `query ($channel: String, $accountType: String, $at: DateTime) {
  configuration(channel: $channel, accountType: $accountType, at: $at) {
    key group description value unit default scopes requiresApproval frozen origin because by approvedBy since reason
    awaiting { setting value generation by at }
  }
}`;
const HISTORY = `query ($key: String!) {
  configurationHistory(key: $key) { at setting place op value generation actor onBehalfOf reason }
}`;
const STANDS = 'query ($name: String!) { setting(name: $name) { metadata { generation } spec { key value } } }';
const APPROVE = `mutation ($objects: [ObjectKeyInput!]!, $token: String!, $key: String) {
  done: request(objects: $objects, name: "approve", token: $token, idempotencyKey: $key) {
    ... on ChangeSuccess { operations { generation } } ${REFUSED_FIELDS}
  }
}`;

/** `steward settings`: what is in force and why, what was, and the second person's word. Objects of the kind Setting change it. */
export function addSettings(program: Command, io: Io): void {
  const settings = program
    .command('settings')
    .description('every property that may be decided while the cloud runs, with what is in force of it and why')
    .argument('[prefix]', 'only properties that begin so, such as signIn')
    .option('--channel <name>', 'as for accounts of this Channel')
    .option('--account-type <name>', 'as for accounts of this AccountType')
    .option('--at <instant>', 'as it was then, such as 2026-01-31T00:00:00Z')
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['table', 'json']).default('table'))
    .action(async (prefix: string | undefined, options: ListOptions, command: Command) => {
      const { output, ...where } = options;
      const { client } = openSession(io, command);
      const { configuration } = await client.query<{ configuration: Property[] }>(LIST, where);
      const found = configuration.filter(({ key }) => key.startsWith(prefix ?? ''));
      io.out(output === 'json' ? `${JSON.stringify(found, null, 2)}\n` : listed(found));
    });
  settings
    .command('history')
    .description('who set a property, agreed to it or let it go, newest first')
    .argument('<key>', 'property, such as signIn.sessionHours')
    .action(async (key: string, _options: unknown, command: Command) => {
      const { client } = openSession(io, command);
      const { configurationHistory } = await client.query<{ configurationHistory: Change[] }>(HISTORY, { key });
      io.out(
        table(
          ['AT', 'WHAT', 'VALUE', 'WHERE', 'SETTING', 'BY', 'REASON'],
          configurationHistory.map(({ at, op, value, place, setting, actor, onBehalfOf, reason }) => [
            at,
            op,
            JSON.stringify(value),
            place,
            setting,
            onBehalfOf === null ? actor : `${actor} for ${onBehalfOf}`,
            reason ?? '',
          ]),
        ),
      );
    });
  settings
    .command('approve')
    .description('agrees to the value that a Setting waits with; not for whoever had a hand in it')
    .argument('<name>', 'name of the Setting')
    .action(async (name: string, _options: unknown, command: Command) => approve(io, command, name));
}

async function approve(io: Io, command: Command, name: string): Promise<void> {
  const { client } = openSession(io, command);
  type Found = { setting: { metadata: { generation: number }; spec: { key: string; value: unknown } } | null };
  const { setting } = await client.query<Found>(STANDS, { name });
  if (setting === null) throw new CliError(`There is no Setting "${name}".`);
  const token = String(setting.metadata.generation);
  const objects = [{ kind: 'Setting', name }];
  const { done } = await client.mutate<{ done: { operations: unknown[] } | Refused }>(APPROVE, { objects, token });
  if ('issues' in done) throw refusal(done);
  io.out(`${setting.spec.key} is ${JSON.stringify(setting.spec.value)} from now on.\n`);
}

function listed(properties: readonly Property[]): string {
  const rows = properties.map(({ key, value, because, by, approvedBy, awaiting }) => [
    key,
    JSON.stringify(value),
    because,
    [by, approvedBy && `approved by ${approvedBy}`].filter(Boolean).join(', '),
    awaiting === null ? '' : `${JSON.stringify(awaiting.value)} of Setting/${awaiting.setting}`,
  ]);
  return table(['KEY', 'VALUE', 'BECAUSE OF', 'BY', 'AWAITS APPROVAL'], rows);
}
