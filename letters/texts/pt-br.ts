import type { Texts } from '../catalogue.ts';

export const BRAZILIAN: Texts = {
  VerifyEmail: {
    subject: 'Confirme seu e-mail para {brand}',
    body: 'Olá, {name},\n\nconfirme que este endereço é seu.\n\n[Confirmar o endereço]({link})\n\nO link funciona uma vez e por tempo limitado. Se você não pediu isto, não há nada a fazer: sem o link nada acontece.',
  },
  AlreadyRegistered: {
    subject: 'Você já tem uma conta em {brand}',
    body: 'Olá, {name},\n\nalguém, talvez você, tentou se cadastrar com este endereço. Ele já pertence a uma conta, por isso nada foi criado.\n\nSe você esqueceu sua senha, pode pedir uma nova ao entrar.',
  },
  Invitation: {
    subject: 'Convite para {brand}',
    body: 'Olá, {name},\n\nvocê foi convidado para {brand}. Seu nome de usuário é {user}.\n\n[Aceitar o convite]({link})\n\nO link funciona uma vez e por tempo limitado.',
  },
  PasswordReset: {
    subject: 'Defina uma nova senha para {brand}',
    body: 'Olá, {name},\n\nalguém, talvez você, pediu uma nova senha para o usuário {user}.\n\n[Definir nova senha]({link})\n\nO link funciona uma vez e por tempo limitado. Se não foi você, sua senha continua como está e não há nada a fazer.',
  },
  PasswordChanged: {
    subject: 'Sua senha de {brand} foi alterada',
    body: 'Olá, {name},\n\nsua senha foi alterada. Todas as outras sessões foram encerradas.\n\nSe não foi você, defina uma nova senha imediatamente{hasSupport, select, yes { e escreva para {support}} other {}}.',
  },
  SecondFactorChanged: {
    subject: 'Seu segundo fator de {brand} foi alterado',
    body: 'Olá, {name},\n\num segundo fator foi adicionado ou removido.\n\nSe não foi você, altere sua senha imediatamente{hasSupport, select, yes { e escreva para {support}} other {}}.',
  },
  RecoveryCodeUsed: {
    subject: 'Um código de recuperação foi usado em {brand}',
    body: 'Olá, {name},\n\num código de recuperação foi usado para entrar. Ele não pode ser usado de novo.\n\nSe não foi você, altere sua senha imediatamente.',
  },
  SignedInAnew: {
    subject: 'Novo acesso a {brand}',
    body: 'Olá, {name},\n\nhouve um acesso à sua conta de um lugar até agora desconhecido.\n\nSe não foi você, altere sua senha e encerre a sessão na sua lista de sessões.',
  },
  Welcome: {
    subject: 'Boas-vindas a {brand}',
    body: 'Olá, {name},\n\nsua conta está pronta.\n\n[Entrar]({link})',
  },
  ProjectInvitation: {
    subject: 'Convite para o projeto {project} em {brand}',
    body: 'Olá,\n\n{by} convida você a participar do projeto {project}.\n\n[Responder ao convite]({link})\n\nResponde-se como usuário que entrou. Se você não tem um, cadastre-se pelo mesmo link, onde o cadastro estiver aberto. O link funciona uma vez e por tempo limitado. Se você não sabe do que se trata, não há nada a fazer.',
  },
  MasqueradeBegan: {
    subject: 'Alguém de {brand} age em seu nome por um tempo',
    body: 'Olá, {name},\n\n{by} de {brand} age em seu nome até {until}. O motivo dado: {reason}\n\nSenhas, chaves, segredos e cartões ficam fora de alcance, e tudo fica na trilha de auditoria com ambos os nomes. Você pode encerrar imediatamente excluindo a representação {masquerade}.',
  },
  AccountHeld: {
    subject: 'Sua conta {account} em {brand} está retida',
    body: 'Olá,\n\na conta {account} está retida desde {since}. Enquanto isso nada novo é criado, e só os titulares entram.\n\n{severity, select, SUSPEND {As máquinas também estão paradas; nada é removido, e elas voltam a iniciar quando a retenção terminar.} other {As máquinas continuam em execução.}}\n\nEscreva para nós se quiser saber o motivo.',
  },
  TrialOver: {
    subject: 'O teste da sua conta {account} em {brand} terminou',
    body: 'Olá,\n\no teste da conta {account} terminou em {since}. As máquinas estão paradas e nada novo é criado; nada é removido, e os titulares ainda entram. Continua assim que a conta for de outro tipo: peça com convertTo; “describe account” diz o que ainda falta.',
  },
  AccountReleased: {
    subject: 'Uma retenção da sua conta {account} em {brand} terminou',
    body: 'Olá,\n\numa retenção da conta {account} terminou ({since}). Se era a última, as máquinas paradas voltam a iniciar.',
  },
  AccountTerminated: {
    subject: 'Sua conta {account} em {brand} foi encerrada',
    body: 'Olá,\n\na conta {account} foi encerrada em {since}. Ninguém mais entra nela, e o que há em seus projetos é removido. O que foi usado até então é cobrado; os documentos são mantidos.\n\nEscreva para nós se isto for um engano.',
  },
  InvoiceIssued: {
    subject: 'Fatura {subject} de {brand}: {total}',
    body: 'Olá,\n\na fatura {subject} de {account} está pronta: {total}.\n\nAinda a pagar: {due}, até {dueOn}.',
  },
  CreditNoteIssued: {
    subject: 'Nota de crédito {subject} de {brand}',
    body: 'Olá,\n\na nota de crédito {subject} de {account} está pronta.',
  },
  PaymentReceived: {
    subject: '{brand} recebeu seu pagamento',
    body: 'Olá,\n\nobrigado: o pagamento da fatura {subject} de {account} chegou.',
  },
  PaymentDeclined: {
    subject: 'Seu pagamento a {brand} foi recusado',
    body: 'Olá,\n\no pagamento de {subject} de {account} foi recusado. Verifique a forma de pagamento da sua conta ou escolha outra.',
  },
  RefundPaid: {
    subject: 'Um reembolso de {brand}',
    body: 'Olá,\n\no dinheiro de {subject} de {account} foi devolvido à sua origem. Leva alguns dias para chegar.',
  },
  PaymentReminder: {
    subject: 'Lembrete: a fatura {subject} está vencida',
    body: 'Olá,\n\na fatura {subject} de {account} está vencida. Se você já pagou, não há nada a fazer.',
  },
  HoldSet: {
    subject: 'Sua conta em {brand} está retida',
    body: 'Olá,\n\n{account} está retida ({subject}). Uma conta restrita não cria nada novo; as máquinas de uma suspensa estão paradas, e nada é removido. Elas voltam a iniciar quando a retenção terminar.',
  },
  HoldLifted: {
    subject: 'Uma retenção da sua conta em {brand} terminou',
    body: 'Olá,\n\numa retenção de {account} terminou ({subject}). Se era a última, as máquinas paradas voltam a iniciar.',
  },
  BudgetReached: {
    subject: 'Orçamento de {account}: {subject}',
    body: 'Olá,\n\nos gastos de {account} atingiram uma marca que você definiu. Orçamento {subject}.',
  },
  CreditLimitReached: {
    subject: 'Sua conta em {brand} atingiu o limite de crédito',
    body: 'Olá,\n\n{account} atingiu o limite de crédito ({subject}). Acima dele nada novo é criado até que algo seja pago.',
  },
  Report: {
    subject: '{report}, {from} a {to}',
    body: 'Olá,\n\nsegue anexo o relatório “{report}” de {from} a {to}.\n\nVocê o recebe pelo agendamento {schedule} de {brand}.',
  },
};
