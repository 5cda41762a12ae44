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
};

/** Documents are in English where none of these is wanted. */
export const DOCUMENT_LANGUAGES = Object.keys(LANGUAGES);

/** Of the language that was asked for, or of the one that it is a kind of; English where there are no words for it. */
export function wordsOf(language: string): Words {
  const [base = ''] = language.toLowerCase().split('-');
  const row = (LANGUAGES[base] ?? LANGUAGES.en ?? '').split('|');
  return Object.fromEntries(NAMES.map((name, index) => [name, row[index] ?? ''])) as unknown as Words;
}
