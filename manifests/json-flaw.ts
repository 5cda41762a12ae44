/** Everything that JSON is made of, with the white space before it. */
const TOKEN =
  /[ \t\r\n]*(?:[{}[\],:]|"[^"\\\p{Cc}]*(?:\\(?:["\\/bfnrt]|u[\dA-Fa-f]{4})[^"\\\p{Cc}]*)*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])|(?:true|false|null)(?!\w))/uy;

/**
 * Offset of the first thing that JSON does not know, or of a comma with nothing after it: what a reader of YAML forgives, and JSON.parse
 * refuses without a place. Null when each word of the text is JSON's.
 */
export function jsonFlawAt(text: string): number | null {
  let comma = -1;
  TOKEN.lastIndex = 0;
  for (let at = 0; at < text.length; at = TOKEN.lastIndex) {
    const token = TOKEN.exec(text)?.[0].trimStart();
    if (token === undefined) return firstVisible(text, at);
    if (comma >= 0 && (token === '}' || token === ']')) return comma;
    comma = token === ',' ? TOKEN.lastIndex - 1 : -1;
  }
  return null;
}

function firstVisible(text: string, from: number): number | null {
  const away = text.slice(from).search(/[^ \t\r\n]/);
  return away < 0 ? null : from + away;
}
