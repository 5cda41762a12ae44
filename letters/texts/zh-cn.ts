import type { Texts } from '../catalogue.ts';

export const CHINESE: Texts = {
  VerifyEmail: {
    subject: '请确认您在 {brand} 的邮箱地址',
    body: '{name},您好:\n\n请确认此地址属于您。\n\n[确认地址]({link})\n\n链接只能使用一次,且仅在一段时间内有效。如果不是您提出的请求,则无需任何操作:不打开链接就不会发生任何事。',
  },
  AlreadyRegistered: {
    subject: '您在 {brand} 已有账户',
    body: '{name},您好:\n\n有人(也许是您)试图用此地址注册。它已属于一个账户,因此没有创建任何内容。\n\n如果您忘记了密码,可以在登录处申请新密码。',
  },
  Invitation: {
    subject: '邀请您加入 {brand}',
    body: '{name},您好:\n\n您被邀请加入 {brand}。您的用户名是 {user}。\n\n[接受邀请]({link})\n\n链接只能使用一次,且仅在一段时间内有效。',
  },
  PasswordReset: {
    subject: '为 {brand} 设置新密码',
    body: '{name},您好:\n\n有人(也许是您)为用户 {user} 申请了新密码。\n\n[设置新密码]({link})\n\n链接只能使用一次,且仅在一段时间内有效。如果不是您,您的密码保持不变,无需任何操作。',
  },
  PasswordChanged: {
    subject: '您在 {brand} 的密码已更改',
    body: '{name},您好:\n\n您的密码已更改。所有其他会话均已结束。\n\n如果不是您,请立即设置新密码{hasSupport, select, yes {,并写信至 {support}} other {}}。',
  },
  SecondFactorChanged: {
    subject: '您在 {brand} 的第二因素已更改',
    body: '{name},您好:\n\n您的第二因素已被设置或移除。\n\n如果不是您,请立即更改密码{hasSupport, select, yes {,并写信至 {support}} other {}}。',
  },
  RecoveryCodeUsed: {
    subject: '在 {brand} 使用了恢复代码',
    body: '{name},您好:\n\n有人使用恢复代码登录。该代码不能再次使用。\n\n如果不是您,请立即更改密码。',
  },
  SignedInAnew: {
    subject: '{brand} 的新登录',
    body: '{name},您好:\n\n您的账户从一个以前未见过的地点登录。\n\n如果不是您,请更改密码,并在会话列表中结束该会话。',
  },
  Welcome: {
    subject: '欢迎使用 {brand}',
    body: '{name},您好:\n\n您的账户已就绪。\n\n[登录]({link})',
  },
  ProjectInvitation: {
    subject: '邀请您加入 {brand} 的项目 {project}',
    body: '您好:\n\n{by} 邀请您参与项目 {project}。\n\n[回复邀请]({link})\n\n请以已登录的用户身份回复。如果您还没有用户,在开放注册的地方可用同一链接注册。链接只能使用一次,且仅在一段时间内有效。如果您不知道这是什么,则无需任何操作。',
  },
  MasqueradeBegan: {
    subject: '{brand} 的工作人员将暂时以您的身份操作',
    body: '{name},您好:\n\n{brand} 的 {by} 将以您的身份操作至 {until}。给出的原因:{reason}\n\n密码、密钥、机密和已存卡片均无法触及,所有操作都以双方姓名记入审计记录。删除代理 {masquerade} 即可立即结束。',
  },
  AccountHeld: {
    subject: '您在 {brand} 的账户 {account} 已被冻结',
    body: '您好:\n\n账户 {account} 自 {since} 起被冻结。在此期间不能新建任何内容,只有其所有者可以登录。\n\n{severity, select, SUSPEND {其虚拟机也已停止;不会删除任何内容,冻结结束后会再次启动。} other {其虚拟机继续运行。}}\n\n如需了解原因,请写信给我们。',
  },
  TrialOver: {
    subject: '您在 {brand} 的账户 {account} 的试用已结束',
    body: '您好:\n\n账户 {account} 的试用已于 {since} 结束。其虚拟机已停止,不能新建任何内容;不会删除任何内容,所有者仍可登录。账户成为其他类型后即可继续:请用 convertTo 申请;“describe account”会说明还缺什么。',
  },
  AccountReleased: {
    subject: '您在 {brand} 的账户 {account} 的一项冻结已结束',
    body: '您好:\n\n账户 {account} 的一项冻结已结束({since})。如果这是最后一项,已停止的虚拟机会再次启动。',
  },
  AccountTerminated: {
    subject: '您在 {brand} 的账户 {account} 已终止',
    body: '您好:\n\n账户 {account} 已于 {since} 终止。任何人都不能再登录,其项目中的内容将被删除。此前的使用会计费;单据予以保留。\n\n如果有误,请写信给我们。',
  },
  InvoiceIssued: {
    subject: '{brand} 的发票 {subject}:{total}',
    body: '您好:\n\n{account} 的发票 {subject} 已开具:{total}。\n\n尚需支付:{due},截止日期 {dueOn}。',
  },
  CreditNoteIssued: {
    subject: '{brand} 的贷记单 {subject}',
    body: '您好:\n\n{account} 的贷记单 {subject} 已开具。',
  },
  PaymentReceived: {
    subject: '{brand} 已收到您的付款',
    body: '您好:\n\n谢谢:{account} 的发票 {subject} 的付款已到账。',
  },
  PaymentDeclined: {
    subject: '您向 {brand} 的付款被拒绝',
    body: '您好:\n\n{account} 的 {subject} 的付款被拒绝。请检查账户的付款方式,或选择其他方式。',
  },
  RefundPaid: {
    subject: '来自 {brand} 的退款',
    body: '您好:\n\n{account} 的 {subject} 的款项已退回原处。到账需要几天时间。',
  },
  PaymentReminder: {
    subject: '提醒:发票 {subject} 已逾期',
    body: '您好:\n\n{account} 的发票 {subject} 已逾期。如果您已付款,则无需任何操作。',
  },
  HoldSet: {
    subject: '您在 {brand} 的账户已被冻结',
    body: '您好:\n\n{account} 已被冻结({subject})。受限账户不能新建任何内容;被暂停账户的虚拟机会停止,但不会删除任何内容。冻结结束后会再次启动。',
  },
  HoldLifted: {
    subject: '您在 {brand} 的账户的一项冻结已结束',
    body: '您好:\n\n{account} 的一项冻结已结束({subject})。如果这是最后一项,已停止的虚拟机会再次启动。',
  },
  BudgetReached: {
    subject: '{account} 的预算:{subject}',
    body: '您好:\n\n{account} 的支出已达到您设置的标记。预算 {subject}。',
  },
  CreditLimitReached: {
    subject: '您在 {brand} 的账户已达到信用额度',
    body: '您好:\n\n{account} 已达到信用额度({subject})。在付款之前,不能超出额度新建任何内容。',
  },
  Report: {
    subject: '{report},{from} 至 {to}',
    body: '您好:\n\n附上 {from} 至 {to} 的报表“{report}”。\n\n这是按 {brand} 的计划 {schedule} 发送给您的。',
  },
};
