import type { Texts } from '../catalogue.ts';

export const KOREAN: Texts = {
  VerifyEmail: {
    subject: '{brand} 이메일 주소를 확인해 주세요',
    body: '{name} 님, 안녕하세요.\n\n이 주소가 본인의 것임을 확인해 주세요.\n\n[주소 확인]({link})\n\n링크는 한 번만, 일정 기간 동안만 유효합니다. 요청하지 않으셨다면 아무것도 하실 필요가 없습니다. 링크를 열지 않으면 아무 일도 일어나지 않습니다.',
  },
  AlreadyRegistered: {
    subject: '{brand} 계정이 이미 있습니다',
    body: '{name} 님, 안녕하세요.\n\n누군가(아마 본인)가 이 주소로 가입하려 했습니다. 이미 계정에 속한 주소이므로 아무것도 만들지 않았습니다.\n\n비밀번호를 잊으셨다면 로그인 화면에서 새로 요청하실 수 있습니다.',
  },
  Invitation: {
    subject: '{brand}에 초대되었습니다',
    body: '{name} 님, 안녕하세요.\n\n{brand}에 초대되었습니다. 사용자 이름은 {user}입니다.\n\n[초대 수락]({link})\n\n링크는 한 번만, 일정 기간 동안만 유효합니다.',
  },
  PasswordReset: {
    subject: '{brand}의 새 비밀번호를 설정해 주세요',
    body: '{name} 님, 안녕하세요.\n\n누군가(아마 본인)가 사용자 {user}의 새 비밀번호를 요청했습니다.\n\n[새 비밀번호 설정]({link})\n\n링크는 한 번만, 일정 기간 동안만 유효합니다. 본인이 아니라면 비밀번호는 그대로이며 아무것도 하실 필요가 없습니다.',
  },
  PasswordChanged: {
    subject: '{brand} 비밀번호가 변경되었습니다',
    body: '{name} 님, 안녕하세요.\n\n비밀번호가 변경되었습니다. 다른 모든 세션이 종료되었습니다.\n\n본인이 아니라면 즉시 새 비밀번호를 설정해 주세요.{hasSupport, select, yes { {support}에도 연락해 주세요.} other {}}',
  },
  SecondFactorChanged: {
    subject: '{brand}의 두 번째 인증 수단이 변경되었습니다',
    body: '{name} 님, 안녕하세요.\n\n두 번째 인증 수단이 추가되거나 제거되었습니다.\n\n본인이 아니라면 즉시 비밀번호를 변경해 주세요.{hasSupport, select, yes { {support}에도 연락해 주세요.} other {}}',
  },
  RecoveryCodeUsed: {
    subject: '{brand}에서 복구 코드가 사용되었습니다',
    body: '{name} 님, 안녕하세요.\n\n로그인에 복구 코드가 사용되었습니다. 다시 사용할 수 없습니다.\n\n본인이 아니라면 즉시 비밀번호를 변경해 주세요.',
  },
  SignedInAnew: {
    subject: '{brand}의 새 로그인',
    body: '{name} 님, 안녕하세요.\n\n지금까지 없던 곳에서 로그인이 있었습니다.\n\n본인이 아니라면 비밀번호를 변경하고 세션 목록에서 해당 세션을 종료해 주세요.',
  },
  Welcome: {
    subject: '{brand}에 오신 것을 환영합니다',
    body: '{name} 님, 안녕하세요.\n\n계정이 준비되었습니다.\n\n[로그인]({link})',
  },
  ProjectInvitation: {
    subject: '{brand}의 프로젝트 {project}에 초대되었습니다',
    body: '안녕하세요.\n\n{by} 님이 프로젝트 {project}에 참여하도록 초대합니다.\n\n[초대에 답하기]({link})\n\n로그인한 사용자로 답합니다. 사용자가 없으면 가입이 열려 있는 경우 같은 링크로 가입할 수 있습니다. 링크는 한 번만, 일정 기간 동안만 유효합니다. 무슨 일인지 모르신다면 아무것도 하실 필요가 없습니다.',
  },
  MasqueradeBegan: {
    subject: '{brand} 담당자가 잠시 대신 작업합니다',
    body: '{name} 님, 안녕하세요.\n\n{brand}의 {by} 님이 {until}까지 대신 작업합니다. 사유: {reason}\n\n비밀번호, 키, 비밀 정보, 카드에는 접근할 수 없으며 모든 작업이 두 이름으로 감사 기록에 남습니다. 대리 {masquerade}을(를) 삭제하면 즉시 끝낼 수 있습니다.',
  },
  AccountHeld: {
    subject: '{brand}의 계정 {account}이(가) 보류 중입니다',
    body: '안녕하세요.\n\n계정 {account}이(가) {since}부터 보류 중입니다. 그동안 새로 만들 수 없고 소유자만 로그인합니다.\n\n{severity, select, SUSPEND {가상 머신도 중지되어 있습니다. 아무것도 제거되지 않으며 보류가 끝나면 다시 시작됩니다.} other {가상 머신은 계속 실행됩니다.}}\n\n사유가 궁금하시면 연락해 주세요.',
  },
  TrialOver: {
    subject: '{brand}의 계정 {account} 체험 기간이 끝났습니다',
    body: '안녕하세요.\n\n계정 {account}의 체험 기간이 {since}에 끝났습니다. 가상 머신은 중지되었고 새로 만들 수 없습니다. 아무것도 제거되지 않으며 소유자는 계속 로그인할 수 있습니다. 계정이 다른 유형이 되면 계속됩니다. convertTo로 신청해 주세요. 무엇이 부족한지는 “describe account”가 알려 줍니다.',
  },
  AccountReleased: {
    subject: '{brand}의 계정 {account} 보류가 끝났습니다',
    body: '안녕하세요.\n\n계정 {account}의 보류가 끝났습니다({since}). 마지막 보류였다면 중지된 가상 머신이 다시 시작됩니다.',
  },
  AccountTerminated: {
    subject: '{brand}의 계정 {account}이(가) 해지되었습니다',
    body: '안녕하세요.\n\n계정 {account}이(가) {since}에 해지되었습니다. 더 이상 로그인할 수 없고 프로젝트의 내용은 제거됩니다. 그때까지 사용한 것은 청구되며 문서는 보관됩니다.\n\n착오라면 연락해 주세요.',
  },
  InvoiceIssued: {
    subject: '{brand} 청구서 {subject}: {total}',
    body: '안녕하세요.\n\n{account}의 청구서 {subject}이(가) 준비되었습니다: {total}.\n\n남은 금액: {due}, 기한: {dueOn}.',
  },
  CreditNoteIssued: {
    subject: '{brand} 대변표 {subject}',
    body: '안녕하세요.\n\n{account}의 대변표 {subject}이(가) 준비되었습니다.',
  },
  PaymentReceived: {
    subject: '{brand}에서 결제를 받았습니다',
    body: '안녕하세요.\n\n감사합니다. {account}의 청구서 {subject} 결제가 도착했습니다.',
  },
  PaymentDeclined: {
    subject: '{brand} 결제가 거절되었습니다',
    body: '안녕하세요.\n\n{account}의 {subject} 결제가 거절되었습니다. 계정의 결제 수단을 확인하시거나 다른 것을 선택해 주세요.',
  },
  RefundPaid: {
    subject: '{brand}의 환불',
    body: '안녕하세요.\n\n{account}의 {subject} 금액을 결제한 곳으로 돌려보냈습니다. 도착까지 며칠 걸립니다.',
  },
  PaymentReminder: {
    subject: '알림: 청구서 {subject} 기한이 지났습니다',
    body: '안녕하세요.\n\n{account}의 청구서 {subject} 기한이 지났습니다. 이미 결제하셨다면 아무것도 하실 필요가 없습니다.',
  },
  HoldSet: {
    subject: '{brand} 계정이 보류 중입니다',
    body: '안녕하세요.\n\n{account}이(가) 보류 중입니다({subject}). 제한된 계정은 새로 만들 수 없고, 정지된 계정의 가상 머신은 중지되며 아무것도 제거되지 않습니다. 보류가 끝나면 다시 시작됩니다.',
  },
  HoldLifted: {
    subject: '{brand} 계정의 보류가 끝났습니다',
    body: '안녕하세요.\n\n{account}의 보류가 끝났습니다({subject}). 마지막 보류였다면 중지된 가상 머신이 다시 시작됩니다.',
  },
  BudgetReached: {
    subject: '{account}의 예산: {subject}',
    body: '안녕하세요.\n\n{account}의 지출이 설정하신 지점에 도달했습니다. 예산 {subject}.',
  },
  CreditLimitReached: {
    subject: '{brand} 계정이 신용 한도에 도달했습니다',
    body: '안녕하세요.\n\n{account}이(가) 신용 한도에 도달했습니다({subject}). 결제가 있을 때까지 그 이상으로 새로 만들 수 없습니다.',
  },
  Report: {
    subject: '{report}, {from}부터 {to}까지',
    body: '안녕하세요.\n\n{from}부터 {to}까지의 보고서 “{report}”을(를) 첨부합니다.\n\n{brand}의 일정 {schedule}에 따라 보내 드립니다.',
  },
};
