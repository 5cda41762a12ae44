import { type Command, Option } from 'commander';
import type { Io } from '../io.ts';
import { openSession } from '../session.ts';

interface Notice {
  type: string;
  subject: string;
  service: string | null;
  zone: string | null;
  from: string;
  until: string | null;
}

type Status = Record<'current' | 'upcoming' | 'history', Notice[]>;

const FIELDS = '{ name type subject description service zone from until }';
const STATUS = `{ serviceStatus { current ${FIELDS} upcoming ${FIELDS} history ${FIELDS} } }`;

export function addStatus(program: Command, io: Io): void {
  program
    .command('status')
    .description('what the provider publishes: disruptions, issues, maintenance')
    .option('--history', 'also what is over')
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['text', 'json']).default('text'))
    .action(async ({ history, output }: { history?: boolean; output: 'text' | 'json' }, command: Command) => {
      const { client } = openSession(io, command);
      const { serviceStatus } = await client.query<{ serviceStatus: Status }>(STATUS);
      if (output === 'json') return io.out(`${JSON.stringify(serviceStatus)}\n`);
      const phases = history ? (['current', 'upcoming', 'history'] as const) : (['current', 'upcoming'] as const);
      const lines = phases.flatMap((phase) => serviceStatus[phase].map((notice) => lineOf(phase, notice)));
      io.out(lines.length === 0 ? 'Nothing is known to be wrong, and nothing is planned.\n' : `${lines.join('\n')}\n`);
    });
}

function lineOf(phase: string, { type, subject, service, zone, from, until }: Notice): string {
  const place = [service, zone].filter((one) => one !== null).join(', ');
  const span = `${from} – ${until ?? 'open'}`;
  return [phase.padEnd(8), type.padEnd(11), span, place === '' ? subject : `${subject} (${place})`].join('  ');
}
