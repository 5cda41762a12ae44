import type { LetterTemplate } from '../letter.ts';

/** What people are told about their account as such. */
export const ACCOUNT_LETTERS = {
  Welcome: {
    description: 'Greets the owner of a new account.',
    sample: { name: 'Sam', link: 'https://cloud.example' },
    texts: {
      en: {
        subject: 'Welcome to {{ brand.name }}',
        body: 'Hello {{ name }},\n\nyour account is ready.\n\n[Sign in]({{ link }})',
      },
      de: {
        subject: 'Willkommen bei {{ brand.name }}',
        body: 'Guten Tag {{ name }},\n\nIhr Konto ist bereit.\n\n[Anmelden]({{ link }})',
      },
    },
  },
  ProjectInvitation: {
    description: 'Invites a person to take part in a project, whether or not they have a user.',
    sample: { project: 'shop', by: 'Sam', link: 'https://cloud.example/project-invitation#token=sample' },
    texts: {
      en: {
        subject: 'You are invited to the project {{ project }} at {{ brand.name }}',
        body: 'Hello,\n\n{{ by }} invites you to take part in the project {{ project }}.\n\n[Answer the invitation]({{ link }})\n\nYou answer it as a user who is signed in. If you have none, register by the same link, where registering is open. The link works once, and only for a while. If you do not know what this is about, there is nothing to do.',
      },
      de: {
        subject: 'Sie sind zum Projekt {{ project }} bei {{ brand.name }} eingeladen',
        body: 'Guten Tag,\n\n{{ by }} lädt Sie ein, am Projekt {{ project }} teilzunehmen.\n\n[Einladung beantworten]({{ link }})\n\nSie antworten als angemeldeter Benutzer. Haben Sie noch keinen, registrieren Sie sich über denselben Link, wo das offen steht. Der Link gilt einmal und nur für eine Weile. Wenn Sie nicht wissen, worum es geht, ist nichts zu tun.',
      },
    },
  },
  MasqueradeBegan: {
    description: 'Tells a person that somebody of the provider acts as them for a while, and why.',
    sample: {
      name: 'Sam',
      by: 'Kim',
      reason: 'Ticket 4711: cannot attach a volume.',
      until: '12:30 UTC',
      masquerade: 'help-sam',
    },
    texts: {
      en: {
        subject: 'Somebody of {{ brand.name }} acts as you for a while',
        body: 'Hello {{ name }},\n\n{{ by }} of {{ brand.name }} acts as you until {{ until }}. The reason given: {{ reason }}\n\nPasswords, keys, secrets and stored cards stay out of reach, and everything that is done stands in the audit trail with both names. You can end it at once by deleting the masquerade {{ masquerade }}.',
      },
      de: {
        subject: 'Jemand von {{ brand.name }} handelt für kurze Zeit als Sie',
        body: 'Guten Tag {{ name }},\n\n{{ by }} von {{ brand.name }} handelt bis {{ until }} als Sie. Der angegebene Grund: {{ reason }}\n\nPasswörter, Schlüssel, Geheimnisse und Karten bleiben unerreichbar, und alles steht mit beiden Namen im Protokoll. Sie beenden es sofort, indem Sie die Maskerade {{ masquerade }} löschen.',
      },
    },
  },
  AccountHeld: {
    description: 'Tells the owners of an account that the provider holds it.',
    sample: { account: 'acme', severity: 'SUSPEND', since: '2026-01-31 12:30 UTC' },
    texts: {
      en: {
        subject: 'Your account {{ account }} at {{ brand.name }} is on hold',
        body: 'Hello,\n\nthe account {{ account }} is on hold since {{ since }} ({{ severity }}). An account that is on hold makes nothing new, and only its owners sign in. Where it says SUSPEND its machines are stopped too; nothing is removed, and they start again as soon as the hold ends.\n\nPlease write to us if you want to know why.',
      },
      de: {
        subject: 'Ihr Konto {{ account }} bei {{ brand.name }} ist gesperrt',
        body: 'Guten Tag,\n\ndas Konto {{ account }} ist seit {{ since }} gesperrt ({{ severity }}). Ein gesperrtes Konto legt nichts Neues an, und nur seine Inhaber melden sich an. Bei SUSPEND sind auch seine Maschinen angehalten; nichts wird entfernt, und sie starten wieder, sobald die Sperre endet.\n\nSchreiben Sie uns bitte, wenn Sie den Grund wissen möchten.',
      },
    },
  },
  TrialOver: {
    description: 'Tells the owners of an account that its trial is over, and how it goes on.',
    sample: { account: 'acme', since: '2026-01-31 12:30 UTC' },
    texts: {
      en: {
        subject: 'The trial of your account {{ account }} at {{ brand.name }} is over',
        body: 'Hello,\n\nthe trial of the account {{ account }} is over since {{ since }}. Its machines are stopped and nothing new is made; nothing is removed, and its owners still sign in. It goes on as soon as the account has become one of another type: ask for it with convertTo, and "describe account" says what is still missing.',
      },
      de: {
        subject: 'Die Probezeit Ihres Kontos {{ account }} bei {{ brand.name }} ist vorbei',
        body: 'Guten Tag,\n\ndie Probezeit des Kontos {{ account }} ist seit {{ since }} vorbei. Seine Maschinen sind angehalten, und nichts Neues wird angelegt; nichts wird entfernt, und seine Inhaber melden sich weiter an. Es geht weiter, sobald das Konto ein anderer Typ geworden ist: beantragen Sie das mit convertTo; „describe account“ sagt, was noch fehlt.',
      },
    },
  },
  AccountReleased: {
    description: 'Tells the owners of an account that a hold has ended.',
    sample: { account: 'acme', since: '2026-02-01 08:00 UTC' },
    texts: {
      en: {
        subject: 'A hold on your account {{ account }} at {{ brand.name }} has ended',
        body: 'Hello,\n\na hold on the account {{ account }} has ended ({{ since }}). If it was the last one, machines that it had stopped start again.',
      },
      de: {
        subject: 'Eine Sperre Ihres Kontos {{ account }} bei {{ brand.name }} ist aufgehoben',
        body: 'Guten Tag,\n\neine Sperre des Kontos {{ account }} ist aufgehoben ({{ since }}). War es die letzte, starten die angehaltenen Maschinen wieder.',
      },
    },
  },
  AccountTerminated: {
    description: 'Tells the owners of an account that it was terminated, for ever.',
    sample: { account: 'acme', since: '2026-01-31 12:30 UTC' },
    texts: {
      en: {
        subject: 'Your account {{ account }} at {{ brand.name }} was terminated',
        body: 'Hello,\n\nthe account {{ account }} was terminated at {{ since }}. Nobody signs in to it any more, and what is in its projects is removed. What was used until then is billed; documents are kept.\n\nPlease write to us if this is a mistake.',
      },
      de: {
        subject: 'Ihr Konto {{ account }} bei {{ brand.name }} wurde beendet',
        body: 'Guten Tag,\n\ndas Konto {{ account }} wurde beendet ({{ since }}). Niemand meldet sich mehr daran an, und was in seinen Projekten ist, wird entfernt. Was bis dahin genutzt wurde, wird abgerechnet; Belege bleiben erhalten.\n\nSchreiben Sie uns bitte, wenn das ein Irrtum ist.',
      },
    },
  },
} satisfies Record<string, LetterTemplate>;
