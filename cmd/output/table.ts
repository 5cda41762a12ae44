import stringWidth from 'string-width';

/** Rows under headers, columns apart by three spaces, as kubectl prints them: nothing to trim, easy to cut. */
export function table(headers: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = headers.map((header, i) =>
    rows.reduce((most, row) => Math.max(most, stringWidth(row[i] ?? '')), stringWidth(header)),
  );
  const line = (cells: readonly string[]) =>
    headers
      .map((_, i) => (cells[i] ?? '') + ' '.repeat((widths[i] ?? 0) - stringWidth(cells[i] ?? '')))
      .join('   ')
      .trimEnd();
  return [headers, ...rows].map((cells) => `${line(cells)}\n`).join('');
}

/** `-` for what is empty, one line for what has several, no control characters of strangers on a terminal. */
export function cellText(value: string | null | undefined): string {
  if (value === null || value === undefined || value === '') return '-';
  return value.replaceAll(/[\p{Cc}]+/gu, ' ');
}

/** How long ago: `45s`, `12m`, `3h20m`, `5d`. */
export function age(fromIso: string, nowMs: number): string {
  const seconds = Math.max(0, Math.floor((nowMs - Date.parse(fromIso)) / 1000));
  if (Number.isNaN(seconds)) return '-';
  if (seconds < 120) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 120) return `${minutes}m`;
  const hours = Math.floor(minutes / 60);
  if (hours < 10) return `${hours}h${minutes % 60 === 0 ? '' : `${minutes % 60}m`}`;
  return hours < 48 ? `${hours}h` : `${Math.floor(hours / 24)}d`;
}
