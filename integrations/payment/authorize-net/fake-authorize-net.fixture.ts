import { type FakeAnswer, type FakeServer, fakeServer } from '../fake-server.fixture.ts';

/** Authorize.Net's JSON API as its documentation describes it: a mark in front, 200 for errors, an order of elements, a duplicate window. */
export interface FakeAuthorizeNet extends FakeServer {
  transactions: Transaction[];
  settle(): void;
}

interface Transaction {
  transId: string;
  type: string;
  transactionStatus: string;
  invoiceNumber: string;
  customer: string;
  amount: string;
  refTransId: string | null;
}

type Element = Record<string, unknown>;

export const CREDENTIALS = { loginId: 'login5', transactionKey: 'tk_0123456789abc' };

/** As the schema has them: another order is an error there. */
const ORDER = [
  'transactionType',
  'amount',
  'currencyCode',
  'payment',
  'profile',
  'refTransId',
  'order',
  'transactionSettings',
];
const OUTCOMES: Record<string, [string, string]> = { '302': ['2', '2'], '303': ['2', '4'] };

export async function startFakeAuthorizeNet(): Promise<FakeAuthorizeNet> {
  const transactions: Transaction[] = [];
  const customers = new Map<string, string>();
  let ids = 60_000_000_000;
  const server = await fakeServer(
    (_req, body) => {
      const [name, request] = Object.entries(JSON.parse(body) as Record<string, Element>)[0] as [string, Element];
      const { name: login, transactionKey } = (request.merchantAuthentication ?? {}) as Record<string, string>;
      if (Object.keys(request)[0] !== 'merchantAuthentication') return failed('E00003');
      if (login !== CREDENTIALS.loginId || transactionKey !== CREDENTIALS.transactionKey) return failed('E00007');
      return act(name, request);
    },
    {
      busy: () => failed('E00053'),
      maintenance: () => failed('E00104'),
      broken: () => failed('E00001'),
    },
  );
  const settle = () => {
    for (const each of transactions)
      if (each.transactionStatus === 'capturedPendingSettlement') each.transactionStatus = 'settledSuccessfully';
  };
  return { ...server, transactions, settle };

  function act(name: string, request: Element): FakeAnswer {
    switch (name) {
      case 'createCustomerProfileRequest': {
        const { merchantCustomerId } = request.profile as { merchantCustomerId: string };
        const known = customers.get(merchantCustomerId);
        if (known !== undefined) return failed('E00039', `A duplicate record with ID ${known} already exists.`);
        customers.set(merchantCustomerId, String(++ids));
        return ok({ customerProfileId: String(ids), customerPaymentProfileIdList: [] });
      }
      case 'createCustomerPaymentProfileRequest': {
        const { payment } = request.paymentProfile as { payment: { opaqueData: { dataValue: string } } };
        const method = { card: '301', poor: '302', stolen: '303' }[payment.opaqueData.dataValue];
        return method === undefined ? failed('E00114') : ok({ customerPaymentProfileId: method });
      }
      case 'getCustomerPaymentProfileRequest': {
        const creditCard = { cardNumber: 'XXXX4242', expirationDate: '2031-08', cardType: 'Visa' };
        return ok({ paymentProfile: { payment: { creditCard } } });
      }
      case 'getHostedProfilePageRequest':
        return ok({ token: 'hosted-token' });
      case 'getTransactionDetailsRequest': {
        const found = transactions.find(({ transId }) => transId === request.transId);
        return found === undefined ? failed('E00040') : ok({ transaction: detailsOf(found) });
      }
      case 'getUnsettledTransactionListRequest':
        return list(
          transactions.filter(({ transactionStatus }) => transactionStatus === 'capturedPendingSettlement'),
          request,
        );
      case 'getTransactionListForCustomerRequest':
        return list(
          transactions.filter(({ customer }) => customer === request.customerProfileId),
          request,
        );
      case 'createTransactionRequest':
        return transact(request.transactionRequest as Element);
      default:
        return failed('E00003');
    }
  }

  function transact(wish: Element): FakeAnswer {
    const names = Object.keys(wish);
    const isOrdered =
      names.every((name) => ORDER.includes(name)) &&
      names.join() === ORDER.filter((each) => names.includes(each)).join();
    if (!isOrdered) return failed('E00003');
    const type = String(wish.transactionType);
    if (type === 'voidTransaction') return voided(String(wish.refTransId));
    if (type === 'priorAuthCaptureTransaction') return captured(String(wish.refTransId), String(wish.amount));
    if (type === 'refundTransaction') return refunded(wish);
    const { customerProfileId = '', paymentProfile } = (wish.profile ?? {}) as {
      customerProfileId?: string;
      paymentProfile?: { paymentProfileId: string };
    };
    const invoiceNumber = (wish.order as { invoiceNumber: string }).invoiceNumber;
    if (invoiceNumber.length > 20) return failed('E00013');
    if (isDuplicate(wish, invoiceNumber)) return response('3', '0', '11');
    const method = paymentProfile?.paymentProfileId ?? '';
    const [code, reason] = OUTCOMES[method] ?? ['1', ''];
    const transactionStatus =
      code === '2'
        ? 'declined'
        : type === 'authOnlyTransaction'
          ? 'authorizedPendingCapture'
          : 'capturedPendingSettlement';
    const transId = String(++ids);
    transactions.unshift({
      transId,
      type,
      transactionStatus,
      invoiceNumber,
      customer: customerProfileId,
      amount: String(wish.amount),
      refTransId: null,
    });
    return response(code, transId, reason);
  }

  /** Only where the window was asked for: without, two minutes hold, which no poll waits for. */
  function isDuplicate(wish: Element, invoiceNumber: string): boolean {
    const { setting } = (wish.transactionSettings ?? { setting: [] }) as {
      setting: { settingName: string; settingValue: string }[];
    };
    const hasWindow = setting.some(
      ({ settingName, settingValue }) => settingName === 'duplicateWindow' && Number(settingValue) === 28_800,
    );
    return (
      hasWindow &&
      transactions.some(
        (each) =>
          each.invoiceNumber === invoiceNumber && each.amount === wish.amount && each.transactionStatus !== 'declined',
      )
    );
  }

  function voided(transId: string): FakeAnswer {
    const found = transactions.find((each) => each.transId === transId);
    if (found?.transactionStatus === 'settledSuccessfully') return response('3', transId, '16');
    if (found === undefined) return failed('E00040');
    found.transactionStatus = 'voided';
    return response('1', transId, '');
  }

  function captured(transId: string, amount: string): FakeAnswer {
    const found = transactions.find((each) => each.transId === transId);
    if (found?.transactionStatus !== 'authorizedPendingCapture') return response('3', transId, '33');
    Object.assign(found, { transactionStatus: 'capturedPendingSettlement', amount });
    return response('1', transId, '');
  }

  function refunded(wish: Element): FakeAnswer {
    const charge = transactions.find(({ transId }) => transId === wish.refTransId);
    const invoiceNumber = (wish.order as { invoiceNumber: string }).invoiceNumber;
    if (charge?.transactionStatus !== 'settledSuccessfully') return response('3', '0', '54');
    if (isDuplicate(wish, invoiceNumber)) return response('3', '0', '11');
    const before = transactions
      .filter((each) => each.refTransId === charge.transId)
      .reduce((sum, each) => sum + Number(each.amount), 0);
    if (before + Number(wish.amount) > Number(charge.amount)) return response('3', '0', '54');
    const transId = String(++ids);
    const { customer } = charge;
    transactions.unshift({
      transId,
      type: 'refundTransaction',
      transactionStatus: 'refundPendingSettlement',
      invoiceNumber,
      customer,
      amount: String(wish.amount),
      refTransId: charge.transId,
    });
    return response('1', transId, '');
  }
}

