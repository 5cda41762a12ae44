import { isIP } from 'node:net';
import { z } from 'zod';
import { type Field, fieldsOf } from '../../reconciler/fields.ts';
import type { Json } from '../../reconciler/json.ts';
import { RECORDS } from '../../reconciler/records.ts';
import { MAIL_SCHEMA, mailIssues } from './mail-settings.ts';
import { SIGN_IN_SCHEMA } from './sign-in-settings.ts';

/** Every setting of `steward serve`, once: file, environment, flags, errors and the table in the docs derive from it. */
export const SETTINGS_SCHEMA = z.object({
  listen: z.object({
    host: z.string().min(1).max(253).default('127.0.0.1').describe('Address to listen on.'),
    port: z.int().min(0).max(65_535).default(8470).describe('Port to listen on; 0 takes a free one.'),
    trustedProxies: z
      .array(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()]))
      .max(64)
      .default([])
      .describe('Proxies whose word for whom they ask is taken (X-Forwarded-For): addresses or networks.'),
    allowInsecure: z
      .boolean()
      .default(false)
      .describe('Listen beyond this machine without TLS: only behind a proxy that does TLS.'),
    tls: z.object({
      cert: z.string().default('').describe('File with the certificate chain, PEM.'),
      key: z.string().default('').describe('File with its private key, PEM.'),
    }),
  }),
  dataDir: z.string().min(1).default('.steward').describe('Folder of all that the server keeps on this machine.'),
  database: z
    .string()
    .regex(/^(embedded|memory|postgres(ql)?:\/\/.+)$/, '"embedded", "memory" or a postgres:// address')
    .meta({ secret: true })
    .default('embedded')
    .describe('`embedded` keeps it in the data folder; `memory` forgets it at the end; or a postgres:// address.'),
  hypervisor: z
    .string()
    .regex(/^(auto|none|memory|[a-z+]+:\/\/.*)$/, '"auto", "none", "memory" or an address such as qemu:///system')
    .default('auto')
    .describe('Host of a first start: `auto` asks qemu:///system, else takes `memory`; `none` makes no host.'),
  manifests: z.array(z.string().min(1)).max(64).default([]).describe('Folders of manifests to follow.'),
  images: z.object({
    folders: z
      .array(z.string().min(1))
      .max(64)
      .default([])
      .describe('Folders whose files images may name. Uploads go to `images` in the data folder, which is always one.'),
    maxUploadGiB: z.int().min(1).max(10_000).default(50).describe('Largest file that is taken.'),
    allowedHosts: z
      .array(z.string().min(1))
      .max(256)
      .default([])
      .describe('Internal names, addresses or networks that images and Git sources may be fetched from.'),
  }),
  engine: z.object({
    leaseMs: z
      .int()
      .min(5_000)
      .max(600_000)
      .default(60_000)
      .describe('How long a claim holds; others take over after it.'),
    resyncMs: z
      .int()
      .min(1_000)
      .max(86_400_000)
      .default(300_000)
      .describe('How often a settled object is looked at again.'),
    concurrency: z.int().min(1).max(4_096).default(128).describe('Reconciles at the same time.'),
    reportOnly: z.boolean().default(false).describe('Observe and report, never act.'),
  }),
  usage: z.object({
    readSeconds: z
      .int()
      .min(0)
      .max(3_600)
      .default(300)
      .describe(
        'How often the traffic of NICs and disks is read from the hosts. What a machine moved after the last reading of its run is not billed. 0: it is not counted.',
      ),
    bookSeconds: z
      .int()
      .min(60)
      .max(86_400)
      .default(3_600)
      .describe('What a NIC or disk moved in so much time becomes one row of usage.'),
  }),
  sweeper: z.object({
    remove: z
      .boolean()
      .default(false)
      .describe(
        'Stop and, after a quarantine, remove leftovers that the database remembers. Otherwise they are only reported.',
      ),
    quarantineDays: z
      .int()
      .min(1)
      .max(365)
      .default(7)
      .describe('How long a stopped leftover is kept before it is removed.'),
  }),
  retention: z.object({
    eventsDays: z.int().min(1).max(36_500).default(RECORDS.Event.retentionDays).describe('How long events are kept.'),
    stepsDays: z
      .int()
      .min(1)
      .max(36_500)
      .default(RECORDS.Step.retentionDays)
      .describe('How long executed steps are kept.'),
    auditDays: z
      .int()
      .min(1)
      .max(36_500)
      .default(RECORDS.AuditEntry.retentionDays)
      .describe('How long audit entries are kept.'),
    journalDays: z
      .int()
      .min(1)
      .max(36_500)
      .default(RECORDS.JournalEntry.retentionDays)
      .describe('How long the journal of observed levels is kept.'),
  }),
  log: z.object({
    level: z
      .enum(['debug', 'info', 'warn', 'error', 'silent'])
      .default('info')
      .describe('The least important level that is written.'),
    format: z.enum(['auto', 'json', 'text']).default('auto').describe('`auto`: text on a terminal, JSON otherwise.'),
  }),
  payments: z.object({
    sandbox: z
      .string()
      .regex(/^(off|memory|https?:\/\/.+)$/, '"off", "memory" or the address of a sandbox gateway')
      .default('off')
      .describe(
        'A gateway that moves no money, for trying out: `memory`, which forgets it at the end, or the address of `steward payment-sandbox`.',
      ),
    stripe: z.object({
      secretKeyFile: z.string().default('').describe('File with the secret key, mode 0600. Empty: no Stripe.'),
      webhookSecretFile: z
        .string()
        .default('')
        .describe('File with the signing secret of the webhook at `/webhooks/payments/stripe`, mode 0600.'),
      url: z.url().default('https://api.stripe.com').describe('Where its API is.'),
    }),
    authorizeNet: z.object({
      loginId: z.string().max(50).default('').describe('API login id. Empty: no Authorize.Net.'),
      transactionKeyFile: z.string().default('').describe('File with the transaction key, mode 0600.'),
      signatureKeyFile: z
        .string()
        .default('')
        .describe('File with the signature key of the webhook at `/webhooks/payments/authorize-net`, mode 0600.'),
      url: z.url().default('https://api.authorize.net/xml/v1/request.api').describe('Where its API is.'),
      formUrl: z
        .url()
        .default('https://accept.authorize.net/customer/addPayment')
        .describe('Where its form for cards is.'),
    }),
  }),
  tokenFile: z
    .string()
    .default('')
    .describe("File with the administrator's token, mode 0600. Empty: `token` in the data folder, made when missing."),
  sealing: z.object({
    keyFile: z
      .string()
      .default('')
      .describe(
        'File with the keys that seal secrets, mode 0600. Empty: `keys.json` in the data folder, made when missing.',
      ),
    command: z
      .array(z.string().min(1))
      .max(32)
      .default([])
      .describe('Program and arguments that print the keys, in place of the file.'),
    keys: z
      .string()
      .default('')
      .meta({ secret: true })
      .describe('The keys themselves, as in the file: for the environment, in place of the file.'),
  }),
  signIn: SIGN_IN_SCHEMA,
  mail: MAIL_SCHEMA,
  graphql: z.object({
    persisted: z
      .string()
      .default('')
      .describe(
        'File or folder of documents that clients ask for by SHA-256 or id: JSON maps of id → document, manifests with `operations`, `.graphql` files. They are checked when the server starts.',
      ),
    onlyPersisted: z
      .boolean()
      .default(false)
      .describe(
        "Take no other documents: only the administrator's token may send its own. The command line sends its own.",
      ),
  }),
  explorer: z.boolean().default(true).describe('The explorer page of the API at /graphql.'),
});

