import { fillMessage } from './message.ts';
import type { NoticeType } from './notices.ts';
import type { Reader } from './reader.ts';
import { bestOf, localeOf } from './words.ts';

/** A notice in its reader's language, or in English. `account` and `detail` are the only variables. */
export function noticeTitle(
  { type, account, detail }: { type: NoticeType; account: string; detail: string },
  { locale, zone }: Reader,
): string {
  const language = bestOf(Object.keys(TITLES), locale) ?? 'en';
  const message = TITLES[language]?.[NAMES.indexOf(type)] ?? '';
  return fillMessage(message, { values: { account, detail }, types: {} }, { locale: localeOf(language, locale), zone });
}

const NAMES: readonly NoticeType[] = [
  'InvoiceIssued',
  'CreditNoteIssued',
  'PaymentReceived',
  'PaymentDeclined',
  'PaymentReminder',
  'RefundPaid',
  'WalletToppedUp',
  'BudgetAlert',
  'CreditLimitReached',
  'CreditLimitExceeded',
  'HoldSet',
  'HoldLifted',
  'AccountActivated',
  'AccountConverted',
  'AccountTerminated',
  'Registered',
  'SignedIn',
  'SignedOut',
  'SessionsRevoked',
  'PasswordSet',
  'SecondFactorSet',
  'SecondFactorRemoved',
  'RecoveryCodeUsed',
  'PasskeyAdded',
  'PasskeyRemoved',
  'JobProblem',
  'ConnectorProblem',
  'Disruption',
  'Issue',
  'Resolution',
  'Maintenance',
];

