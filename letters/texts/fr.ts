import type { Texts } from '../catalogue.ts';

export const FRENCH: Texts = {
  VerifyEmail: {
    subject: 'Confirmez votre adresse électronique pour {brand}',
    body: 'Bonjour {name},\n\nveuillez confirmer que cette adresse est la vôtre.\n\n[Confirmer l’adresse]({link})\n\nLe lien ne sert qu’une fois et pendant un temps limité. Si vous n’avez rien demandé, il n’y a rien à faire : sans le lien, rien ne se passe.',
  },
  AlreadyRegistered: {
    subject: 'Vous avez déjà un compte chez {brand}',
    body: 'Bonjour {name},\n\nquelqu’un, peut-être vous, a voulu s’inscrire avec cette adresse. Elle appartient déjà à un compte : rien n’a été créé.\n\nSi vous avez oublié votre mot de passe, vous pouvez en demander un nouveau à la connexion.',
  },
  Invitation: {
    subject: 'Vous êtes invité chez {brand}',
    body: 'Bonjour {name},\n\nvous êtes invité chez {brand}. Votre nom d’utilisateur est {user}.\n\n[Accepter l’invitation]({link})\n\nLe lien ne sert qu’une fois et pendant un temps limité.',
  },
  PasswordReset: {
    subject: 'Définissez un nouveau mot de passe pour {brand}',
    body: 'Bonjour {name},\n\nquelqu’un, peut-être vous, a demandé un nouveau mot de passe pour l’utilisateur {user}.\n\n[Définir un nouveau mot de passe]({link})\n\nLe lien ne sert qu’une fois et pendant un temps limité. Si ce n’était pas vous, votre mot de passe reste inchangé et il n’y a rien à faire.',
  },
  PasswordChanged: {
    subject: 'Votre mot de passe pour {brand} a été changé',
    body: 'Bonjour {name},\n\nvotre mot de passe a été changé. Toutes les autres sessions sont terminées.\n\nSi ce n’était pas vous, définissez aussitôt un nouveau mot de passe{hasSupport, select, yes { et écrivez à {support}} other {}}.',
  },
  SecondFactorChanged: {
    subject: 'Votre second facteur pour {brand} a été changé',
    body: 'Bonjour {name},\n\nun second facteur a été ajouté ou retiré.\n\nSi ce n’était pas vous, changez aussitôt votre mot de passe{hasSupport, select, yes { et écrivez à {support}} other {}}.',
  },
  RecoveryCodeUsed: {
    subject: 'Un code de récupération a été utilisé chez {brand}',
    body: 'Bonjour {name},\n\nun code de récupération a servi à une connexion. Il ne peut plus servir.\n\nSi ce n’était pas vous, changez aussitôt votre mot de passe.',
  },
  SignedInAnew: {
    subject: 'Nouvelle connexion à {brand}',
    body: 'Bonjour {name},\n\nune connexion à votre compte a eu lieu depuis un endroit inconnu jusqu’ici.\n\nSi ce n’était pas vous, changez votre mot de passe et terminez la session dans la liste de vos sessions.',
  },
  Welcome: {
    subject: 'Bienvenue chez {brand}',
    body: 'Bonjour {name},\n\nvotre compte est prêt.\n\n[Se connecter]({link})',
  },
  ProjectInvitation: {
    subject: 'Vous êtes invité au projet {project} chez {brand}',
    body: 'Bonjour,\n\n{by} vous invite à participer au projet {project}.\n\n[Répondre à l’invitation]({link})\n\nOn y répond une fois connecté. Si vous n’avez pas d’utilisateur, inscrivez-vous par le même lien, là où l’inscription est ouverte. Le lien ne sert qu’une fois et pendant un temps limité. Si vous ne savez pas de quoi il s’agit, il n’y a rien à faire.',
  },
  MasqueradeBegan: {
    subject: 'Quelqu’un de {brand} agit en votre nom pour un temps',
    body: 'Bonjour {name},\n\n{by} de {brand} agit en votre nom jusqu’au {until}. La raison donnée : {reason}\n\nMots de passe, clés, secrets et cartes restent hors d’atteinte, et tout figure au journal d’audit sous les deux noms. Vous pouvez y mettre fin aussitôt en supprimant la procuration {masquerade}.',
  },
  AccountHeld: {
    subject: 'Votre compte {account} chez {brand} est bloqué',
    body: 'Bonjour,\n\nle compte {account} est bloqué depuis le {since}. D’ici là, il ne crée rien de nouveau et seuls ses titulaires se connectent.\n\n{severity, select, SUSPEND {Ses machines sont arrêtées elles aussi ; rien n’est supprimé et elles redémarrent dès la fin du blocage.} other {Ses machines continuent de tourner.}}\n\nÉcrivez-nous si vous souhaitez en connaître la raison.',
  },
  TrialOver: {
    subject: 'L’essai de votre compte {account} chez {brand} est terminé',
    body: 'Bonjour,\n\nl’essai du compte {account} est terminé depuis le {since}. Ses machines sont arrêtées et rien de nouveau n’est créé ; rien n’est supprimé et ses titulaires se connectent encore. Il reprend dès que le compte change de type : demandez-le avec convertTo ; « describe account » dit ce qui manque encore.',
  },
  AccountReleased: {
    subject: 'Un blocage de votre compte {account} chez {brand} a pris fin',
    body: 'Bonjour,\n\nun blocage du compte {account} a pris fin ({since}). Si c’était le dernier, les machines arrêtées redémarrent.',
  },
  AccountTerminated: {
    subject: 'Votre compte {account} chez {brand} a été résilié',
    body: 'Bonjour,\n\nle compte {account} a été résilié le {since}. Plus personne ne s’y connecte, et le contenu de ses projets est supprimé. Ce qui a été utilisé jusque-là est facturé ; les documents sont conservés.\n\nÉcrivez-nous s’il s’agit d’une erreur.',
  },
  InvoiceIssued: {
    subject: 'Facture {subject} de {brand} : {total}',
    body: 'Bonjour,\n\nla facture {subject} de {account} est disponible : {total}.\n\nReste à payer : {due}, avant le {dueOn}.',
  },
  CreditNoteIssued: {
    subject: 'Avoir {subject} de {brand}',
    body: 'Bonjour,\n\nl’avoir {subject} de {account} est disponible.',
  },
  PaymentReceived: {
    subject: '{brand} a reçu votre paiement',
    body: 'Bonjour,\n\nmerci : le paiement de la facture {subject} de {account} est arrivé.',
  },
  PaymentDeclined: {
    subject: 'Votre paiement à {brand} a été refusé',
    body: 'Bonjour,\n\nle paiement de {subject} de {account} a été refusé. Veuillez vérifier le moyen de paiement de votre compte ou en choisir un autre.',
  },
  RefundPaid: {
    subject: 'Un remboursement de {brand}',
    body: 'Bonjour,\n\nde l’argent pour {subject} de {account} a été renvoyé à sa provenance. Il met quelques jours à arriver.',
  },
  PaymentReminder: {
    subject: 'Rappel : la facture {subject} est en retard',
    body: 'Bonjour,\n\nla facture {subject} de {account} est en retard. Si vous l’avez payée entre-temps, il n’y a rien à faire.',
  },
  HoldSet: {
    subject: 'Votre compte chez {brand} est bloqué',
    body: 'Bonjour,\n\n{account} est bloqué ({subject}). Un compte restreint ne crée rien de nouveau ; les machines d’un compte suspendu sont arrêtées et rien n’est supprimé. Elles redémarrent dès la fin du blocage.',
  },
  HoldLifted: {
    subject: 'Un blocage de votre compte chez {brand} a pris fin',
    body: 'Bonjour,\n\nun blocage de {account} a pris fin ({subject}). Si c’était le dernier, les machines arrêtées redémarrent.',
  },
  BudgetReached: {
    subject: 'Budget de {account} : {subject}',
    body: 'Bonjour,\n\nles dépenses de {account} ont atteint un seuil que vous avez fixé. Budget {subject}.',
  },
  CreditLimitReached: {
    subject: 'Votre compte chez {brand} a atteint sa limite de crédit',
    body: 'Bonjour,\n\n{account} a atteint sa limite de crédit ({subject}). Au-delà, rien de nouveau n’est créé avant un paiement.',
  },
  Report: {
    subject: '{report}, du {from} au {to}',
    body: 'Bonjour,\n\nci-joint le rapport « {report} » du {from} au {to}.\n\nVous le recevez selon le plan {schedule} de {brand}.',
  },
};
