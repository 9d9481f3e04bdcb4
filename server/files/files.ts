import { join } from 'node:path';
import type { RandomBytes } from '../domain/ids.ts';
import { scanWithClamd, type ScanVerdict } from './clamd.ts';
import type { FileStore } from './file-store.ts';
import { IncomingFiles } from './incoming-files.ts';
import { LocalFileStore } from './local-file-store.ts';

/** Counts the uploads that run, for they hold disk, sockets and the virus check. */
export class UploadGate {
  readonly #maxUploads: number;
  #running = 0;

  constructor(maxUploads: number) {
    this.#maxUploads = maxUploads;
  }

  /** Whether one more may run; then `leave` must follow. */
  enter(): boolean {
    if (this.#running >= this.#maxUploads) return false;
    this.#running += 1;
    return true;
  }

  leave(): void {
    this.#running -= 1;
  }
}

/** What files need besides the log. */
export interface Files {
  readonly store: FileStore;
  readonly incoming: Pick<IncomingFiles, 'receive'>;
  readonly gate: UploadGate;
  /** Null: there is no virus check. */
  readonly scan: ((path: string) => Promise<ScanVerdict>) | null;
}

export interface FilesOptions {
  readonly folder: string;
  readonly random: RandomBytes;
  readonly parallelUploads: number;
  /** `host:port`, the host in brackets when it is an IPv6 address; null: no virus check. */
  readonly clamd: string | null;
  readonly clamdTimeoutMs: number;
}

/** Opens the folder of files; what was being received when the process ended is removed. */
export async function openFiles(options: FilesOptions): Promise<Files> {
  const { folder, random, parallelUploads, clamd, clamdTimeoutMs: timeoutMs } = options;
  const address = clamd === null ? null : addressOf(clamd);
  return {
    store: await LocalFileStore.open(folder),
    incoming: await IncomingFiles.open(join(folder, 'incoming'), random),
    gate: new UploadGate(parallelUploads),
    scan: address && ((path) => scanWithClamd(path, { ...address, timeoutMs })),
  };
}

function addressOf(clamd: string): { readonly host: string; readonly port: number } {
  const colon = clamd.lastIndexOf(':');
  return { host: clamd.slice(0, colon).replace(/^\[(.*)\]$/, '$1'), port: Number(clamd.slice(colon + 1)) };
}
