import { Command } from 'commander';
import { addAdopt } from './commands/adopt.ts';
import { addApply } from './commands/apply.ts';
import { addAudit } from './commands/audit.ts';
import { addCompletion } from './commands/completion.ts';
import { addConsole } from './commands/console.ts';
import { addDelete } from './commands/delete.ts';
import { addDescribe } from './commands/describe.ts';
import { addDiff } from './commands/diff.ts';
import { addDoctor } from './commands/doctor.ts';
import { addEdit } from './commands/edit.ts';
import { addEvents } from './commands/events.ts';
import { addExplain } from './commands/explain.ts';
import { addExport } from './commands/export.ts';
import { addGet } from './commands/get.ts';
import { addInvite } from './commands/invite.ts';
import { addInvoice, addStatement } from './commands/invoice.ts';
import { addInvoices } from './commands/invoices.ts';
import { addLogin } from './commands/login.ts';
import { addLogout } from './commands/logout.ts';
import { addNotifications } from './commands/notifications.ts';
import { addPaymentSandbox } from './commands/payment-sandbox.ts';
import { addPlan } from './commands/plan.ts';
import { addPower } from './commands/power.ts';
import { addReport } from './commands/report.ts';
import { addSecret } from './commands/secret.ts';
import { addSettings } from './commands/settings.ts';
import { addSimulate } from './commands/simulate.ts';
import { addSpend } from './commands/spend.ts';
import { addStatus } from './commands/status.ts';
import { addUpload } from './commands/upload.ts';
import { addValidate } from './commands/validate.ts';
import { addVersion } from './commands/version.ts';
import { addWait } from './commands/wait.ts';
import { addWatch } from './commands/watch.ts';
import { addWhoami } from './commands/whoami.ts';
import { withRemedy } from './habits.ts';
import type { Io } from './io.ts';
import { VERSION } from './version.ts';

/** Adds one subcommand. */
export type AddCommand = (program: Command, io: Io) => void;

/** The whole command line. Each subcommand is a file of its own in commands/. */
export function createProgram(io: Io, addServe: AddCommand): Command {
  const program = new Command('steward')
    .description('A cloud that keeps its promises and its books.')
    .version(VERSION, '-V, --version')
    .option('--server <url>', 'address of the server (STEWARD_URL)')
    .option('--token-file <file>', 'file that holds the token (or STEWARD_TOKEN)')
    .option('-p, --project <name>', 'project that is meant (STEWARD_PROJECT)')
    .option('--insecure', 'allow plain http to other machines')
    .option('--no-color', 'no colours, as NO_COLOR does')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.out(text),
      writeErr: (text) => io.err(text),
      outputError: (text, write) => write(withRemedy(text)),
    })
    .showHelpAfterError('Add --help for what is possible.');
  for (const add of [addServe, ...COMMANDS]) add(program, io);
  addCompletion(program);
  return program;
}

const COMMANDS = [
  addApply,
  addPlan,
  addDiff,
  addGet,
  addDescribe,
  addExplain,
  addDelete,
  addEdit,
  addWait,
  addWatch,
  addEvents,
  addInvoices,
  addSpend,
  addInvoice,
  addStatement,
  addReport,
  addAudit,
  addExport,
  addValidate,
  addSimulate,
  addPaymentSandbox,
  addUpload,
  addPower,
  addConsole,
  addAdopt,
  addSecret,
  addSettings,
  addLogin,
  addLogout,
  addWhoami,
  addNotifications,
  addStatus,
  addInvite,
  addDoctor,
  addVersion,
];
