import type { IncomingMessage } from 'node:http';
import { type FakeAnswer, type FakeServer, fakeServer } from '../fake-server.fixture.ts';

/** Stripe as its documentation describes it, as far as the adapter goes: in memory, and strict about what it is sent. */
export interface FakeStripe extends FakeServer {
  intents: Intent[];
  refunds: Refund[];
}

interface Intent {
  id: string;
  object: 'payment_intent';
  amount: number;
  currency: string;
  customer: string;
  status: string;
  created: number;
  capture_method: string;
  metadata: Record<string, string>;
  next_action: object | null;
  last_payment_error: { code: string; decline_code?: string } | null;
}

interface Refund {
  id: string;
  object: 'refund';
  amount: number;
  payment_intent: string;
  status: string;
  metadata: Record<string, string>;
}

export const SECRET_KEY = 'sk_test_fake_0123456789';

const DECLINES: Record<string, string> = { pm_poor: 'insufficient_funds', pm_stolen: 'stolen_card' };

export async function startFakeStripe(): Promise<FakeStripe> {
  const intents: Intent[] = [];
  const refunds: Refund[] = [];
  const customers: string[] = [];
  const attached = new Map<string, string>();
  const replies = new Map<string, { hash: string; answer: FakeAnswer }>();
  let ids = 0;
  const id = (prefix: string) => `${prefix}_${++ids}`;

  const server = await fakeServer(
    (req, body) => {
      if (req.headers.authorization !== `Bearer ${SECRET_KEY}`) return error(401, 'invalid_request_error', null);
      if (!/^\d{4}-\d\d-\d\d\./.test(String(req.headers['stripe-version'])))
        return error(400, 'invalid_request_error', null);
      return req.method === 'POST' ? once(req, body) : read(new URL(req.url ?? '/', 'http://stripe'));
    },
    {
      busy: () => error(429, 'invalid_request_error', 'rate_limit'),
      maintenance: () => ({ status: 503, body: '<html>down</html>' }),
      // Stripe keeps a failed answer for the key as well.
      broken: () => error(500, 'api_error', null),
    },
  );
  return { ...server, intents, refunds };

  function once(req: IncomingMessage, body: string): FakeAnswer {
    const key = String(req.headers['idempotency-key'] ?? '');
    if (key === '' || key.length > 255) return error(400, 'invalid_request_error', null);
    const hash = `${req.url} ${body}`;
    const known = replies.get(key);
    if (known !== undefined) {
      if (known.hash !== hash) return error(400, 'idempotency_error', null);
      return { ...known.answer, headers: { 'idempotent-replayed': 'true' } };
    }
    const answer = act(new URL(req.url ?? '/', 'http://stripe').pathname, new URLSearchParams(body));
    replies.set(key, { hash, answer });
    return answer;
  }

  function act(path: string, form: URLSearchParams): FakeAnswer {
    const [, , collection, one = '', verb] = path.split('/');
    if (collection === 'customers') {
      customers.push(id('cus'));
      return ok({ id: customers.at(-1), object: 'customer' });
    }
    if (collection === 'payment_methods' && verb === 'attach') {
      if (!/^pm_(card|poor|stolen|confirm)$/.test(one)) return error(404, 'invalid_request_error', 'resource_missing');
      attached.set(one, form.get('customer') ?? '');
      const card = { brand: 'visa', last4: '4242', exp_month: 8, exp_year: 2031 };
      return ok({ id: one, object: 'payment_method', type: 'card', customer: form.get('customer'), card });
    }
    if (collection === 'checkout') {
      if (form.get('mode') !== 'setup' || form.get('currency') === null)
        return error(400, 'invalid_request_error', null);
      return ok({ id: id('cs'), url: 'https://checkout.stripe.test/c/pay', expires_at: 1_900_000_000 });
    }
    if (collection === 'refunds') return refund(form);
    if (collection === 'payment_intents' && one === '') return create(form);
    const intent = intents.find((each) => each.id === one);
    if (intent === undefined) return error(404, 'invalid_request_error', 'resource_missing');
    return verb === 'capture' ? capture(intent, form) : cancel(intent);
  }

  function create(form: URLSearchParams): FakeAnswer {
    const method = form.get('payment_method') ?? '';
    const customer = form.get('customer') ?? '';
    const isComplete = form.get('confirm') === 'true' && form.get('off_session') === 'true';
    const returns = form.get('automatic_payment_methods[allow_redirects]') === 'never';
    if (!isComplete || !returns || !/^[a-z]{3}$/.test(form.get('currency') ?? ''))
      return error(400, 'invalid_request_error', null);
    if (attached.get(method) !== customer) return error(404, 'invalid_request_error', 'resource_missing');
    const intent: Intent = {
      id: id('pi'),
      object: 'payment_intent',
      amount: Number(form.get('amount')),
      currency: form.get('currency') ?? '',
      customer,
      status: form.get('capture_method') === 'manual' ? 'requires_capture' : 'succeeded',
      created: Math.floor(Date.now() / 1000),
      capture_method: form.get('capture_method') ?? '',
      metadata: { steward_key: form.get('metadata[steward_key]') ?? '' },
      next_action: null,
      last_payment_error: null,
    };
    intents.unshift(intent);
    const decline = DECLINES[method];
    if (decline !== undefined) {
      intent.status = 'requires_payment_method';
      intent.last_payment_error = { code: 'card_declined', decline_code: decline };
      const why = {
        type: 'card_error',
        code: 'card_declined',
        decline_code: decline,
        message: 'Your card was declined.',
      };
      return { status: 402, body: JSON.stringify({ error: { ...why, payment_intent: intent } }) };
    }
    if (method === 'pm_confirm') {
      intent.status = 'requires_action';
      intent.next_action = { type: 'redirect_to_url', redirect_to_url: { url: 'https://hooks.stripe.test/3ds' } };
    }
    return ok(intent);
  }

  function capture(intent: Intent, form: URLSearchParams): FakeAnswer {
    if (intent.status !== 'requires_capture')
      return error(400, 'invalid_request_error', 'payment_intent_unexpected_state');
    if (Number(form.get('amount_to_capture')) > intent.amount)
      return error(400, 'invalid_request_error', 'amount_too_large');
    intent.amount = Number(form.get('amount_to_capture'));
    intent.status = 'succeeded';
    return ok(intent);
  }

  function cancel(intent: Intent): FakeAnswer {
    if (intent.status === 'succeeded') return error(400, 'invalid_request_error', 'payment_intent_unexpected_state');
    intent.status = 'canceled';
    return ok(intent);
  }

  function refund(form: URLSearchParams): FakeAnswer {
    const intent = intents.find((each) => each.id === form.get('payment_intent'));
    if (intent === undefined) return error(404, 'invalid_request_error', 'resource_missing');
    const before = refunds
      .filter((each) => each.payment_intent === intent.id)
      .reduce((sum, each) => sum + each.amount, 0);
    const amount = Number(form.get('amount'));
    if (before === intent.amount) return error(400, 'invalid_request_error', 'charge_already_refunded');
    if (before + amount > intent.amount) return error(400, 'invalid_request_error', null);
    const metadata = { steward_key: form.get('metadata[steward_key]') ?? '' };
    refunds.unshift({
      id: id('re'),
      object: 'refund',
      amount,
      payment_intent: intent.id,
      status: 'succeeded',
      metadata,
    });
    return ok(refunds[0]);
  }

  function read({ pathname, searchParams }: URL): FakeAnswer {
    const one = intents.find(({ id: name }) => pathname === `/v1/payment_intents/${name}`);
    if (one !== undefined) return ok(one);
    const limit = Number(searchParams.get('limit') ?? '10');
    const after = searchParams.get('starting_after');
    const all: { id: string }[] =
      pathname === '/v1/payment_intents'
        ? intents.filter(
            ({ customer, created }) =>
              customer === searchParams.get('customer') && created >= Number(searchParams.get('created[gte]')),
          )
        : refunds.filter((each) => each.payment_intent === searchParams.get('payment_intent'));
    const from = after === null ? 0 : all.findIndex((each) => each.id === after) + 1;
    return ok({ object: 'list', data: all.slice(from, from + limit), has_more: from + limit < all.length });
  }
}

function ok(body: unknown): FakeAnswer {
  return { status: 200, body: JSON.stringify(body) };
}

function error(status: number, type: string, code: string | null): FakeAnswer {
  const message = `No. You sent ${SECRET_KEY}.`;
  return { status, body: JSON.stringify({ error: { type, message, ...(code === null ? {} : { code }) } }) };
}
