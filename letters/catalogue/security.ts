import type { LetterTemplate } from '../letter.ts';

const once = 'The link works once, until {{ expires }}.';

/** What a person is told about the ways in to their own account. */
export const SECURITY_LETTERS = {
  VerifyEmail: {
    description: 'Asks a person to prove that an address is theirs.',
    sample: { name: 'Sam', link: 'https://cloud.example/verify?token=sample', expires: '2026-03-01 12:00 UTC' },
    texts: {
      en: {
        subject: 'Confirm your e-mail address for {{ brand.name }}',
        body: `Hello {{ name }},\n\nplease confirm that this address is yours.\n\n[Confirm the address]({{ link }})\n\n${once} If you did not ask for this, there is nothing to do: without the link nothing happens.`,
      },
      de: {
        subject: 'Bestätigen Sie Ihre E-Mail-Adresse für {{ brand.name }}',
        body: 'Guten Tag {{ name }},\n\nbitte bestätigen Sie, dass diese Adresse Ihnen gehört.\n\n[Adresse bestätigen]({{ link }})\n\nDer Link gilt einmal, bis {{ expires }}. Wenn Sie das nicht angefordert haben, ist nichts zu tun: ohne den Link geschieht nichts.',
      },
    },
  },
  AlreadyRegistered: {
    description: 'Tells the owner of an address that somebody tried to register with it once more.',
    sample: { name: 'Sam', link: 'https://cloud.example/reset' },
    texts: {
      en: {
        subject: 'You already have an account at {{ brand.name }}',
        body: 'Hello {{ name }},\n\nsomebody, perhaps you, tried to register with this address. It already belongs to an account, so nothing was made.\n\nIf you have forgotten your password, you can set a new one.\n\n[Set a new password]({{ link }})',
      },
    },
  },
  Invitation: {
    description: 'Invites a person to sign in for the first time, or to join a project.',
    sample: {
      name: 'Sam',
      inviter: 'Kim',
      place: 'project web',
      link: 'https://cloud.example/invitation?token=sample',
      expires: '2026-03-01 12:00 UTC',
    },
    texts: {
      en: {
        subject: '{{ inviter }} invites you to {{ place }} at {{ brand.name }}',
        body: `Hello {{ name }},\n\n{{ inviter }} invites you to {{ place }}.\n\n[Accept the invitation]({{ link }})\n\n${once}`,
      },
      de: {
        subject: '{{ inviter }} lädt Sie zu {{ place }} bei {{ brand.name }} ein',
        body: 'Guten Tag {{ name }},\n\n{{ inviter }} lädt Sie zu {{ place }} ein.\n\n[Einladung annehmen]({{ link }})\n\nDer Link gilt einmal, bis {{ expires }}.',
      },
    },
  },
  PasswordReset: {
    description: 'Lets a person who has forgotten the password set a new one.',
    sample: { name: 'Sam', link: 'https://cloud.example/reset?token=sample', expires: '2026-03-01 12:00 UTC' },
    texts: {
      en: {
        subject: 'Set a new password for {{ brand.name }}',
        body: `Hello {{ name }},\n\nsomebody, perhaps you, asked to set a new password.\n\n[Set a new password]({{ link }})\n\n${once} If it was not you, your password stays as it is and there is nothing to do.`,
      },
      de: {
        subject: 'Neues Passwort für {{ brand.name }} setzen',
        body: 'Guten Tag {{ name }},\n\njemand, vielleicht Sie, möchte ein neues Passwort setzen.\n\n[Neues Passwort setzen]({{ link }})\n\nDer Link gilt einmal, bis {{ expires }}. Wenn Sie es nicht waren, bleibt Ihr Passwort, wie es ist.',
      },
    },
  },
  PasswordChanged: {
    description: 'Tells a person that the password is another now.',
    sample: { name: 'Sam', at: '2026-03-01 12:00 UTC', from: '192.0.2.7' },
    texts: {
      en: {
        subject: 'Your password for {{ brand.name }} was changed',
        body: 'Hello {{ name }},\n\nyour password was changed at {{ at }} from {{ from }}. All other sessions have ended.\n\nIf it was not you, set a new password at once{% if brand.support != "" %} and write to {{ brand.support }}{% endif %}.',
      },
    },
  },
  SecondFactorChanged: {
    description: 'Tells a person that a second factor was added or taken away.',
    sample: { name: 'Sam', change: 'added', factor: 'an authenticator app', at: '2026-03-01 12:00 UTC' },
    texts: {
      en: {
        subject: 'Your second factor for {{ brand.name }} was {{ change }}',
        body: 'Hello {{ name }},\n\n{{ factor }} was {{ change }} at {{ at }}.\n\nIf it was not you, change your password at once{% if brand.support != "" %} and write to {{ brand.support }}{% endif %}.',
      },
    },
  },
  RecoveryCodeUsed: {
    description: 'Tells a person that a recovery code was used in place of the second factor.',
    sample: { name: 'Sam', left: '7', at: '2026-03-01 12:00 UTC' },
    texts: {
      en: {
        subject: 'A recovery code was used at {{ brand.name }}',
        body: 'Hello {{ name }},\n\na recovery code was used to sign in at {{ at }}; {{ left }} are left.\n\nIf it was not you, change your password at once.',
      },
    },
  },
  SignedInAnew: {
    description: 'Tells a person of a sign-in from a place that was not seen before.',
    sample: { name: 'Sam', at: '2026-03-01 12:00 UTC', from: '192.0.2.7', browser: 'Firefox on Linux' },
    texts: {
      en: {
        subject: 'New sign-in to {{ brand.name }}',
        body: 'Hello {{ name }},\n\nyour account was signed in to at {{ at }} from {{ from }} ({{ browser }}).\n\nIf it was not you, change your password and end the session in your list of sessions.',
      },
    },
  },
} satisfies Record<string, LetterTemplate>;
