import { CATALOGUE, SETTING_KEYS, type SettingKey } from '../../resources/support/setting/catalogue.ts';
import { JOB_NAMES, JOBS } from '../../resources/support/setting/jobs.ts';

/** docs/settings.md: every property that may be decided while the cloud runs, from the catalogue. */
export function settingsPage(): string {
  const groups = [...new Set(SETTING_KEYS.map((key) => CATALOGUE[key].group))];
  const tables = groups.flatMap((group) => [
    `## ${group}`,
    table(
      ['property', 'value', 'default', 'where', 'meaning'],
      SETTING_KEYS.filter((key) => CATALOGUE[key].group === group).map(row),
    ),
  ]);
  const jobs = table(
    ['job', 'what it is'],
    JOB_NAMES.map((job) => [`\`${job}\``, JOBS[job]]),
  );
  return `${[HEAD, ...tables, '## Jobs', PAUSES, jobs].join('\n\n')}\n`;
}

const HEAD = `# Settings that are decided while the cloud runs

Generated from \`resources/support/setting/catalogue.ts\` by \`npm run generate\`.

What the server needs to start — ports, database, keys, TLS, mail server, gateways — stands in its own settings
([operations.md](operations.md#settings)) and needs a restart. What a provider decides day by day stands here. An object of the kind
[Setting](kinds.md#setting) sets one property in one scope; it counts within a second on every instance, and ends with the object:

\`\`\`yaml
apiVersion: steward/v1
kind: Setting
metadata: { name: shifts }
spec: { key: signIn.sessionHours, value: 10, reason: Shifts of ten hours. }
\`\`\`

\`\`\`sh
steward settings                       # everything, with where each value comes from
steward settings billing --channel direct
steward settings --at 2026-01-31T00:00:00Z
steward settings history signIn.sessionHours
steward settings approve shifts        # the second person's word
\`\`\`

- **The narrowest scope wins**: the account's type, its channel, everywhere, the server's own setting (named below), the default. The answer says which.
- **Approval**: a change of a property marked *approval* waits, and the condition \`InForce\` says \`AwaitsApproval\`, until somebody with the right
  to change settings agrees who had no hand in the value. Until then the old value holds. The approval names the generation that was looked at; a
  value that is changed meanwhile has to be agreed to anew. Deleting such a Setting is refused while it would change the value.
- **History**: who set what, where, from when, and who agreed is appended to \`setting_facts\` in the transaction of the write. Nobody changes or
  deletes it; it outlives the object and the audit trail.
- **Frozen**: properties by which accounts are billed cannot change once there is an account.
- Who may: people with CONFIGURATION_CRUD. No property is a secret; secrets stay in the server's settings and in Secret objects.`;

const PAUSES = `\`jobs.NAME.paused\` pauses one job, \`maintenance.mode\` all of them. Who did and why shows in \`steward doctor\`, in the query \`jobs\`, as the metric
\`steward_job_paused\`, and by name in \`/readyz\`; the server stays ready. A pause loses nothing: what is due stays due. When it ends, the books
catch up on each day that was missed, in order and dated as of that day, to the same invoices, reminders and holds as without it.`;

function row(key: SettingKey): string[] {
  const { unit, fallback, file, scopes, requiresApproval, frozen, description } = CATALOGUE[key];
  const marks = [requiresApproval ? '*approval*' : '', frozen === null ? '' : '*frozen with the first account*'];
  const usual = Array.isArray(fallback) || fallback === '' ? 'none' : `\`${String(fallback)}\``;
  return [
    `\`${key}\``,
    unit,
    file === undefined ? usual : `\`${file}\`, else ${usual}`,
    [scopes.join(', '), ...marks].filter(Boolean).join('; '),
    description,
  ];
}

function table(headers: readonly string[], rows: readonly (readonly string[])[]): string {
  return [headers, headers.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
