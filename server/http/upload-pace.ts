import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

/** How fast an upload must come. */
export interface UploadBounds {
  /** So long nothing may come. */
  readonly uploadIdleMs: number;
  /** What every upload has, whatever its size. */
  readonly requestTimeoutMs: number;
  /** Beyond that it must have come as fast as this on the whole. */
  readonly minUploadBytesPerSecond: number;
}

/** How often uploads are looked at. */
const everyMs = 250;

const uploading = new WeakSet<Duplex>();

/** Whether an upload comes over this connection: then its own bounds hold, and not the one of other requests. */
export function isUploading(connection: Duplex): boolean {
  return uploading.has(connection);
}

/**
 * Watches a request whose bytes are read as they come, and calls `onTooSlow` once when they come too slowly. Time in which
 * it is not read, because the disk is slower than the client, does not count. To be ended with what it returns. It runs on
 * the machine's clock, as connections do.
 */
export function watchUpload(
  request: IncomingMessage,
  { uploadIdleMs, requestTimeoutMs, minUploadBytesPerSecond }: UploadBounds,
  onTooSlow: () => void,
): () => void {
  const { socket } = request;
  let bytes = 0;
  let idleMs = 0;
  let waitedMs = 0;
  const onData = ({ length }: Buffer): void => {
    bytes += length;
    idleMs = 0;
  };
  const end = (): void => {
    clearInterval(timer);
    request.off('data', onData);
    uploading.delete(socket);
  };
  const look = (): void => {
    if (request.isPaused()) return;
    idleMs += everyMs;
    waitedMs += everyMs;
    const allowedMs = requestTimeoutMs + (bytes / minUploadBytesPerSecond) * 1000;
    if (idleMs < uploadIdleMs && waitedMs < allowedMs) return;
    end();
    onTooSlow();
  };
  const timer = setInterval(look, everyMs);
  request.on('data', onData);
  uploading.add(socket);
  return end;
}
