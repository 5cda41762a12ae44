/**
 * Facts as JSON, exactly: `12n` for a bigint, `{"$map": […]}` for a Map. A text that looks like a bigint gets a tilde in front. SQL reads
 * amounts from it as they stand.
 */
export function encodeFacts(value: unknown): string {
  return JSON.stringify(encodable(value));
}

export function decodeFacts(text: string): unknown {
  return decoded(JSON.parse(text));
}

/** Of JSON that has been parsed already. */
export function decoded(value: unknown): unknown {
  if (typeof value === 'string') return decodedText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(decoded);
  const map = (value as { $map?: unknown }).$map;
  if (Array.isArray(map)) return new Map(map.map(([key, item]: [unknown, unknown]) => [decoded(key), decoded(item)]));
  const result: Record<string, unknown> = {};
  for (const key of Object.keys(value)) result[key] = decoded((value as Record<string, unknown>)[key]);
  return result;
}

/** What `JSON.stringify` can write, and SQL can take apart. */
export function encodable(value: unknown): unknown {
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'string') return LIKE_BIGINT.test(value) ? `~${value}` : value;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(encodable);
  if (value instanceof Map) return { $map: [...value].map((pair) => pair.map(encodable)) };
  const result: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) if (item !== undefined) result[key] = encodable(item);
  return result;
}

const BIGINT = /^-?\d+n$/;
const LIKE_BIGINT = /^~*-?\d+n$/;

function decodedText(text: string): unknown {
  if (BIGINT.test(text)) return BigInt(text.slice(0, -1));
  return text.startsWith('~') && LIKE_BIGINT.test(text) ? text.slice(1) : text;
}
