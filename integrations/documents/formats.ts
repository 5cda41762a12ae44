import { paperCsv } from './csv.ts';
import { paperJson } from './json.ts';
import type { Paper } from './paper.ts';
import { paperPdf } from './pdf.ts';
import { paperUbl } from './ubl.ts';

export const FORMATS = ['pdf', 'ubl', 'csv', 'json'] as const;
export type Format = (typeof FORMATS)[number];

export interface FormattedPaper {
  content: string | Uint8Array;
  mediaType: string;
  extension: string;
}

/** A document in one of its formats; or, as sentences, why that format cannot say it. */
export async function paperIn(format: Format, paper: Paper): Promise<FormattedPaper | { faults: string[] }> {
  switch (format) {
    case 'pdf':
      return { content: await paperPdf(paper), mediaType: 'application/pdf', extension: 'pdf' };
    case 'csv':
      return { content: paperCsv(paper), mediaType: 'text/csv; charset=utf-8', extension: 'csv' };
    case 'json':
      return { content: paperJson(paper), mediaType: 'application/json', extension: 'json' };
    case 'ubl': {
      const result = paperUbl(paper);
      return 'faults' in result ? result : { content: result.xml, mediaType: 'application/xml', extension: 'xml' };
    }
  }
}
