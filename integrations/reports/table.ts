import type { Report, ReportColumn } from '../../billing/report/report.ts';

/** For a terminal: figures under each other, totals below a line, then what is not in them. */
export function reportTable({ title, asOf, columns, rows, totals, notes }: Report): string {
  const shown = columns.filter(
    ({ name }, index) => name !== 'rates' || rows.some(({ cells }) => (cells[index] ?? null) !== null),
  );
  const places = shown.map((column) => columns.indexOf(column));
  const texts = (cells: readonly (string | null)[]) => places.map((place) => plain(cells[place] ?? null));
  const head = shown.map((column) => column.title.toUpperCase());
  const body = rows.map(({ cells }) => texts(cells));
  const foot = totals.map(({ cells }) => {
    const [first, ...rest] = places.map((place) => cells[place] ?? '');
    return [first || 'Total', ...rest];
  });
  const widths = head.map((name, index) =>
    Math.max(...[[name], ...body, ...foot].map((row, at) => [...((at === 0 ? name : row[index]) ?? '')].length)),
  );
  const line = (cells: readonly string[]) => lineOf(cells, { widths, columns: shown });
  const rule = widths.map((width) => '-'.repeat(width));
  return [
    `${title}, as of ${asOf}`,
    '',
    line(head),
    ...body.map(line),
    ...(foot.length === 0 || body.length === 0 ? [] : [rule.join('   '), ...foot.map(line)]),
    ...(body.length === 0 ? ['(nothing)'] : []),
    ...(notes.length === 0 ? [] : ['', ...notes]),
    '',
  ].join('\n');
}

const isFigure = ({ type }: ReportColumn) => type !== 'text' && type !== 'day' && type !== 'month';

function lineOf(
  cells: readonly string[],
  { widths, columns }: { widths: readonly number[]; columns: readonly ReportColumn[] },
): string {
  return columns
    .map((column, index) => {
      const text = cells[index] ?? '';
      const gap = ' '.repeat(Math.max(0, (widths[index] ?? 0) - [...text].length));
      return isFigure(column) ? gap + text : text + gap;
    })
    .join('   ')
    .trimEnd();
}

/** One line, and no control characters of strangers on a terminal. */
function plain(cell: string | null): string {
  return cell === null ? '-' : cell.replaceAll(/\p{Cc}+/gu, ' ');
}
