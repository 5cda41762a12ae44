import type { Texts } from '../catalogue.ts';

export const GERMAN: Texts = {
  VerifyEmail: {
    subject: 'Bestätigen Sie Ihre E-Mail-Adresse für {brand}',
    body: 'Guten Tag {name},\n\nbitte bestätigen Sie, dass diese Adresse Ihnen gehört.\n\n[Adresse bestätigen]({link})\n\nDer Link gilt einmal und nur für eine Weile. Wenn Sie das nicht angefordert haben, ist nichts zu tun: ohne den Link geschieht nichts.',
  },
  AlreadyRegistered: {
    subject: 'Sie haben bereits ein Konto bei {brand}',
    body: 'Guten Tag {name},\n\njemand, vielleicht Sie, wollte sich mit dieser Adresse registrieren. Sie gehört bereits zu einem Konto, daher wurde nichts angelegt.\n\nWenn Sie Ihr Passwort vergessen haben, können Sie bei der Anmeldung ein neues anfordern.',
  },
  Invitation: {
    subject: 'Sie sind zu {brand} eingeladen',
    body: 'Guten Tag {name},\n\nSie sind zu {brand} eingeladen. Ihr Benutzername ist {user}.\n\n[Einladung annehmen]({link})\n\nDer Link gilt einmal und nur für eine Weile.',
  },
  PasswordReset: {
    subject: 'Neues Passwort für {brand} setzen',
    body: 'Guten Tag {name},\n\njemand, vielleicht Sie, möchte ein neues Passwort für {user} setzen.\n\n[Neues Passwort setzen]({link})\n\nDer Link gilt einmal und nur für eine Weile. Wenn Sie es nicht waren, bleibt Ihr Passwort, wie es ist.',
  },
  PasswordChanged: {
    subject: 'Ihr Passwort für {brand} wurde geändert',
    body: 'Guten Tag {name},\n\nIhr Passwort wurde geändert. Alle anderen Sitzungen sind beendet.\n\nWenn Sie es nicht waren, setzen Sie sofort ein neues Passwort{hasSupport, select, yes { und schreiben Sie an {support}} other {}}.',
  },
  SecondFactorChanged: {
    subject: 'Ihr zweiter Faktor für {brand} wurde geändert',
    body: 'Guten Tag {name},\n\nein zweiter Faktor wurde eingerichtet oder entfernt.\n\nWenn Sie es nicht waren, ändern Sie sofort Ihr Passwort{hasSupport, select, yes { und schreiben Sie an {support}} other {}}.',
  },
  RecoveryCodeUsed: {
    subject: 'Ein Wiederherstellungscode wurde bei {brand} benutzt',
    body: 'Guten Tag {name},\n\nmit einem Wiederherstellungscode wurde angemeldet. Er gilt nicht noch einmal.\n\nWenn Sie es nicht waren, ändern Sie sofort Ihr Passwort.',
  },
  SignedInAnew: {
    subject: 'Neue Anmeldung bei {brand}',
    body: 'Guten Tag {name},\n\nan Ihrem Konto wurde von einem Ort aus angemeldet, der bisher unbekannt war.\n\nWenn Sie es nicht waren, ändern Sie Ihr Passwort und beenden Sie die Sitzung in der Liste Ihrer Sitzungen.',
  },
  Welcome: {
    subject: 'Willkommen bei {brand}',
    body: 'Guten Tag {name},\n\nIhr Konto ist bereit.\n\n[Anmelden]({link})',
  },
  ProjectInvitation: {
    subject: 'Sie sind zum Projekt {project} bei {brand} eingeladen',
    body: 'Guten Tag,\n\n{by} lädt Sie ein, am Projekt {project} teilzunehmen.\n\n[Einladung beantworten]({link})\n\nSie antworten als angemeldeter Benutzer. Haben Sie noch keinen, registrieren Sie sich über denselben Link, wo das offen steht. Der Link gilt einmal und nur für eine Weile. Wenn Sie nicht wissen, worum es geht, ist nichts zu tun.',
  },
  MasqueradeBegan: {
    subject: 'Jemand von {brand} handelt für kurze Zeit als Sie',
    body: 'Guten Tag {name},\n\n{by} von {brand} handelt bis {until} als Sie. Der angegebene Grund: {reason}\n\nPasswörter, Schlüssel, Geheimnisse und Karten bleiben unerreichbar, und alles steht mit beiden Namen im Protokoll. Sie beenden es sofort, indem Sie die Maskerade {masquerade} löschen.',
  },
  AccountHeld: {
    subject: 'Ihr Konto {account} bei {brand} ist gesperrt',
    body: 'Guten Tag,\n\ndas Konto {account} ist seit {since} gesperrt. Solange legt es nichts Neues an, und nur seine Inhaber melden sich an.\n\n{severity, select, SUSPEND {Auch seine Maschinen sind angehalten; nichts wird entfernt, und sie starten wieder, sobald die Sperre endet.} other {Seine Maschinen laufen weiter.}}\n\nSchreiben Sie uns bitte, wenn Sie den Grund wissen möchten.',
  },
  TrialOver: {
    subject: 'Die Probezeit Ihres Kontos {account} bei {brand} ist vorbei',
    body: 'Guten Tag,\n\ndie Probezeit des Kontos {account} ist seit {since} vorbei. Seine Maschinen sind angehalten, und nichts Neues wird angelegt; nichts wird entfernt, und seine Inhaber melden sich weiter an. Es geht weiter, sobald das Konto ein anderer Typ geworden ist: beantragen Sie das mit convertTo; „describe account“ sagt, was noch fehlt.',
  },
  AccountReleased: {
    subject: 'Eine Sperre Ihres Kontos {account} bei {brand} ist aufgehoben',
    body: 'Guten Tag,\n\neine Sperre des Kontos {account} ist aufgehoben ({since}). War es die letzte, starten die angehaltenen Maschinen wieder.',
  },
  AccountTerminated: {
    subject: 'Ihr Konto {account} bei {brand} wurde beendet',
    body: 'Guten Tag,\n\ndas Konto {account} wurde beendet ({since}). Niemand meldet sich mehr daran an, und was in seinen Projekten ist, wird entfernt. Was bis dahin genutzt wurde, wird abgerechnet; Belege bleiben erhalten.\n\nSchreiben Sie uns bitte, wenn das ein Irrtum ist.',
  },
  InvoiceIssued: {
    subject: 'Rechnung {subject} von {brand}: {total}',
    body: 'Guten Tag,\n\ndie Rechnung {subject} für {account} liegt vor: {total}.\n\nNoch zu zahlen: {due}, bis zum {dueOn}.',
  },
  CreditNoteIssued: {
    subject: 'Gutschrift {subject} von {brand}',
    body: 'Guten Tag,\n\ndie Gutschrift {subject} für {account} liegt vor.',
  },
  PaymentReceived: {
    subject: '{brand} hat Ihre Zahlung erhalten',
    body: 'Guten Tag,\n\nvielen Dank: die Zahlung für die Rechnung {subject} von {account} ist eingegangen.',
  },
  PaymentDeclined: {
    subject: 'Ihre Zahlung an {brand} wurde abgelehnt',
    body: 'Guten Tag,\n\ndie Zahlung für {subject} von {account} wurde abgelehnt. Bitte prüfen Sie das Zahlungsmittel Ihres Kontos, oder wählen Sie ein anderes.',
  },
  RefundPaid: {
    subject: 'Eine Erstattung von {brand}',
    body: 'Guten Tag,\n\nzu {subject} von {account} wurde Geld dorthin zurückgeschickt, woher es kam. Bis es ankommt, vergehen einige Tage.',
  },
  PaymentReminder: {
    subject: 'Erinnerung: Rechnung {subject} ist überfällig',
    body: 'Guten Tag,\n\ndie Rechnung {subject} von {account} ist überfällig. Wenn Sie sie inzwischen bezahlt haben, ist nichts zu tun.',
  },
  HoldSet: {
    subject: 'Ihr Konto bei {brand} ist gesperrt',
    body: 'Guten Tag,\n\n{account} ist gesperrt ({subject}). Ein eingeschränktes Konto legt nichts Neues an; die Maschinen eines angehaltenen stehen still, und nichts wird entfernt. Sie starten wieder, sobald die Sperre endet.',
  },
  HoldLifted: {
    subject: 'Eine Sperre Ihres Kontos bei {brand} ist aufgehoben',
    body: 'Guten Tag,\n\neine Sperre von {account} ist aufgehoben ({subject}). War es die letzte, starten die angehaltenen Maschinen wieder.',
  },
  BudgetReached: {
    subject: 'Budget von {account}: {subject}',
    body: 'Guten Tag,\n\ndie Ausgaben von {account} haben eine Marke erreicht, die Sie gesetzt haben. Budget {subject}.',
  },
  CreditLimitReached: {
    subject: 'Ihr Konto bei {brand} hat sein Kreditlimit erreicht',
    body: 'Guten Tag,\n\n{account} hat sein Kreditlimit erreicht ({subject}). Darüber hinaus wird nichts Neues angelegt, bis etwas bezahlt ist.',
  },
  Report: {
    subject: '{report}, {from} bis {to}',
    body: 'Guten Tag,\n\nanbei der Bericht „{report}“ für {from} bis {to}.\n\nSie erhalten ihn nach dem Plan {schedule} von {brand}.',
  },
};