/** In the order of NAMES, one language a row: so they can be read against each other. */
const ROWS: Readonly<Record<string, string>> = {
  en: 'Invoice {detail} of {account} was issued|Credit note {detail} of {account} was issued|A payment for {detail} of {account} was received|A payment for {detail} of {account} was declined|Invoice {detail} of {account} is overdue|A refund for {detail} of {account} was paid|Money was deposited in the wallet {detail} of {account}|Budget of {account}: {detail}|{account} has reached its credit limit|{account} has exceeded its credit limit|{account} is on hold: {detail}|A hold of {account} has ended: {detail}|The account {account} is active|The account {account} is of another type: {detail}|The account {account} was terminated|You are registered|You signed in|You signed out|Sessions of yours were ended|Your password was set|A second factor was set|A second factor was removed|A recovery code was used|A passkey was added|A passkey was removed|A job has a problem: {detail}|A connector has a problem: {detail}|Disruption: {detail}|Issue: {detail}|Resolved: {detail}|Maintenance: {detail}',
  de: 'Die Rechnung {detail} von {account} wurde ausgestellt|Die Gutschrift {detail} von {account} wurde ausgestellt|Eine Zahlung für {detail} von {account} ist eingegangen|Eine Zahlung für {detail} von {account} wurde abgelehnt|Die Rechnung {detail} von {account} ist überfällig|Eine Erstattung für {detail} von {account} wurde gezahlt|Auf das Guthaben {detail} von {account} wurde eingezahlt|Budget von {account}: {detail}|{account} hat sein Kreditlimit erreicht|{account} hat sein Kreditlimit überschritten|{account} ist gesperrt: {detail}|Eine Sperre von {account} ist aufgehoben: {detail}|Das Konto {account} ist aktiv|Das Konto {account} ist von einem anderen Typ: {detail}|Das Konto {account} wurde beendet|Sie sind registriert|Sie haben sich angemeldet|Sie haben sich abgemeldet|Sitzungen von Ihnen wurden beendet|Ihr Passwort wurde gesetzt|Ein zweiter Faktor wurde eingerichtet|Ein zweiter Faktor wurde entfernt|Ein Wiederherstellungscode wurde benutzt|Ein Passkey wurde hinzugefügt|Ein Passkey wurde entfernt|Ein Hintergrundauftrag hat ein Problem: {detail}|Eine Anbindung hat ein Problem: {detail}|Ausfall: {detail}|Störung: {detail}|Behoben: {detail}|Wartung: {detail}',
  es: 'Se emitió la factura {detail} de {account}|Se emitió la nota de crédito {detail} de {account}|Se recibió un pago de {detail} de {account}|Se rechazó un pago de {detail} de {account}|La factura {detail} de {account} está vencida|Se pagó un reembolso de {detail} de {account}|Se ingresó dinero en el monedero {detail} de {account}|Presupuesto de {account}: {detail}|{account} ha alcanzado su límite de crédito|{account} ha superado su límite de crédito|{account} está retenida: {detail}|Ha terminado una retención de {account}: {detail}|La cuenta {account} está activa|La cuenta {account} es de otro tipo: {detail}|La cuenta {account} fue cancelada|Se ha registrado|Ha iniciado sesión|Ha cerrado sesión|Se cerraron sesiones suyas|Se estableció su contraseña|Se añadió un segundo factor|Se quitó un segundo factor|Se usó un código de recuperación|Se añadió una clave de acceso|Se quitó una clave de acceso|Una tarea tiene un problema: {detail}|Un conector tiene un problema: {detail}|Interrupción: {detail}|Incidencia: {detail}|Resuelto: {detail}|Mantenimiento: {detail}',
  fr: 'La facture {detail} de {account} a été émise|L’avoir {detail} de {account} a été émis|Un paiement de {detail} de {account} a été reçu|Un paiement de {detail} de {account} a été refusé|La facture {detail} de {account} est en retard|Un remboursement de {detail} de {account} a été versé|De l’argent a été déposé dans le porte-monnaie {detail} de {account}|Budget de {account} : {detail}|{account} a atteint sa limite de crédit|{account} a dépassé sa limite de crédit|{account} est bloqué : {detail}|Un blocage de {account} a pris fin : {detail}|Le compte {account} est actif|Le compte {account} a changé de type : {detail}|Le compte {account} a été résilié|Vous êtes inscrit|Vous vous êtes connecté|Vous vous êtes déconnecté|Des sessions à vous ont été terminées|Votre mot de passe a été défini|Un second facteur a été ajouté|Un second facteur a été retiré|Un code de récupération a été utilisé|Une clé d’accès a été ajoutée|Une clé d’accès a été retirée|Une tâche a un problème : {detail}|Un connecteur a un problème : {detail}|Panne : {detail}|Incident : {detail}|Résolu : {detail}|Maintenance : {detail}',
  ja: '{account} の請求書 {detail} が発行されました|{account} のクレジットノート {detail} が発行されました|{account} の {detail} のお支払いを受け取りました|{account} の {detail} のお支払いが拒否されました|{account} の請求書 {detail} の期日が過ぎています|{account} の {detail} の返金が行われました|{account} のウォレット {detail} に入金されました|{account} の予算: {detail}|{account} は与信限度に達しました|{account} は与信限度を超えました|{account} は保留中です: {detail}|{account} の保留が終わりました: {detail}|アカウント {account} は有効です|アカウント {account} の種類が変わりました: {detail}|アカウント {account} は解約されました|登録されました|サインインしました|サインアウトしました|セッションが終了されました|パスワードが設定されました|第二要素が追加されました|第二要素が削除されました|回復コードが使われました|パスキーが追加されました|パスキーが削除されました|ジョブに問題があります: {detail}|コネクターに問題があります: {detail}|障害: {detail}|問題: {detail}|解決済み: {detail}|メンテナンス: {detail}',
  ko: '{account}의 청구서 {detail}이(가) 발행되었습니다|{account}의 대변표 {detail}이(가) 발행되었습니다|{account}의 {detail} 결제를 받았습니다|{account}의 {detail} 결제가 거절되었습니다|{account}의 청구서 {detail} 기한이 지났습니다|{account}의 {detail} 환불이 지급되었습니다|{account}의 지갑 {detail}에 입금되었습니다|{account}의 예산: {detail}|{account}이(가) 신용 한도에 도달했습니다|{account}이(가) 신용 한도를 초과했습니다|{account}이(가) 보류 중입니다: {detail}|{account}의 보류가 끝났습니다: {detail}|계정 {account}이(가) 활성화되었습니다|계정 {account}의 유형이 바뀌었습니다: {detail}|계정 {account}이(가) 해지되었습니다|가입되었습니다|로그인했습니다|로그아웃했습니다|세션이 종료되었습니다|비밀번호가 설정되었습니다|두 번째 인증 수단이 추가되었습니다|두 번째 인증 수단이 제거되었습니다|복구 코드가 사용되었습니다|패스키가 추가되었습니다|패스키가 제거되었습니다|작업에 문제가 있습니다: {detail}|커넥터에 문제가 있습니다: {detail}|장애: {detail}|문제: {detail}|해결됨: {detail}|점검: {detail}',
  'pt-BR':
    'A fatura {detail} de {account} foi emitida|A nota de crédito {detail} de {account} foi emitida|Um pagamento de {detail} de {account} foi recebido|Um pagamento de {detail} de {account} foi recusado|A fatura {detail} de {account} está vencida|Um reembolso de {detail} de {account} foi pago|Foi depositado dinheiro na carteira {detail} de {account}|Orçamento de {account}: {detail}|{account} atingiu o limite de crédito|{account} ultrapassou o limite de crédito|{account} está retida: {detail}|Uma retenção de {account} terminou: {detail}|A conta {account} está ativa|A conta {account} é de outro tipo: {detail}|A conta {account} foi encerrada|Você se cadastrou|Você entrou|Você saiu|Sessões suas foram encerradas|Sua senha foi definida|Um segundo fator foi adicionado|Um segundo fator foi removido|Um código de recuperação foi usado|Uma chave de acesso foi adicionada|Uma chave de acesso foi removida|Uma tarefa tem um problema: {detail}|Um conector tem um problema: {detail}|Interrupção: {detail}|Problema: {detail}|Resolvido: {detail}|Manutenção: {detail}',
  'zh-CN':
    '{account} 的发票 {detail} 已开具|{account} 的贷记单 {detail} 已开具|{account} 的 {detail} 的付款已到账|{account} 的 {detail} 的付款被拒绝|{account} 的发票 {detail} 已逾期|{account} 的 {detail} 的退款已支付|{account} 的钱包 {detail} 已充值|{account} 的预算:{detail}|{account} 已达到信用额度|{account} 已超出信用额度|{account} 已被冻结:{detail}|{account} 的一项冻结已结束:{detail}|账户 {account} 已启用|账户 {account} 的类型已变更:{detail}|账户 {account} 已终止|您已注册|您已登录|您已退出|您的会话已被结束|您的密码已设置|已设置第二因素|已移除第二因素|使用了恢复代码|已添加通行密钥|已移除通行密钥|作业有问题:{detail}|连接器有问题:{detail}|中断:{detail}|故障:{detail}|已解决:{detail}|维护:{detail}',
};

export const TITLES: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  Object.entries(ROWS).map(([language, row]) => [language, row.split('|')]),
);