function detailsOf({ amount, ...rest }: Transaction): Element {
  const creditCard = { cardNumber: 'XXXX4242', expirationDate: 'XXXX' };
  return { ...rest, settleAmount: Number(amount), payment: { creditCard } };
}

function list(found: readonly Transaction[], request: Element): FakeAnswer {
  const { limit, offset } = request.paging as { limit: string; offset: string };
  const from = (Number(offset) - 1) * Number(limit);
  const rows = found.slice(from, from + Number(limit)).map(detailsOf);
  return ok({ ...(rows.length > 0 ? { transactions: rows } : {}), totalNumInResultSet: found.length });
}

function response(responseCode: string, transId: string, reason: string): FakeAnswer {
  const errors = reason === '' ? {} : { errors: [{ errorCode: reason, errorText: 'See the code.' }] };
  const body = { transactionResponse: { responseCode, transId, accountNumber: 'XXXX4242', ...errors } };
  return responseCode === '1' || responseCode === '2'
    ? ok(body)
    : failed('E00027', 'The transaction was unsuccessful.', body);
}

function ok(body: Element): FakeAnswer {
  return marked({ ...body, messages: { resultCode: 'Ok', message: [{ code: 'I00001', text: 'Successful.' }] } });
}

function failed(code: string, text = `No. You sent ${CREDENTIALS.transactionKey}.`, body: Element = {}): FakeAnswer {
  return marked({ ...body, messages: { resultCode: 'Error', message: [{ code, text }] } });
}

function marked(body: Element): FakeAnswer {
  return { status: 200, body: `\uFEFF${JSON.stringify(body)}` };
}
