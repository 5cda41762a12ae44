import type { Texts } from '../catalogue.ts';

export const JAPANESE: Texts = {
  VerifyEmail: {
    subject: '{brand} のメールアドレスを確認してください',
    body: '{name} 様\n\nこのアドレスがご本人のものであることを確認してください。\n\n[アドレスを確認する]({link})\n\nリンクは一度だけ、一定期間のみ有効です。お心当たりがない場合は何もする必要はありません。リンクを開かない限り何も起こりません。',
  },
  AlreadyRegistered: {
    subject: '{brand} のアカウントはすでにあります',
    body: '{name} 様\n\nどなたか(おそらくご本人)がこのアドレスで登録しようとしました。すでにアカウントに属しているため、何も作成されていません。\n\nパスワードをお忘れの場合は、サインイン画面で新しいものを請求できます。',
  },
  Invitation: {
    subject: '{brand} への招待',
    body: '{name} 様\n\n{brand} に招待されました。ユーザー名は {user} です。\n\n[招待を受ける]({link})\n\nリンクは一度だけ、一定期間のみ有効です。',
  },
  PasswordReset: {
    subject: '{brand} の新しいパスワードを設定してください',
    body: '{name} 様\n\nどなたか(おそらくご本人)がユーザー {user} の新しいパスワードを請求しました。\n\n[新しいパスワードを設定する]({link})\n\nリンクは一度だけ、一定期間のみ有効です。お心当たりがない場合、パスワードはそのままで、何もする必要はありません。',
  },
  PasswordChanged: {
    subject: '{brand} のパスワードが変更されました',
    body: '{name} 様\n\nパスワードが変更されました。ほかのセッションはすべて終了しました。\n\nお心当たりがない場合は、すぐに新しいパスワードを設定してください。{hasSupport, select, yes {{support} にもご連絡ください。} other {}}',
  },
  SecondFactorChanged: {
    subject: '{brand} の第二要素が変更されました',
    body: '{name} 様\n\n第二要素が追加または削除されました。\n\nお心当たりがない場合は、すぐにパスワードを変更してください。{hasSupport, select, yes {{support} にもご連絡ください。} other {}}',
  },
  RecoveryCodeUsed: {
    subject: '{brand} で回復コードが使われました',
    body: '{name} 様\n\nサインインに回復コードが使われました。同じコードは二度と使えません。\n\nお心当たりがない場合は、すぐにパスワードを変更してください。',
  },
  SignedInAnew: {
    subject: '{brand} への新しいサインイン',
    body: '{name} 様\n\nこれまでにない場所からサインインがありました。\n\nお心当たりがない場合は、パスワードを変更し、セッション一覧でそのセッションを終了してください。',
  },
  Welcome: {
    subject: '{brand} へようこそ',
    body: '{name} 様\n\nアカウントの準備ができました。\n\n[サインイン]({link})',
  },
  ProjectInvitation: {
    subject: '{brand} のプロジェクト {project} への招待',
    body: 'こんにちは。\n\n{by} 様がプロジェクト {project} への参加に招待しています。\n\n[招待に回答する]({link})\n\nサインインしたユーザーとして回答します。ユーザーがない場合、登録が開かれていれば同じリンクから登録できます。リンクは一度だけ、一定期間のみ有効です。お心当たりがない場合は何もする必要はありません。',
  },
  MasqueradeBegan: {
    subject: '{brand} の担当者が一時的に代理で操作しています',
    body: '{name} 様\n\n{brand} の {by} が {until} まで代理で操作します。理由: {reason}\n\nパスワード、鍵、秘密情報、カードには触れられず、すべての操作は両者の名前で監査記録に残ります。代理 {masquerade} を削除すると直ちに終了できます。',
  },
  AccountHeld: {
    subject: '{brand} のアカウント {account} は保留中です',
    body: 'こんにちは。\n\nアカウント {account} は {since} から保留中です。その間は新しいものを作成できず、所有者だけがサインインできます。\n\n{severity, select, SUSPEND {マシンも停止しています。何も削除されず、保留が終わると再び起動します。} other {マシンは動き続けます。}}\n\n理由についてはお問い合わせください。',
  },
  TrialOver: {
    subject: '{brand} のアカウント {account} の試用期間が終了しました',
    body: 'こんにちは。\n\nアカウント {account} の試用期間は {since} に終了しました。マシンは停止し、新しいものは作成されません。何も削除されず、所有者は引き続きサインインできます。別の種類のアカウントになると続きます。convertTo で申請してください。足りないものは「describe account」で分かります。',
  },
  AccountReleased: {
    subject: '{brand} のアカウント {account} の保留が終わりました',
    body: 'こんにちは。\n\nアカウント {account} の保留が終わりました({since})。最後の保留であれば、停止していたマシンが再び起動します。',
  },
  AccountTerminated: {
    subject: '{brand} のアカウント {account} は解約されました',
    body: 'こんにちは。\n\nアカウント {account} は {since} に解約されました。サインインはできなくなり、プロジェクトの内容は削除されます。それまでの利用分は請求され、書類は保管されます。\n\n誤りの場合はご連絡ください。',
  },
  InvoiceIssued: {
    subject: '{brand} の請求書 {subject}: {total}',
    body: 'こんにちは。\n\n{account} の請求書 {subject} ができました: {total}。\n\nお支払い残額: {due}、期日: {dueOn}。',
  },
  CreditNoteIssued: {
    subject: '{brand} のクレジットノート {subject}',
    body: 'こんにちは。\n\n{account} のクレジットノート {subject} ができました。',
  },
  PaymentReceived: {
    subject: '{brand} はお支払いを受け取りました',
    body: 'こんにちは。\n\nありがとうございます。{account} の請求書 {subject} のお支払いが届きました。',
  },
  PaymentDeclined: {
    subject: '{brand} へのお支払いが拒否されました',
    body: 'こんにちは。\n\n{account} の {subject} のお支払いが拒否されました。アカウントの支払い方法をご確認いただくか、別のものをお選びください。',
  },
  RefundPaid: {
    subject: '{brand} からの返金',
    body: 'こんにちは。\n\n{account} の {subject} の代金を支払い元に返金しました。届くまで数日かかります。',
  },
  PaymentReminder: {
    subject: 'お知らせ: 請求書 {subject} の期日が過ぎています',
    body: 'こんにちは。\n\n{account} の請求書 {subject} の期日が過ぎています。すでにお支払い済みの場合は何もする必要はありません。',
  },
  HoldSet: {
    subject: '{brand} のアカウントは保留中です',
    body: 'こんにちは。\n\n{account} は保留中です({subject})。制限されたアカウントでは新しいものを作成できません。停止されたアカウントのマシンは止まりますが、何も削除されません。保留が終わると再び起動します。',
  },
  HoldLifted: {
    subject: '{brand} のアカウントの保留が終わりました',
    body: 'こんにちは。\n\n{account} の保留が終わりました({subject})。最後の保留であれば、停止していたマシンが再び起動します。',
  },
  BudgetReached: {
    subject: '{account} の予算: {subject}',
    body: 'こんにちは。\n\n{account} の支出が、設定された目印に達しました。予算 {subject}。',
  },
  CreditLimitReached: {
    subject: '{brand} のアカウントが与信限度に達しました',
    body: 'こんにちは。\n\n{account} が与信限度に達しました({subject})。お支払いがあるまで、それを超えて新しいものは作成できません。',
  },
  Report: {
    subject: '{report}、{from} から {to} まで',
    body: 'こんにちは。\n\n{from} から {to} までのレポート「{report}」を添付します。\n\n{brand} のスケジュール {schedule} によりお届けしています。',
  },
};
