import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Scenario } from '../../billing/scenario/parse.ts';
import type { Books } from '../../billing/settle/books.ts';
import { FORMATS, type Format, paperIn } from '../../integrations/documents/formats.ts';
import { creditNotePaper, invoicePaper, type Paper } from '../../integrations/documents/paper.ts';
import { statementJson, statementPaper, statementPdf } from '../../integrations/documents/statement.ts';

/** Writes all documents of played books into a folder, in every format; answers what cannot be said in one of them. */
export async function writeDocuments(books: Books, { letterhead, steps }: Scenario, folder: string): Promise<string[]> {
  const { currency, zone } = books.account;
  const context = { ...letterhead, currency, zone };
  const papers = [
    ...books.invoices.map((invoice) => invoicePaper(invoice, context)),
    ...books.creditNotes.flatMap((note) => {
      const invoice = books.invoices.find(({ number }) => number === note.invoice);
      return invoice === undefined ? [] : [creditNotePaper(note, invoice, context)];
    }),
  ];
  await mkdir(folder, { recursive: true });
  const refused: string[] = [];
  for (const paper of papers) for (const format of FORMATS) refused.push(...(await writePaper(paper, format, folder)));
  const interval = { from: steps[0]?.at ?? 0, to: (steps.at(-1)?.at ?? 0) + 1 };
  const statement = statementPaper(books, interval, context);
  await writeFile(join(folder, 'statement.pdf'), await statementPdf(statement));
  await writeFile(join(folder, 'statement.json'), statementJson(statement));
  return refused;
}

async function writePaper(paper: Paper, format: Format, folder: string): Promise<string[]> {
  const result = await paperIn(format, paper);
  if ('faults' in result) return result.faults.map((fault) => `${paper.number} as ${format}: ${fault}.`);
  // A number is free text of its series: it may not lead out of the folder.
  const name = paper.number.replace(/[^A-Za-z0-9._-]/g, '_').replace(/^\.+/, '_');
  await writeFile(join(folder, `${name}.${result.extension}`), result.content);
  return [];
}
