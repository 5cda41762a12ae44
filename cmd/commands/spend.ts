import { type Command, Option } from 'commander';
import type { Io } from '../io.ts';
import { table } from '../output/table.ts';
import { openSession } from '../session.ts';

interface Money {
  amount: string;
  currency: string;
}

interface Answer {
  spend: { asOf: string | null; months: { month: string; user: string | null; amount: Money }[] };
  balance: { asOf: string; spend: Money };
}

const QUERY = `query ($account: String!) {
  spend(account: $account) { asOf months { month user amount { amount currency } } }
  balance(account: $account) { asOf spend { amount currency } }
}`;

export function addSpend(program: Command, io: Io): void {
  program
    .command('spend')
    .description('what an account spent: this instant, and by month and user as it was billed')
    .option('--account <name>', 'account that is meant', 'default')
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['table', 'json']).default('table'))
    .action(async ({ account, output }: { account: string; output: 'table' | 'json' }, command: Command) => {
      const { client } = openSession(io, command);
      const answer = await client.query<Answer>(QUERY, { account });
      io.out(output === 'json' ? `${JSON.stringify(answer)}\n` : textOf(answer));
    });
}

function textOf({ spend, balance }: Answer): string {
  const text = ({ amount, currency }: Money) => `${amount} ${currency}`;
  const rows = spend.months.map(({ month, user, amount }) => [month, user ?? '-', text(amount)]);
  const billed = rows.length === 0 ? 'Nothing is billed yet.\n' : table(['MONTH', 'USER', 'BILLED'], rows);
  const asOf = spend.asOf === null ? '' : `billed as of ${spend.asOf}\n`;
  return `running periods: ${text(balance.spend)}, as of ${balance.asOf}\n${billed}${asOf}`;
}
