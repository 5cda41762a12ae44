import { type Command, Option } from 'commander';
import { CliError, EXIT } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { table } from '../output/table.ts';
import { openSession } from '../session.ts';
import { addAuditTrail } from './audit-trail.ts';

interface Finding {
  check: string;
  account: string | null;
  detail: string;
}

const AUDIT = '{ auditBooks { check account detail } }';
/** Every account is settled anew. */
const TIMEOUT_MS = 600_000;

export function addAudit(program: Command, io: Io): void {
  const audit = program.command('audit').description('checks that everything that was written down agrees');
  addAuditTrail(audit, io);
  audit
    .command('books')
    .description('settles every account anew and compares all sums; says nothing when all is well')
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['table', 'json']).default('table'))
    .action(async ({ output }: { output: 'table' | 'json' }, command: Command) => {
      const { client } = openSession(io, command);
      const { auditBooks: found } = await client.query<{ auditBooks: Finding[] }>(AUDIT, {}, { timeoutMs: TIMEOUT_MS });
      if (found.length === 0) return;
      const rows = found.map(({ check, account, detail }) => [account ?? '', check, detail]);
      io.out(output === 'json' ? `${JSON.stringify(found)}\n` : table(['ACCOUNT', 'WHAT IS WRONG', 'WHERE'], rows));
      throw new CliError(`The books do not agree in ${found.length} places.`, EXIT.error);
    });
}
