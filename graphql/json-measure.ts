/** What a text of JSON may consist of: beyond that, parsing and walking it would hold up everybody else. */
export interface JsonLimits {
  /** Values in all, members and elements among them. */
  values: number;
  /** Members of one object. */
  members: number;
  depth: number;
}

/** Pure: which limit a text of JSON is over, or null. One pass over its bytes that makes nothing; whether it is JSON is judged later. */
export function jsonExcess(text: Uint8Array, { values, members, depth }: JsonLimits): keyof JsonLimits | null {
  const open: number[] = [];
  let found = 1;
  for (let at = 0; at < text.length; at += 1) {
    const byte = text[at];
    if (byte === QUOTE) at = endOfString(text, at);
    else if (byte === BRACE || byte === BRACKET) {
      if (open.length === depth) return 'depth';
      found += 1;
      // Of lists only the sum counts.
      open.push(byte === BRACE ? 1 : Number.NEGATIVE_INFINITY);
    } else if (byte === COMMA) {
      found += 1;
      const last = open.length - 1;
      const count = (open[last] ?? 0) + 1;
      if (last >= 0) open[last] = count;
      if (count > members) return 'members';
    } else if (byte === BRACE_END || byte === BRACKET_END) open.pop();
    if (found > values) return 'values';
  }
  return null;
}

const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c];
const [BRACE, BRACE_END, BRACKET, BRACKET_END] = [0x7b, 0x7d, 0x5b, 0x5d];

/** Where its closing quote is; the end of the text when there is none. */
function endOfString(text: Uint8Array, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] === BACKSLASH) at += 1;
    else if (text[at] === QUOTE) return at;
  }
  return text.length;
}
