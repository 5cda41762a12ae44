import type { LetterTemplate } from '../letter.ts';

const once = 'The link works once, and only for a while.';

/** What a person is told about the ways in to their own account. */
export const SECURITY_LETTERS = {
  VerifyEmail: {
    description: 'Asks a person to prove that an address is theirs.',
    sample: { name: 'Sam', link: 'https://cloud.example/verify?token=sample' },
    texts: {
      en: {
        subject: 'Confirm your e-mail address for {{ brand.name }}',
        body: `Hello {{ name }},\n\nplease confirm that this address is yours.\n\n[Confirm the address]({{ link }})\n\n${once} If you did not ask for this, there is nothing to do: without the link nothing happens.`,
      },
      de: {
        subject: 'Bestätigen Sie Ihre E-Mail-Adresse für {{ brand.name }}',
        body: 'Guten Tag {{ name }},\n\nbitte bestätigen Sie, dass diese Adresse Ihnen gehört.\n\n[Adresse bestätigen]({{ link }})\n\nDer Link gilt einmal und nur für eine Weile. Wenn Sie das nicht angefordert haben, ist nichts zu tun: ohne den Link geschieht nichts.',
      },
    },
  },
  AlreadyRegistered: {
    description: 'Tells the owner of an address that somebody tried to register with it once more.',
    sample: { name: 'Sam' },
    texts: {
      en: {
        subject: 'You already have an account at {{ brand.name }}',
        body: 'Hello {{ name }},\n\nsomebody, perhaps you, tried to register with this address. It already belongs to an account, so nothing was made.\n\nIf you have forgotten your password, you can ask for a new one where you sign in.',
      },
    },
  },
  Invitation: {
    description: 'Invites a person to sign in for the first time.',
    sample: { name: 'Sam', user: 'sam', link: 'https://cloud.example/invitation?token=sample' },
    texts: {
      en: {
        subject: 'You are invited to {{ brand.name }}',
        body: `Hello {{ name }},\n\nyou are invited to {{ brand.name }}. Your user name is {{ user }}.\n\n[Accept the invitation]({{ link }})\n\n${once}`,
      },
      de: {
        subject: 'Sie sind zu {{ brand.name }} eingeladen',
        body: 'Guten Tag {{ name }},\n\nSie sind zu {{ brand.name }} eingeladen. Ihr Benutzername ist {{ user }}.\n\n[Einladung annehmen]({{ link }})\n\nDer Link gilt einmal und nur für eine Weile.',
      },
    },
  },
  PasswordReset: {
    description: 'Lets a person who has forgotten the password set a new one.',
    sample: { name: 'Sam', user: 'sam', link: 'https://cloud.example/reset?token=sample' },
    texts: {
      en: {
        subject: 'Set a new password for {{ brand.name }}',
        body: `Hello {{ name }},\n\nsomebody, perhaps you, asked to set a new password for the user {{ user }}.\n\n[Set a new password]({{ link }})\n\n${once} If it was not you, your password stays as it is and there is nothing to do.`,
      },
      de: {
        subject: 'Neues Passwort für {{ brand.name }} setzen',
        body: 'Guten Tag {{ name }},\n\njemand, vielleicht Sie, möchte ein neues Passwort für {{ user }} setzen.\n\n[Neues Passwort setzen]({{ link }})\n\nDer Link gilt einmal und nur für eine Weile. Wenn Sie es nicht waren, bleibt Ihr Passwort, wie es ist.',
      },
    },
  },
  PasswordChanged: {
    description: 'Tells a person that the password is another now.',
    sample: { name: 'Sam' },
    texts: {
      en: {
        subject: 'Your password for {{ brand.name }} was changed',
        body: 'Hello {{ name }},\n\nyour password was changed. All other sessions have ended.\n\nIf it was not you, set a new password at once{% if brand.support != "" %} and write to {{ brand.support }}{% endif %}.',
      },
    },
  },
  SecondFactorChanged: {
    description: 'Tells a person that a second factor was added or taken away.',
    sample: { name: 'Sam' },
    texts: {
      en: {
        subject: 'Your second factor for {{ brand.name }} was changed',
        body: 'Hello {{ name }},\n\na second factor of yours was set or taken away.\n\nIf it was not you, change your password at once{% if brand.support != "" %} and write to {{ brand.support }}{% endif %}.',
      },
    },
  },
  RecoveryCodeUsed: {
    description: 'Tells a person that a recovery code was used in place of the second factor.',
    sample: { name: 'Sam' },
    texts: {
      en: {
        subject: 'A recovery code was used at {{ brand.name }}',
        body: 'Hello {{ name }},\n\na recovery code was used to sign in. It cannot be used again.\n\nIf it was not you, change your password at once.',
      },
    },
  },
  SignedInAnew: {
    description: 'Tells a person of a sign-in from a place that was not seen before.',
    sample: { name: 'Sam' },
    texts: {
      en: {
        subject: 'New sign-in to {{ brand.name }}',
        body: 'Hello {{ name }},\n\nyour account was signed in to from a place that was not seen before.\n\nIf it was not you, change your password and end the session in your list of sessions.',
      },
    },
  },
} satisfies Record<string, LetterTemplate>;
