/** A document's share of a file. */
export interface Segment {
  text: string;
  /** Line of the file at which it starts, from 1. */
  line: number;
}

const MARKER = /^(---|\.\.\.)(?=[ \t\r\n]|$)/gm;

/**
 * Cuts a YAML stream into its documents without parsing it: `---` at the start of a line always is a marker, even inside quotes and
 * block text. So every document can be hashed, and parsed, on its own.
 */
export function splitDocuments(text: string): Segment[] {
  const starts = [0, ...markers(text), text.length];
  const segments: Segment[] = [];
  let line = 1;
  let pending = '';
  let pendingLine = 1;
  for (let i = 0; i + 1 < starts.length; i++) {
    const part = text.slice(starts[i], starts[i + 1]);
    if (pending === '') pendingLine = line;
    pending += part.replace(/^\.\.\./, '   ');
    line += countLines(part);
    if (hasContent(part)) {
      segments.push({ text: pending, line: pendingLine });
      pending = '';
    } else if (!hasDirective(part)) pending = '';
  }
  return segments;
}

function markers(text: string): number[] {
  return [...text.matchAll(MARKER)].map((match) => match.index).filter((index) => index > 0);
}

function countLines(part: string): number {
  let lines = 0;
  for (let at = part.indexOf('\n'); at >= 0; at = part.indexOf('\n', at + 1)) lines++;
  return lines;
}

/** Anything but markers, comments, directives and white space. A false yes only costs a parse. */
function hasContent(part: string): boolean {
  return /^(?!%|#)[ \t]*[^\s#]/m.test(part.replace(/^(---|\.\.\.)/, ''));
}

function hasDirective(part: string): boolean {
  return /^%/m.test(part);
}
