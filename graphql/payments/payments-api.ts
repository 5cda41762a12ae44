import type { CashierPorts } from '../../billing/payment/cashier.ts';
import type { HostedForm, Made } from '../../billing/payment/gateway.ts';

/** Payments as the API uses them: put together in cmd/. */
export interface PaymentsApi {
  /** Names of the gateways that are configured. */
  gateways: readonly string[];
  cashier: CashierPorts;
  /** A page of the gateway's on which a card is entered. What was entered comes back as a PaymentMethod. */
  form(wish: { account: string; gateway: string; returnUrl: string; key: string }): Promise<Made<HostedForm>>;
}
