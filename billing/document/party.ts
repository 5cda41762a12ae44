/** Somebody on a document, as it is printed. What is not known is left out. */
export interface Party {
  name: string;
  address: Address;
  /** VAT identifier with its country's prefix: `DE123456789`. */
  taxId?: string | undefined;
  /** In the register of companies. */
  registration?: string | undefined;
  email?: string | undefined;
  phone?: string | undefined;
  iban?: string | undefined;
  bic?: string | undefined;
}

export interface Address {
  lines: readonly string[];
  postalCode?: string | undefined;
  city?: string | undefined;
  region?: string | undefined;
  /** ISO 3166-1 alpha-2. */
  country?: string | undefined;
}