export type Settings = z.output<typeof SETTINGS_SCHEMA>;

/** One leaf of the settings and its names. */
export interface Setting {
  /** Dotted path as in the file: `listen.port`. */
  path: string;
  /** JSON pointer. */
  pointer: string;
  /** `STEWARD_LISTEN_PORT` */
  variable: string;
  /** `--listen-port` */
  flag: string;
  field: Field;
}

export const SETTINGS: readonly Setting[] = leaves(fieldsOf(SETTINGS_SCHEMA));

function leaves(fields: readonly Field[]): Setting[] {
  return fields.flatMap((field) => (field.type === 'object' ? leaves(field.children) : [settingOf(field)]));
}

function settingOf(field: Field): Setting {
  const path = field.path.slice(1).replaceAll('/', '.');
  const words = path
    .replace('GiB', 'Gib')
    .replaceAll(/(?=[A-Z])/g, '.')
    .split('.');
  const lower = words.map((word) => word.toLowerCase());
  return {
    path,
    pointer: field.path,
    variable: `STEWARD_${lower.join('_').toUpperCase()}`,
    flag: `--${lower.join('-')}`,
    field,
  };
}

/** What no single field can say. */
export function settingsIssues(settings: Settings): { pointer: string; message: string }[] {
  const { host, allowInsecure, tls } = settings.listen;
  const issues = mailIssues(settings.mail);
  if (settings.graphql.onlyPersisted && settings.graphql.persisted === '')
    issues.push({
      pointer: '/graphql/onlyPersisted',
      message: 'is true without any documents; name them in graphql.persisted',
    });
  if (tls.cert !== '' && tls.key === '')
    issues.push({ pointer: '/listen/tls/key', message: 'is missing; a certificate needs its private key' });
  if (tls.key !== '' && tls.cert === '')
    issues.push({ pointer: '/listen/tls/cert', message: 'is missing; a private key needs its certificate' });
  if (!isLoopback(host) && tls.cert === '' && !allowInsecure)
    issues.push({
      pointer: '/listen/host',
      message: `is ${JSON.stringify(host)}, which others can reach; give listen.tls.cert and listen.tls.key, or set listen.allowInsecure behind a proxy that does TLS`,
    });
  return issues;
}

function isLoopback(host: string): boolean {
  if (host === 'localhost' || host === '::1') return true;
  return isIP(host) === 4 && host.startsWith('127.');
}

/** A value in a form that may be shown: passwords in addresses are not. */
export function shownSetting(setting: Setting, value: Json): Json {
  if (!setting.field.secret || typeof value !== 'string' || value === '') return value;
  // The words for a database are no secret; everything else that is no address is one from its first letter to its last.
  if (!URL.canParse(value)) return /^(embedded|memory)$/.test(value) ? value : '***';
  const url = new URL(value);
  if (url.password === '' && !url.searchParams.has('password')) return value;
  if (url.password !== '') url.password = '***';
  if (url.searchParams.has('password')) url.searchParams.set('password', '***');
  return url.href;
}
