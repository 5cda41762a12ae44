/**
 * The port of payment gateways. Amounts are minor units of the currency, above 0. Card data never passes here: methods are tokens that the
 * gateway made, and errors hold codes, never what the gateway was sent. Every call ends by `capabilities.deadlineMs`, and answers, whatever
 * happens: it throws only on a bug.
 */
export interface PaymentGateway {
  /** As in addresses and rows: `stripe`. */
  name: string;
  capabilities: GatewayCapabilities;
  /** Takes money from a stored method, without the payer being there. */
  charge(request: ChargeRequest): Promise<GatewayOutcome>;
  /** Sets money aside, to be captured or voided. */
  authorise(request: ChargeRequest): Promise<GatewayOutcome>;
  capture(request: FollowUp & { amount: bigint }): Promise<GatewayOutcome>;
  refund(request: FollowUp & { amount: bigint }): Promise<GatewayOutcome>;
  void(request: FollowUp): Promise<GatewayOutcome>;
  /** What became of a call, by the key that it carried. Reads only. */
  lookup(request: Lookup): Promise<GatewayOutcome | { state: 'absent' }>;
  createCustomer(request: { key: string; account: string }): Promise<Made<{ customer: string }>>;
  /** Keeps what the payer's browser gave the gateway, for later charges. `token` is the gateway's. */
  storeMethod(request: { key: string; customer: string; token: string }): Promise<Made<StoredMethod>>;
  /** A page of the gateway's own on which the payer enters a card: none of it reaches us. */
  hostedForm(request: HostedFormRequest): Promise<Made<HostedForm>>;
  /** Judges a webhook's signature before anything else, and reads it. */
  webhook(request: WebhookRequest): WebhookVerdict;
}

export interface GatewayCapabilities {
  /** No call takes longer. */
  deadlineMs: number;
  /** For so long after the first call with a key a second one with it cannot charge again. */
  keyLifetimeMs: number;
  /** How soon after a call a lookup surely knows of it. */
  lookupLagMs: number;
}

interface Keyed {
  /** Ours, of the attempt: the same one is the same movement of money, however often it is sent. */
  key: string;
}

export interface ChargeRequest extends Keyed {
  customer: string;
  method: string;
  amount: bigint;
  currency: string;
  /** Shown to the payer where the gateway can: an invoice's number. */
  description: string;
}

/** On what an earlier call made. */
export interface FollowUp extends Keyed {
  externalId: string;
  currency: string;
}

export interface Lookup extends Keyed {
  verb: 'CHARGE' | 'AUTHORISE' | 'CAPTURE' | 'VOID' | 'REFUND';
  customer: string;
  /** What the call made, or, of what follows on another call, what that one made. */
  externalId: string | null;
  /** Not looked for before this instant. */
  since: number;
}

/** Only of `unknown` nobody can say whether money moved. */
export type GatewayOutcome =
  | { state: 'succeeded'; externalId: string }
  /** The payer's bank said no, and nothing moved. `retryable`: the same method may work another day. */
  | { state: 'declined'; code: string; retryable: boolean; externalId: string | null }
  /** The payer must do something first, such as confirm it with the bank. */
  | { state: 'requiresAction'; externalId: string; url: string | null }
  /** The gateway did not take the call, so nothing moved: too many of them, wrong keys. Not the payer's fault. */
  | { state: 'refused'; code: string; retryable: boolean }
  | { state: 'unknown'; code: string; externalId: string | null };

export type Made<Thing> = { ok: true; value: Thing } | { ok: false; code: string; retryable: boolean };

/** What may be shown of a method. */
export interface StoredMethod {
  token: string;
  brand: string | null;
  last4: string | null;
  /** `2029-08` */
  expires: string | null;
}

export interface HostedFormRequest extends Keyed {
  customer: string;
  /** In which it will be charged. */
  currency: string;
  returnUrl: string;
  now: number;
}

export interface HostedForm {
  url: string;
  /** Posted to the address, where the gateway wants that. */
  fields: Readonly<Record<string, string>>;
  expiresAt: number;
}

export interface WebhookRequest {
  headers: Readonly<Record<string, string | undefined>>;
  /** The bytes as they came: signatures are over them. */
  body: Uint8Array;
  now: number;
}

export type WebhookVerdict =
  /** `id`: the gateway's own; a second delivery has it too. */
  { ok: true; id: string; event: GatewayEvent | null } | { ok: false; reason: 'signature' | 'stale' | 'malformed' };

/** What a gateway tells unasked. `key` is null where the gateway does not repeat ours. */
export type GatewayEvent =
  | {
      type: 'outcome';
      verb: 'CHARGE' | 'REFUND';
      key: string | null;
      externalId: string;
      /** Null: the event only says that something happened, so that it must be looked up. */
      outcome: GatewayOutcome | null;
    }
  /** `externalId` is the charge's. Money went back by force, or came again. */
  | { type: 'dispute'; id: string; externalId: string; state: 'opened' | 'won' | 'lost'; amount: bigint }
  | { type: 'methodStored'; customer: string; method: StoredMethod };
