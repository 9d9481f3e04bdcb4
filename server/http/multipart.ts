import type { IncomingMessage } from 'node:http';
import { Busboy, type BusboyFileStream } from '@fastify/busboy';
import { bounds } from '@parley/contract/bounds.ts';
import { isRefusal, refuse, type Refusal } from '@parley/contract/refusals.ts';
import { safeFileName } from '../domain/file-name.ts';
import type { Files } from '../files/files.ts';
import type { IncomingFile } from '../files/incoming-files.ts';
import { isDiskFull } from '../domain/disk-full.ts';
import { watchUpload, type UploadBounds } from './upload-pace.ts';

/** A multipart form: its fields in the order in which they came, and its file, if it has one, on disk. */
export interface ReceivedForm {
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly upload: { readonly incoming: IncomingFile; readonly name: string } | null;
}

export interface ReceiveOptions {
  readonly incoming: Files['incoming'];
  /** Characters of all fields, names included. More: BodyTooLarge. */
  readonly maxFieldLength: number;
  readonly bounds: UploadBounds;
  /**
   * Asked once the file begins, with the fields before it and its name: how many bytes it may have, or why it is refused
   * at once.
   */
  readonly mayBegin: (fields: ReceivedForm['fields'], name: string) => Promise<number | Refusal>;
}

/** Bounds of a form that carries one file. What is beyond them is refused as InvalidParameter. */
const limits = {
  files: 1,
  fields: bounds.userDataEntries + 16,
  parts: bounds.userDataEntries + 17,
  fieldNameSize: bounds.userDataKeyLength + 16,
  fieldSize: bounds.textLength * 4,
  headerPairs: 32,
  headerSize: 8192,
};

/** Bytes that a form has around its file at most. */
const mostOfAForm = 1_048_576;

const malformed = 'The request body is not a valid multipart form.';

export function isMultipart({ headers }: IncomingMessage): boolean {
  return /^\s*multipart\/form-data\b/i.test(headers['content-type'] ?? '');
}

/**
 * Reads a multipart form as it comes: the file goes to disk, never more of it in memory than a chunk, and reading stops
 * at the first thing that is refused. Fields may come before and after the file. Whoever gets a form discards its file;
 * of what is refused or breaks off nothing is left.
 */
export async function receiveMultipart(
  request: IncomingMessage,
  options: ReceiveOptions,
): Promise<ReceivedForm | Refusal> {
  const reading = new Reading(request, options);
  const refused = await reading.outcome;
  reading.end();
  const upload = await reading.upload;
  if (!refused && !isRefusal(upload)) return { fields: reading.fields, upload };
  if (upload && !isRefusal(upload)) await upload.incoming.discard();
  return refused ?? (upload as Refusal);
}

type Upload = NonNullable<ReceivedForm['upload']>;

/** One form being read. */
class Reading {
  readonly fields: [string, string][] = [];
  /** Resolves with null at the end of the form, or with what stopped the reading. */
  readonly outcome: Promise<Refusal | null>;
  upload: Promise<Upload | Refusal | null> = Promise.resolve(null);
  readonly #options: ReceiveOptions;
  #file: BusboyFileStream | null = null;
  #isStopped = false;
  #fieldLength = 0;
  /** Bytes that the request says to have; Infinity when it does not say. */
  readonly #declaredBytes: number;
  /** Nothing more is read. */
  end: () => void = () => {};

  constructor(request: IncomingMessage, options: ReceiveOptions) {
    this.#options = options;
    this.#declaredBytes = Number(request.headers['content-length'] ?? Infinity);
    const { promise, resolve } = Promise.withResolvers<Refusal | null>();
    this.outcome = promise;
    const parser = parserOf(request);
    if (!parser) {
      resolve(refuse('InvalidParameter', malformed));
      return;
    }
    const stop = (refusal: Refusal): void => {
      this.#isStopped = true;
      request.unpipe(parser);
      request.pause();
      this.#file?.destroy();
      resolve(refusal);
    };
    // A request that was read to its end closes, too; then the parser says how it went.
    const cut = (): void => {
      if (!request.complete) stop(refuse('InvalidParameter', 'The request broke off.'));
    };
    const tooMany = (): void => stop(refuse('InvalidParameter', 'The form has too many parts.'));
    parser
      .on('field', (name: string | undefined, value, nameCut, valueCut) => {
        // Every part must have a name (RFC 7578 §4.2); the parser passes those on that have none.
        if (name === undefined) return stop(refuse('InvalidParameter', malformed));
        this.#fieldLength += name.length + value.length;
        if (this.#fieldLength > options.maxFieldLength) stop(refuse('BodyTooLarge'));
        else if (nameCut || valueCut) stop(refuse('InvalidParameter', malformed));
        else this.fields.push([name, value]);
      })
      .on('file', (_field, file, sentName) => this.#begin(file, { sentName, stop }))
      .on('partsLimit', tooMany)
      .on('filesLimit', tooMany)
      .on('fieldsLimit', tooMany)
      .on('error', () => stop(refuse('InvalidParameter', malformed)))
      .on('finish', () => resolve(null));
    request.once('close', cut);
    request.pipe(parser);
    const unwatch = watchUpload(request, options.bounds, () =>
      stop(refuse('InvalidParameter', 'The upload came too slowly.')),
    );
    this.end = (): void => {
      request.off('close', cut);
      unwatch();
    };
  }

  #begin(
    file: BusboyFileStream,
    { sentName, stop }: { readonly sentName: string | undefined; readonly stop: (refusal: Refusal) => void },
  ): void {
    this.#file = file;
    // What breaks off is told by the parser as well.
    file.on('error', () => {});
    // The rest of the chunk in which something was refused comes all the same, and of a file its end would never come.
    if (this.#isStopped) return void file.destroy();
    this.upload = this.#receive(file, safeFileName(sentName ?? '')).then((upload) => {
      if (isRefusal(upload)) stop(upload);
      return upload;
    });
    this.upload.catch(() => stop(refuse('InvalidParameter', malformed)));
  }

  async #receive(file: BusboyFileStream, name: string): Promise<Upload | Refusal> {
    const { incoming, mayBegin } = this.#options;
    const maxBytes = await mayBegin(this.fields, name);
    if (isRefusal(maxBytes)) return maxBytes;
    const tooLarge = refuse('FileTooLarge', `A file may have ${maxBytes} bytes.`);
    const isKnown = Number.isFinite(this.#declaredBytes);
    if (isKnown && this.#declaredBytes > maxBytes + mostOfAForm) return tooLarge;
    try {
      const received = await incoming.receive(file, maxBytes);
      return received ? { incoming: received, name } : tooLarge;
    } catch (error) {
      const { syscall } = error as NodeJS.ErrnoException;
      if (isDiskFull(error)) return refuse('Unavailable', 'There is no room for files now; try again later.');
      // What does not come from the disk comes from the request: it broke off.
      if (syscall !== undefined) throw error;
      return refuse('InvalidParameter', malformed);
    }
  }
}

function parserOf({ headers }: IncomingMessage): InstanceType<typeof Busboy> | null {
  try {
    // A part with a name of a file is one; so are bytes under the name that uploads have.
    const isPartAFile = (field?: string, type?: string, name?: string): boolean =>
      name !== undefined || (field === 'file' && type === 'application/octet-stream');
    return new Busboy({
      headers: { ...headers, 'content-type': headers['content-type'] ?? '' },
      limits,
      isPartAFile,
    });
  } catch {
    return null;
  }
}
