/** What documents say, in the languages that they can say it in. */
export interface Words {
  invoice: string;
  creditNote: string;
  statement: string;
  number: string;
  issued: string;
  due: string;
  corrects: string;
  description: string;
  period: string;
  quantity: string;
  amount: string;
  subtotal: string;
  discount: string;
  net: string;
  tax: string;
  included: string;
  total: string;
  credits: string;
  wallet: string;
  toPay: string;
  credited: string;
  taxId: string;
  registration: string;
  page: string;
  opening: string;
  payments: string;
  charges: string;
  closing: string;
  day: string;
}

const NAMES: readonly (keyof Words)[] = [
  'invoice',
  'creditNote',
  'statement',
  'number',
  'issued',
  'due',
  'corrects',
  'description',
  'period',
  'quantity',
  'amount',
  'subtotal',
  'discount',
  'net',
  'tax',
  'included',
  'total',
  'credits',
  'wallet',
  'toPay',
  'credited',
  'taxId',
  'registration',
  'page',
  'opening',
  'payments',
  'charges',
  'closing',
  'day',
];

/** In the order of NAMES, one language a row: so they can be read against each other. */
const LANGUAGES: Readonly<Record<string, string>> = {
  en: 'Invoice|Credit note|Statement|Number|Date|Due|Corrects invoice|Description|Period|Quantity|Amount|Subtotal|Discount|Net|Tax|included|Total|Credit applied|Paid from wallet|To pay|Credited|VAT ID|Register number|Page|Opening balance|Payments|Charges|Closing balance|Date',
  de: 'Rechnung|Gutschrift|Kontoauszug|Nummer|Datum|Fällig am|Berichtigt Rechnung|Beschreibung|Zeitraum|Menge|Betrag|Zwischensumme|Rabatt|Netto|Steuer|enthalten|Gesamtbetrag|Verrechnetes Guthaben|Aus Guthabenkonto bezahlt|Zu zahlen|Gutgeschrieben|USt-IdNr.|Registernummer|Seite|Anfangssaldo|Zahlungen|Belastungen|Endsaldo|Datum',
  fr: 'Facture|Avoir|Relevé|Numéro|Date|Échéance|Rectifie la facture|Désignation|Période|Quantité|Montant|Sous-total|Remise|Net|Taxe|incluse|Total|Avoir imputé|Payé par le porte-monnaie|À payer|Crédité|N° TVA|N° d’immatriculation|Page|Solde initial|Paiements|Débits|Solde final|Date',
  es: 'Factura|Nota de crédito|Extracto|Número|Fecha|Vencimiento|Rectifica la factura|Descripción|Período|Cantidad|Importe|Subtotal|Descuento|Neto|Impuesto|incluido|Total|Crédito aplicado|Pagado con el monedero|A pagar|Abonado|NIF-IVA|N.º de registro|Página|Saldo inicial|Pagos|Cargos|Saldo final|Fecha',
  it: 'Fattura|Nota di credito|Estratto conto|Numero|Data|Scadenza|Rettifica la fattura|Descrizione|Periodo|Quantità|Importo|Subtotale|Sconto|Netto|Imposta|inclusa|Totale|Credito utilizzato|Pagato dal portafoglio|Da pagare|Accreditato|Partita IVA|N. di registro|Pagina|Saldo iniziale|Pagamenti|Addebiti|Saldo finale|Data',
  nl: 'Factuur|Creditnota|Rekeningoverzicht|Nummer|Datum|Vervaldatum|Corrigeert factuur|Omschrijving|Periode|Aantal|Bedrag|Subtotaal|Korting|Netto|Btw|inbegrepen|Totaal|Verrekend tegoed|Betaald uit tegoed|Te betalen|Gecrediteerd|Btw-nummer|Registernummer|Pagina|Beginsaldo|Betalingen|Kosten|Eindsaldo|Datum',
  pl: 'Faktura|Nota korygująca|Wyciąg|Numer|Data|Termin płatności|Koryguje fakturę|Opis|Okres|Ilość|Kwota|Suma częściowa|Rabat|Netto|Podatek|zawarty|Razem|Rozliczony kredyt|Zapłacono z portfela|Do zapłaty|Uznano|NIP UE|Nr rejestru|Strona|Saldo początkowe|Płatności|Obciążenia|Saldo końcowe|Data',
  pt: 'Fatura|Nota de crédito|Extrato|Número|Data|Vencimento|Corrige a fatura|Descrição|Período|Quantidade|Valor|Subtotal|Desconto|Líquido|Imposto|incluído|Total|Crédito aplicado|Pago pela carteira|A pagar|Creditado|NIF|N.º de registo|Página|Saldo inicial|Pagamentos|Débitos|Saldo final|Data',
  el: 'Τιμολόγιο|Πιστωτικό σημείωμα|Κίνηση λογαριασμού|Αριθμός|Ημερομηνία|Λήξη|Διορθώνει το τιμολόγιο|Περιγραφή|Περίοδος|Ποσότητα|Ποσό|Μερικό σύνολο|Έκπτωση|Καθαρή αξία|Φόρος|περιλαμβάνεται|Σύνολο|Συμψηφισμένη πίστωση|Πληρωμή από πορτοφόλι|Πληρωτέο|Πιστώθηκε|ΑΦΜ|Αριθμός μητρώου|Σελίδα|Αρχικό υπόλοιπο|Πληρωμές|Χρεώσεις|Τελικό υπόλοιπο|Ημερομηνία',
  uk: 'Рахунок|Кредит-нота|Виписка|Номер|Дата|Сплатити до|Виправляє рахунок|Опис|Період|Кількість|Сума|Проміжна сума|Знижка|Без податку|Податок|включено|Усього|Зараховано кредит|Сплачено з гаманця|До сплати|Зараховано|ІПН|Реєстраційний номер|Сторінка|Початковий залишок|Платежі|Нарахування|Кінцевий залишок|Дата',
  ja: '請求書|貸方票|取引明細書|番号|発行日|支払期限|訂正対象の請求書|内容|期間|数量|金額|小計|割引|税抜金額|税|内税|合計|充当済みクレジット|ウォレットからの支払|お支払金額|貸方金額|VAT登録番号|登記番号|ページ|期首残高|入金|請求|期末残高|日付',
  ko: '청구서|대변표|거래 명세서|번호|발행일|납부 기한|정정 대상 청구서|내용|기간|수량|금액|소계|할인|공급가액|세금|포함|합계|적용된 크레딧|지갑에서 결제|납부할 금액|환입 금액|부가세 등록번호|등기번호|페이지|기초 잔액|입금|청구|기말 잔액|날짜',
  zh: '账单|贷项通知单|对账单|编号|日期|到期日|更正账单|说明|期间|数量|金额|小计|折扣|不含税金额|税|已含|总计|已抵扣余额|钱包支付|应付金额|贷记金额|增值税号|注册号|页|期初余额|付款|费用|期末余额|日期',
};

/** Documents are in English where none of these is wanted. */
export const DOCUMENT_LANGUAGES = Object.keys(LANGUAGES);

/** Of the language that was asked for, or of the one that it is a kind of; English where there are no words for it. */
export function wordsOf(language: string): Words {
  const [base = ''] = language.toLowerCase().split('-');
  const row = (LANGUAGES[base] ?? LANGUAGES.en ?? '').split('|');
  return Object.fromEntries(NAMES.map((name, index) => [name, row[index] ?? ''])) as unknown as Words;
}
