/** Who an account is at a gateway. */
export interface Customers {
  /** The first one that is kept stays. */
  keep(customer: { account: string; gateway: string; customer: string }): Promise<void>;
  of(which: { account: string; gateway: string }): Promise<string | null>;
  accountOf(which: { gateway: string; customer: string }): Promise<string | null>;
}

export function createMemoryCustomers(): Customers {
  const known: { account: string; gateway: string; customer: string }[] = [];
  return {
    keep: async (one) => {
      if (!known.some(({ account, gateway }) => account === one.account && gateway === one.gateway)) known.push(one);
    },
    of: async ({ account, gateway }) =>
      known.find((each) => each.account === account && each.gateway === gateway)?.customer ?? null,
    accountOf: async ({ gateway, customer }) =>
      known.find((each) => each.gateway === gateway && each.customer === customer)?.account ?? null,
  };
}
