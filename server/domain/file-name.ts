/** Characters that a sanitised name may have, the extension included. */
export const maxFileNameLength = 120;

// Control and format characters (bidi overrides, zero-width ones), half characters, private use; line and paragraph
// separators; what Windows and shells take for something else.
const unwanted = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}<>:"|?*]/gu;
const reserved = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$|clock\$)(?=\.|$)/i;

/**
 * A name that is safe in every file system, header and page: the last part of a path, in NFC, without control characters,
 * bidi overrides, leading dots, trailing dots and spaces, and names that Windows keeps for itself. `file` when nothing is
 * left. A long name keeps its extension.
 */
export function safeFileName(sent: string): string {
  const last = sent.toWellFormed().split(/[/\\]/).at(-1) ?? '';
  const plain = last
    .normalize('NFC')
    .replaceAll(unwanted, '')
    .replaceAll(/\p{Zs}+/gu, ' ')
    .replace(/^[. ]+/, '')
    .replace(/[. ]+$/, '');
  const named = plain === '' ? 'file' : plain;
  return shortened(reserved.test(named) ? `_${named}` : named);
}

function shortened(name: string): string {
  const characters = [...name];
  if (characters.length <= maxFileNameLength) return name;
  const dot = name.lastIndexOf('.');
  const extension = dot < 0 ? [] : [...name.slice(dot)];
  const kept = extension.length > 16 ? [] : extension;
  return [...characters.slice(0, maxFileNameLength - kept.length), ...kept].join('');
}

/**
 * `Content-Disposition` by which a browser saves and never shows (RFC 6266): an ASCII name for old clients and the whole
 * one in UTF-8 (RFC 5987).
 */
export function attachment(name: string): string {
  const ascii = name.replaceAll(/[^ -~]|["\\%;]/g, '_');
  const encoded = encodeURIComponent(name).replaceAll(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`;
}
