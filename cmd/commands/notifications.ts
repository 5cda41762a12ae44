import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Io } from '../io.ts';
import { openSession } from '../session.ts';

interface Notification {
  id: string;
  at: string;
  category: string;
  severity: string;
  title: string;
  read: boolean;
}

interface Wanted {
  account?: string;
  category?: string[];
  severity?: string[];
  unread?: boolean;
  limit: number;
  markRead?: boolean;
  output: 'text' | 'json';
}

const LIST = `query ($first: Int, $account: String, $categories: [NotificationCategory!], $severities: [NotificationSeverity!], $unread: Boolean) {
  notifications(first: $first, account: $account, categories: $categories, severities: $severities, unread: $unread) {
    unreadCount nodes { id at category severity title read }
  }
}`;
const MARK = `mutation ($ids: [ID!]!, $account: String, $key: String) {
  markNotificationsRead(ids: $ids, account: $account, idempotencyKey: $key)
}`;

export function addNotifications(program: Command, io: Io): void {
  program
    .command('notifications')
    .description('what you and your account were told, newest first')
    .option('--account <name>', 'of another account, for who may read it')
    .addOption(
      new Option('--category <names...>', 'only these').choices(['SYSTEM', 'SERVICES', 'ACCOUNT', 'ACCOUNT_SPEND']),
    )
    .addOption(new Option('--severity <names...>', 'only these').choices(['CRITICAL', 'ALERT', 'INFORMATION']))
    .option('--unread', 'only what you have not read')
    .option('--limit <count>', 'at most so many, up to 500', countOf, 50)
    .option('--mark-read', 'mark what is shown as read')
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['text', 'json']).default('text'))
    .action(async (wanted: Wanted, command: Command) => {
      const { client } = openSession(io, command);
      const { account, category, severity, unread, limit, output } = wanted;
      const variables = { first: limit, account, categories: category, severities: severity, unread };
      const { notifications } = await client.query<{ notifications: { unreadCount: number; nodes: Notification[] } }>(
        LIST,
        variables,
      );
      const { nodes } = notifications;
      if (output === 'json') io.out(`${JSON.stringify(notifications)}\n`);
      else io.out(nodes.map((node) => `${lineOf(node)}\n`).join(''));
      const ids = nodes.filter(({ read }) => !read).map(({ id }) => id);
      if (wanted.markRead && ids.length > 0) await client.mutate(MARK, { ids, account });
      else if (output === 'text') io.err(`${notifications.unreadCount} unread.\n`);
    });
}

function lineOf({ at, severity, category, title, read }: Notification): string {
  return [read ? ' ' : '*', at, severity.padEnd(11), category.padEnd(13), title].join('  ');
}

function countOf(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1 || count > 500) throw new InvalidArgumentError('Give 1 to 500.');
  return count;
}
