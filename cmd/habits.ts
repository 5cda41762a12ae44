/** What people bring from kubectl, Terraform and virsh, and how it is said here. */

const OPTIONS: Readonly<Record<string, string>> = {
  '-w': 'Changes as they happen: steward watch KIND.',
  '--watch': 'Changes as they happen: steward watch KIND.',
  '-R': 'Folders are read with everything below them: leave it out.',
  '--recursive': 'Folders are read with everything below them: leave it out.',
  '-n': 'Objects live in projects: -p NAME.',
  '--namespace': 'Objects live in projects: -p NAME.',
  '--all': 'All of a kind: steward get KIND, with -A those of all projects. To delete many, select them with -l.',
  '--all-namespaces': 'Of all projects: -A.',
  '--dry-run': 'It takes no value: write --dry-run alone.',
  '-auto-approve': 'Nothing is asked: --allow RISK says what the steps may cost, and is "none" by default.',
  '--out': 'plan --save keeps a plan on the server; apply --plan ID applies exactly that.',
  '-detailed-exitcode': 'That is --exit-code here.',
};

const COMMANDS: Readonly<Record<string, string>> = {
  create: 'steward apply -f FILE',
  destroy: 'steward delete KIND/NAME to remove an object, steward stop KIND/NAME to stop a machine',
  init: 'steward apply -f FOLDER; nothing has to be prepared',
  list: 'steward get KIND',
  logs: 'steward events KIND/NAME for what happened, steward console NAME for the serial console',
  ls: 'steward get KIND',
  patch: 'steward edit KIND/NAME, or steward apply -f FILE',
  restart: 'steward reboot KIND/NAME',
  rm: 'steward delete KIND/NAME',
  show: 'steward describe KIND/NAME',
  shutdown: 'steward stop KIND/NAME',
};

/** The error of a command line with the words of this one beside it, where they are known. */
export function withRemedy(error: string): string {
  const option = /unknown option '(-{1,2}[^'=]*)/.exec(error)?.[1];
  const remedy = option === undefined ? undefined : OPTIONS[option];
  if (remedy) return `${error.split('\n')[0]}\n${remedy}\n`;
  const command = /unknown command '([^']*)'/.exec(error)?.[1];
  const meant = command === undefined ? undefined : COMMANDS[command];
  if (meant) return `${error.split('\n')[0]}\nThat is: ${meant}.\n`;
  if (/too many arguments for '(apply|plan|diff)'/.test(error)) return `${error.trimEnd()}\nFiles are named with -f.\n`;
  return error;
}
