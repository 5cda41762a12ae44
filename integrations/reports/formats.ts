import type { Report, ReportFormat } from '../../billing/report/report.ts';
import { reportCsv } from './csv.ts';
import { reportJson } from './json.ts';
import { reportPdf } from './pdf.ts';
import { reportJpeg, reportPng } from './picture.ts';
import { reportSvg } from './svg.ts';
import { reportTable } from './table.ts';

export interface FormattedReport {
  content: string | Uint8Array;
  mediaType: string;
  extension: string;
}

/** A report in one of its formats. The same report gives the same bytes. */
export async function reportIn(format: ReportFormat, report: Report): Promise<FormattedReport> {
  switch (format) {
    case 'table':
      return { content: reportTable(report), mediaType: 'text/plain; charset=utf-8', extension: 'txt' };
    case 'csv':
      return { content: reportCsv(report), mediaType: 'text/csv; charset=utf-8', extension: 'csv' };
    case 'json':
      return { content: reportJson(report), mediaType: 'application/json', extension: 'json' };
    case 'pdf':
      return { content: await reportPdf(report), mediaType: 'application/pdf', extension: 'pdf' };
    case 'svg':
      return { content: reportSvg(report), mediaType: 'image/svg+xml', extension: 'svg' };
    case 'png':
      return { content: await reportPng(report), mediaType: 'image/png', extension: 'png' };
    case 'jpg':
      return { content: await reportJpeg(report), mediaType: 'image/jpeg', extension: 'jpg' };
  }
}
