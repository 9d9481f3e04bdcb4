/** How the content of a file shows what it is. */
export type FileSignature =
  /** Valid UTF-8 without NUL, and not the beginning of another kind. */
  | { readonly text: true }
  /** One of these kinds by its first bytes, as the library `file-type` calls them. */
  | { readonly magic: readonly string[] }
  /** A ZIP archive; with a part below this folder, for Office documents, which are such archives. */
  | { readonly zip: string | null };

export interface FileKind {
  /** What a download is sent as. */
  readonly mediaType: string;
  readonly signature: FileSignature;
}

const officeType = (name: string): string => `application/vnd.openxmlformats-officedocument.${name}`;

/**
 * The kinds of files that can be told by their content, by extension: only these can be allowed. Pages and drawings with
 * script in them (HTML, SVG, XML) are not among them.
 */
export const fileKinds = {
  jpg: { mediaType: 'image/jpeg', signature: { magic: ['jpg'] } },
  jpeg: { mediaType: 'image/jpeg', signature: { magic: ['jpg'] } },
  png: { mediaType: 'image/png', signature: { magic: ['png', 'apng'] } },
  gif: { mediaType: 'image/gif', signature: { magic: ['gif'] } },
  webp: { mediaType: 'image/webp', signature: { magic: ['webp'] } },
  bmp: { mediaType: 'image/bmp', signature: { magic: ['bmp'] } },
  heic: { mediaType: 'image/heic', signature: { magic: ['heic'] } },
  tif: { mediaType: 'image/tiff', signature: { magic: ['tif'] } },
  tiff: { mediaType: 'image/tiff', signature: { magic: ['tif'] } },
  pdf: { mediaType: 'application/pdf', signature: { magic: ['pdf'] } },
  txt: { mediaType: 'text/plain; charset=utf-8', signature: { text: true } },
  csv: { mediaType: 'text/csv; charset=utf-8', signature: { text: true } },
  docx: { mediaType: officeType('wordprocessingml.document'), signature: { zip: 'word/' } },
  xlsx: { mediaType: officeType('spreadsheetml.sheet'), signature: { zip: 'xl/' } },
  pptx: { mediaType: officeType('presentationml.presentation'), signature: { zip: 'ppt/' } },
  zip: { mediaType: 'application/zip', signature: { zip: null } },
  mp3: { mediaType: 'audio/mpeg', signature: { magic: ['mp3'] } },
  wav: { mediaType: 'audio/wav', signature: { magic: ['wav'] } },
  m4a: { mediaType: 'audio/mp4', signature: { magic: ['m4a'] } },
  mp4: { mediaType: 'video/mp4', signature: { magic: ['mp4', 'm4v'] } },
} as const satisfies Record<string, FileKind>;

export type FileExtension = keyof typeof fileKinds;

export const fileExtensions = Object.keys(fileKinds) as readonly FileExtension[];

/** What is after the last dot of a name, if it is a kind that is known; else null. */
export function extensionOf(name: string): FileExtension | null {
  const dot = name.lastIndexOf('.');
  const extension = dot < 1 ? '' : name.slice(dot + 1).toLowerCase();
  return Object.hasOwn(fileKinds, extension) ? (extension as FileExtension) : null;
}
