import { addDuration, parseLocal } from '../../billing/calendar/zone.ts';
import type { AccountBooks } from '../../billing/loop/account-books.ts';
import type { BooksReader } from '../../billing/loop/books-reader.ts';
import type { Books } from '../../billing/settle/books.ts';
import { FORMATS, paperIn } from '../../integrations/documents/formats.ts';
import { creditNotePaper, invoicePaper, type Paper, type PaperContext } from '../../integrations/documents/paper.ts';
import { statementJson, statementPaper, statementPdf } from '../../integrations/documents/statement.ts';
import { allows } from '../../reconciler/access/access.ts';
import type { Admission } from '../../reconciler/admission/apply.ts';
import { withAccess } from '../../reconciler/admission/permissions.ts';
import { accessOf, type Principal } from '../../reconciler/principal.ts';
import type { ObjectStore } from '../../reconciler/store.ts';
import { letterheadOf } from '../documents/letterhead.ts';
import { type Download, downloadRoute, type Refused } from './download-route.ts';
import type { Handler } from './http.ts';
import type { Authenticate } from './identity.ts';

export interface DocumentParts {
  authenticate: Authenticate;
  admission: Admission;
  store: Pick<ObjectStore, 'getByKey'>;
  accounts: Pick<AccountBooks, 'find'>;
  reader: Pick<BooksReader, 'ledgerOf'>;
  now(): number;
}

const PATH = '/documents/';

/**
 * `GET /documents/ACCOUNT/NUMBER?format=pdf`: an invoice or credit note for those who may read it, and `…/statement?from=…&to=…`. They
 * are written anew each time from what was issued: the same bytes every time.
 */
export function documentRoute(parts: DocumentParts): Handler {
  return downloadRoute({
    prefix: PATH,
    authenticate: parts.authenticate,
    answer: (url, principal) => answerTo(parts, url, principal),
  });
}

async function answerTo(parts: DocumentParts, url: URL, principal: Principal): Promise<Download | Refused> {
  const names = namesIn(url);
  if (names === undefined) return { status: 404, error: `Documents are at ${PATH}ACCOUNT/NUMBER.` };
  const { account, number } = names;
  const nothing = { status: 404, error: `The account "${account}" has no document ${number}.` };
  const isStatement = number === 'statement';
  const acting = await withAccess(parts.admission, principal);
  const kind = isStatement ? 'Statement' : 'Invoice';
  // Whether there is such an account is nobody's business who may not read it.
  if (!allows(accessOf(acting), 'get', { kind, project: null, account })) return nothing;
  const found = await contextOf(parts, account);
  if (found === undefined) return nothing;
  const { books, context } = found;
  if (isStatement) return statement(parts, { account, url, context, books });
  const paper = paperOf(books, number, context);
  return paper === undefined ? nothing : formatted(paper, url);
}

function namesIn(url: URL): { account: string; number: string } | undefined {
  try {
    const [account = '', number = '', ...rest] = url.pathname.slice(PATH.length).split('/').map(decodeURIComponent);
    return account === '' || number === '' || rest.length > 0 ? undefined : { account, number };
  } catch {
    return undefined;
  }
}

async function contextOf(
  { store, accounts }: DocumentParts,
  name: string,
): Promise<{ books: Books; context: PaperContext } | undefined> {
  const [account] = await store.getByKey([{ kind: 'Account', project: null, name }]);
  const books = await accounts.find(name);
  if (account === undefined || books === undefined) return undefined;
  const { channel } = account.spec;
  const [seller] =
    typeof channel === 'string' ? await store.getByKey([{ kind: 'Channel', project: null, name: channel }]) : [];
  const { currency, zone } = books.account;
  return { books, context: { ...letterheadOf(account, seller), currency, zone } };
}

function paperOf({ invoices, creditNotes }: Books, number: string, context: PaperContext): Paper | undefined {
  const invoice = invoices.find((each) => each.number === number);
  if (invoice !== undefined) return invoicePaper(invoice, context);
  const note = creditNotes.find((each) => each.number === number);
  const corrected = invoices.find((each) => each.number === note?.invoice);
  return note === undefined || corrected === undefined ? undefined : creditNotePaper(note, corrected, context);
}

async function formatted(paper: Paper, url: URL): Promise<Download | Refused> {
  const wanted = url.searchParams.get('format') ?? 'pdf';
  const format = FORMATS.find((each) => each === wanted);
  if (format === undefined) return { status: 400, error: `format is one of ${FORMATS.join(', ')}.` };
  const result = await paperIn(format, paper);
  if ('faults' in result)
    return { status: 422, error: `${paper.number} cannot be said as ${format}. ${result.faults.join('. ')}.` };
  return { ...result, name: `${paper.number}.${result.extension}` };
}

interface Asked {
  account: string;
  url: URL;
  context: PaperContext;
  books: Books;
}

/** Of local days, both inclusive; without them of everything until now. */
async function statement(
  { reader, now }: DocumentParts,
  { account, url, context, books }: Asked,
): Promise<Download | Refused> {
  const { zone } = context;
  const [first, last] = [url.searchParams.get('from'), url.searchParams.get('to')];
  const from = first === null ? earliest(books) : parseLocal(first, zone);
  const end = last === null ? now() : parseLocal(last, zone);
  if (from === undefined || end === undefined || end < from)
    return { status: 400, error: 'from and to are days such as 2026-01-31, the second not before the first.' };
  const interval = { from, to: last === null ? end + 1 : addDuration(end, 'P1D', zone) };
  const ledger = await reader.ledgerOf(account, interval);
  const paper = statementPaper({ ...books, ledger }, interval, context);
  const name = `${account}-statement`;
  if (url.searchParams.get('format') === 'json')
    return { content: statementJson(paper), mediaType: 'application/json', name: `${name}.json` };
  return { content: await statementPdf(paper), mediaType: 'application/pdf', name: `${name}.pdf` };
}

function earliest({ invoices, payments }: Books): number {
  return Math.min(
    ...invoices.map(({ issuedAt }) => issuedAt),
    ...payments.map(({ at }) => at),
    Number.MAX_SAFE_INTEGER,
  );
}
