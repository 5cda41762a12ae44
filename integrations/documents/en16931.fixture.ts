/**
 * Rules of EN 16931 as XPath, each true for a document that keeps it: an opinion of its own on what the writer wrote. `cac:*[self::…]`
 * covers invoices and credit notes alike.
 */
export const RULES: Readonly<Record<string, string>> = {
  'BR-01': 'count(/*/cbc:CustomizationID) = 1',
  'BR-02': 'string-length(/*/cbc:ID) > 0',
  'BR-03': 'string-length(/*/cbc:IssueDate) = 10',
  'BR-04': '/*/cbc:InvoiceTypeCode = 380 or /*/cbc:CreditNoteTypeCode = 381',
  'BR-05': 'string-length(/*/cbc:DocumentCurrencyCode) = 3',
  'BR-06': 'string-length(//cac:AccountingSupplierParty//cbc:RegistrationName) > 0',
  'BR-07': 'string-length(//cac:AccountingCustomerParty//cbc:RegistrationName) > 0',
  'BR-09': 'string-length(//cac:AccountingSupplierParty//cac:PostalAddress/cac:Country/cbc:IdentificationCode) = 2',
  'BR-11': 'string-length(//cac:AccountingCustomerParty//cac:PostalAddress/cac:Country/cbc:IdentificationCode) = 2',
  'BR-12': 'count(/*/cac:LegalMonetaryTotal/cbc:LineExtensionAmount) = 1',
  'BR-13': 'count(/*/cac:LegalMonetaryTotal/cbc:TaxExclusiveAmount) = 1',
  'BR-14': 'count(/*/cac:LegalMonetaryTotal/cbc:TaxInclusiveAmount) = 1',
  'BR-15': 'count(/*/cac:LegalMonetaryTotal/cbc:PayableAmount) = 1',
  'BR-16': `count(${'//cac:InvoiceLine | //cac:CreditNoteLine'}) > 0`,
  'BR-21': each('string-length(cbc:ID) > 0'),
  'BR-22': each('cbc:InvoicedQuantity or cbc:CreditedQuantity'),
  'BR-23': each('*/@unitCode'),
  'BR-24': each('cbc:LineExtensionAmount'),
  'BR-25': each('string-length(cac:Item/cbc:Name) > 0'),
  'BR-26': each('cac:Price/cbc:PriceAmount'),
  'BR-27': each('cac:Price/cbc:PriceAmount >= 0'),
  'BR-30': each(
    'translate(cac:InvoicePeriod/cbc:EndDate, "-", "") >= translate(cac:InvoicePeriod/cbc:StartDate, "-", "")',
  ),
  'BR-42': 'not(//cac:AllowanceCharge[not(cbc:AllowanceChargeReason)])',
  'BR-45': 'not(//cac:TaxSubtotal[not(cbc:TaxableAmount)])',
  'BR-46': 'not(//cac:TaxSubtotal[not(cbc:TaxAmount)])',
  'BR-47': 'not(//cac:TaxSubtotal[not(cac:TaxCategory/cbc:ID)])',
  'BR-CO-04': each('count(cac:Item/cac:ClassifiedTaxCategory) = 1'),
  'BR-CO-10': `${cents('sum(//cac:InvoiceLine/cbc:LineExtensionAmount | //cac:CreditNoteLine/cbc:LineExtensionAmount)')} =
    ${cents('/*/cac:LegalMonetaryTotal/cbc:LineExtensionAmount')}`,
  'BR-CO-14': `${cents('sum(//cac:TaxSubtotal/cbc:TaxAmount)')} = ${cents('/*/cac:TaxTotal/cbc:TaxAmount')}`,
  'BR-CO-15': `${cents('//cac:LegalMonetaryTotal/cbc:TaxInclusiveAmount')} =
    ${cents('//cac:LegalMonetaryTotal/cbc:TaxExclusiveAmount + /*/cac:TaxTotal/cbc:TaxAmount')}`,
  'BR-CO-16': `${cents('//cac:LegalMonetaryTotal/cbc:PayableAmount')} = ${cents(
    '//cac:LegalMonetaryTotal/cbc:TaxInclusiveAmount - sum(//cac:LegalMonetaryTotal/cbc:PrepaidAmount)',
  )}`,
  'BR-CO-17': `not(//cac:TaxSubtotal[cac:TaxCategory/cbc:Percent and
    (cbc:TaxAmount - cbc:TaxableAmount * cac:TaxCategory/cbc:Percent div 100 > 1 or
     cbc:TaxableAmount * cac:TaxCategory/cbc:Percent div 100 - cbc:TaxAmount > 1)])`,
  'BR-CO-25': '/*[self::cn:CreditNote] or //cac:LegalMonetaryTotal/cbc:PayableAmount = 0 or /*/cbc:DueDate',
  'BR-CO-26': '//cac:AccountingSupplierParty//cbc:CompanyID',
  'BR-S-01': 'not(//cac:ClassifiedTaxCategory[cbc:ID = "S"]) or //cac:TaxSubtotal/cac:TaxCategory[cbc:ID = "S"]',
  'BR-S-02':
    'not(//cac:ClassifiedTaxCategory[cbc:ID = "S"]) or //cac:AccountingSupplierParty//cac:PartyTaxScheme/cbc:CompanyID',
  'BR-S-05': 'not(//cac:ClassifiedTaxCategory[cbc:ID = "S" and not(cbc:Percent > 0)])',
  'BR-S-08': `not(//cac:TaxSubtotal[cac:TaxCategory/cbc:ID = "S" and
    ${cents('cbc:TaxableAmount')} != ${cents(
      'sum(//*[cac:Item/cac:ClassifiedTaxCategory/cbc:ID = "S"]/cbc:LineExtensionAmount)',
    )} and count(//cac:TaxSubtotal[cac:TaxCategory/cbc:ID = "S"]) = 1])`,
  'BR-E-10': 'not(//cac:TaxCategory[(cbc:ID = "E" or cbc:ID = "O" or cbc:ID = "AE") and not(cbc:TaxExemptionReason)])',
  'BR-IC-12': `not(//cac:TaxSubtotal/cac:TaxCategory[cbc:ID = "K"]) or
    string-length(/*/cac:Delivery/cac:DeliveryLocation/cac:Address/cac:Country/cbc:IdentificationCode) = 2`,
  'BR-62, BR-63': 'not(//cbc:EndpointID[not(@schemeID)])',
  'BR-O-05': 'not(//*[cbc:ID = "O" and cac:TaxScheme and cbc:Percent])',
  'BR-DEC': 'not(//*[@currencyID and string-length(substring-after(., ".")) > 2])',
  'price times quantity is the line': each(
    `${cents('cbc:LineExtensionAmount')} = ${cents(
      'cac:Price/cbc:PriceAmount * (cbc:InvoicedQuantity | cbc:CreditedQuantity) - sum(cac:AllowanceCharge/cbc:Amount)',
    )}`,
  ),
};

export const NAMESPACES = {
  cac: 'urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2',
  cbc: 'urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2',
  cn: 'urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2',
};

function each(holds: string): string {
  return `not(//cac:InvoiceLine[not(${holds})] | //cac:CreditNoteLine[not(${holds})])`;
}

function cents(amount: string): string {
  return `round((${amount}) * 100)`;
}
