/**
 * PostgreSQL's text holds neither U+0000 nor half a surrogate pair. Both are written behind U+001A (SUBSTITUTE), which
 * itself is doubled: `\x1a0`, `\x1ad800`, `\x1a\x1a`. Every other text is stored as it is, and so compares as it is.
 */
const escape = '\u001a';
const halfPair = String.raw`[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]`;
const unstorable = new RegExp(`\0|${escape}|${halfPair}`, 'g');
const escaped = new RegExp(`${escape}(${escape}|0|d[89a-f][0-9a-f]{2})`, 'g');

/** The text as it is stored; nothing is lost. */
export function storable(text: string): string {
  if (text.isWellFormed() && !text.includes('\0') && !text.includes(escape)) return text;
  return text.replaceAll(unstorable, (found) =>
    found === escape ? escape + escape : escape + (found === '\0' ? '0' : found.charCodeAt(0).toString(16)),
  );
}

/** The text that was stored. */
export function restored(text: string): string {
  if (!text.includes(escape)) return text;
  return text.replaceAll(escaped, (_, code: string) =>
    code === escape ? escape : code === '0' ? '\0' : String.fromCharCode(Number.parseInt(code, 16)),
  );
}
