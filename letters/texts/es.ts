import type { Texts } from '../catalogue.ts';

export const SPANISH: Texts = {
  VerifyEmail: {
    subject: 'Confirme su dirección de correo para {brand}',
    body: 'Hola, {name}:\n\nconfirme que esta dirección es suya.\n\n[Confirmar la dirección]({link})\n\nEl enlace sirve una sola vez y por un tiempo limitado. Si no lo ha pedido, no tiene que hacer nada: sin el enlace no ocurre nada.',
  },
  AlreadyRegistered: {
    subject: 'Ya tiene una cuenta en {brand}',
    body: 'Hola, {name}:\n\nalguien, quizá usted, intentó registrarse con esta dirección. Ya pertenece a una cuenta, así que no se ha creado nada.\n\nSi ha olvidado su contraseña, puede pedir una nueva al iniciar sesión.',
  },
  Invitation: {
    subject: 'Invitación a {brand}',
    body: 'Hola, {name}:\n\nle invitamos a {brand}. Su nombre de usuario es {user}.\n\n[Aceptar la invitación]({link})\n\nEl enlace sirve una sola vez y por un tiempo limitado.',
  },
  PasswordReset: {
    subject: 'Establezca una nueva contraseña para {brand}',
    body: 'Hola, {name}:\n\nalguien, quizá usted, ha pedido una nueva contraseña para el usuario {user}.\n\n[Establecer nueva contraseña]({link})\n\nEl enlace sirve una sola vez y por un tiempo limitado. Si no ha sido usted, su contraseña no cambia y no tiene que hacer nada.',
  },
  PasswordChanged: {
    subject: 'Su contraseña de {brand} ha cambiado',
    body: 'Hola, {name}:\n\nsu contraseña ha cambiado. Todas las demás sesiones han terminado.\n\nSi no ha sido usted, establezca una nueva de inmediato{hasSupport, select, yes { y escriba a {support}} other {}}.',
  },
  SecondFactorChanged: {
    subject: 'Su segundo factor de {brand} ha cambiado',
    body: 'Hola, {name}:\n\nse ha añadido o quitado un segundo factor.\n\nSi no ha sido usted, cambie su contraseña de inmediato{hasSupport, select, yes { y escriba a {support}} other {}}.',
  },
  RecoveryCodeUsed: {
    subject: 'Se ha usado un código de recuperación en {brand}',
    body: 'Hola, {name}:\n\nse ha usado un código de recuperación para iniciar sesión. No se puede volver a usar.\n\nSi no ha sido usted, cambie su contraseña de inmediato.',
  },
  SignedInAnew: {
    subject: 'Nuevo inicio de sesión en {brand}',
    body: 'Hola, {name}:\n\nse ha iniciado sesión en su cuenta desde un lugar desconocido hasta ahora.\n\nSi no ha sido usted, cambie su contraseña y cierre la sesión en su lista de sesiones.',
  },
  Welcome: {
    subject: 'Le damos la bienvenida a {brand}',
    body: 'Hola, {name}:\n\nsu cuenta está lista.\n\n[Iniciar sesión]({link})',
  },
  ProjectInvitation: {
    subject: 'Invitación al proyecto {project} en {brand}',
    body: 'Hola:\n\n{by} le invita a participar en el proyecto {project}.\n\n[Responder a la invitación]({link})\n\nSe responde con la sesión iniciada. Si no tiene usuario, regístrese con el mismo enlace donde el registro esté abierto. El enlace sirve una sola vez y por un tiempo limitado. Si no sabe de qué se trata, no tiene que hacer nada.',
  },
  MasqueradeBegan: {
    subject: 'Alguien de {brand} actúa en su nombre por un tiempo',
    body: 'Hola, {name}:\n\n{by} de {brand} actúa en su nombre hasta el {until}. El motivo indicado: {reason}\n\nLas contraseñas, claves, secretos y tarjetas quedan fuera de su alcance, y todo queda en el registro de auditoría con ambos nombres. Puede terminarlo de inmediato borrando la suplantación {masquerade}.',
  },
  AccountHeld: {
    subject: 'Su cuenta {account} en {brand} está retenida',
    body: 'Hola:\n\nla cuenta {account} está retenida desde el {since}. Mientras tanto no crea nada nuevo y solo sus titulares inician sesión.\n\n{severity, select, SUSPEND {Sus máquinas también están detenidas; no se elimina nada y arrancan de nuevo cuando termine la retención.} other {Sus máquinas siguen funcionando.}}\n\nEscríbanos si desea saber el motivo.',
  },
  TrialOver: {
    subject: 'La prueba de su cuenta {account} en {brand} ha terminado',
    body: 'Hola:\n\nla prueba de la cuenta {account} terminó el {since}. Sus máquinas están detenidas y no se crea nada nuevo; no se elimina nada y sus titulares siguen iniciando sesión. Continúa cuando la cuenta pase a otro tipo: pídalo con convertTo; «describe account» dice qué falta.',
  },
  AccountReleased: {
    subject: 'Ha terminado una retención de su cuenta {account} en {brand}',
    body: 'Hola:\n\nha terminado una retención de la cuenta {account} ({since}). Si era la última, las máquinas detenidas arrancan de nuevo.',
  },
  AccountTerminated: {
    subject: 'Su cuenta {account} en {brand} ha sido cancelada',
    body: 'Hola:\n\nla cuenta {account} fue cancelada el {since}. Nadie inicia ya sesión en ella y se elimina lo que hay en sus proyectos. Se factura lo usado hasta entonces; los documentos se conservan.\n\nEscríbanos si se trata de un error.',
  },
  InvoiceIssued: {
    subject: 'Factura {subject} de {brand}: {total}',
    body: 'Hola:\n\nla factura {subject} de {account} está disponible: {total}.\n\nPendiente de pago: {due}, hasta el {dueOn}.',
  },
  CreditNoteIssued: {
    subject: 'Nota de crédito {subject} de {brand}',
    body: 'Hola:\n\nla nota de crédito {subject} de {account} está disponible.',
  },
  PaymentReceived: {
    subject: '{brand} ha recibido su pago',
    body: 'Hola:\n\ngracias: ha llegado el pago de la factura {subject} de {account}.',
  },
  PaymentDeclined: {
    subject: 'Su pago a {brand} ha sido rechazado',
    body: 'Hola:\n\nel pago de {subject} de {account} ha sido rechazado. Revise la forma de pago de su cuenta o elija otra.',
  },
  RefundPaid: {
    subject: 'Un reembolso de {brand}',
    body: 'Hola:\n\nse ha devuelto dinero de {subject} de {account} a su lugar de origen. Tarda unos días en llegar.',
  },
  PaymentReminder: {
    subject: 'Recordatorio: la factura {subject} está vencida',
    body: 'Hola:\n\nla factura {subject} de {account} está vencida. Si ya la ha pagado, no tiene que hacer nada.',
  },
  HoldSet: {
    subject: 'Su cuenta en {brand} está retenida',
    body: 'Hola:\n\n{account} está retenida ({subject}). Una cuenta restringida no crea nada nuevo; las máquinas de una suspendida están detenidas y no se elimina nada. Arrancan de nuevo cuando termine la retención.',
  },
  HoldLifted: {
    subject: 'Ha terminado una retención de su cuenta en {brand}',
    body: 'Hola:\n\nha terminado una retención de {account} ({subject}). Si era la última, las máquinas detenidas arrancan de nuevo.',
  },
  BudgetReached: {
    subject: 'Presupuesto de {account}: {subject}',
    body: 'Hola:\n\nel gasto de {account} ha alcanzado una marca fijada por usted. Presupuesto {subject}.',
  },
  CreditLimitReached: {
    subject: 'Su cuenta en {brand} ha alcanzado su límite de crédito',
    body: 'Hola:\n\n{account} ha alcanzado su límite de crédito ({subject}). Por encima de él no se crea nada nuevo hasta que se pague algo.',
  },
  Report: {
    subject: '{report}, {from} a {to}',
    body: 'Hola:\n\nse adjunta el informe «{report}» del {from} al {to}.\n\nLo recibe según el plan {schedule} de {brand}.',
  },
};
