import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { mountPath } from './engine-calls.ts';

/** The parts of a frame (RFC 6455, section 5.2), each of which can be wrong. */
export type FrameParts = {
  payload: string | Buffer;
  opcode?: number;
  fin?: boolean;
  /** The three reserved bits, 0 to 7. */
  reserved?: number;
  masked?: boolean;
  /** The length that the frame claims, when that is not the payload's. */
  claimedLength?: bigint;
};

/** The bytes of one frame, right or wrong. */
export function frameBytes(parts: FrameParts): Buffer {
  const { payload, opcode = 1, fin = true, reserved = 0, masked = true, claimedLength } = parts;
  const bytes = Buffer.from(payload);
  const length = claimedLength ?? BigInt(bytes.length);
  const head: number[] = [(fin ? 0x80 : 0) | (reserved << 4) | opcode];
  const maskBit = masked ? 0x80 : 0;
  if (length < 126n) head.push(maskBit | Number(length));
  else if (length < 0x10000n) head.push(maskBit | 126, Number(length >> 8n), Number(length & 0xffn));
  else {
    head.push(maskBit | 127);
    for (let shift = 56n; shift >= 0n; shift -= 8n) head.push(Number((length >> shift) & 0xffn));
  }
  if (!masked) return Buffer.concat([Buffer.from(head), bytes]);
  const mask = [0x12, 0x34, 0x56, 0x78];
  const hidden = bytes.map((byte, index) => byte ^ (mask[index & 3] as number));
  return Buffer.concat([Buffer.from(head), Buffer.from(mask), hidden]);
}

/** A WebSocket on which anything can be sent; text frames of the server are kept, and how the connection ended. */
export class RawWebSocket {
  readonly texts: string[] = [];
  /** The code of the server's close frame, when it sent one. */
  closeCode: number | undefined;
  readonly #socket: Socket;
  #bytes: Buffer = Buffer.alloc(0);
  #isOpen = false;
  #isClosed = false;
  #changed: (() => void)[] = [];

  private constructor(port: number, headers: string) {
    this.#socket = connect(port, '127.0.0.1');
    this.#socket.on('error', () => this.#socket.destroy());
    this.#socket.on('close', () => {
      this.#isClosed = true;
      this.#tell();
    });
    this.#socket.on('data', (bytes) => this.#read(bytes));
    this.#socket.write(
      `GET ${mountPath} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        `Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n${headers}\r\n`,
    );
  }

  /** Connects and waits for the upgrade; throws when it is refused. */
  static async open(port: number, headers = ''): Promise<RawWebSocket> {
    const socket = new RawWebSocket(port, headers);
    if (!(await socket.until(() => socket.#isOpen || socket.#isClosed, 5_000)) || !socket.#isOpen) {
      throw new Error('the upgrade was refused');
    }
    return socket;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  send(bytes: Buffer): void {
    this.#socket.write(bytes);
  }

  /** Stops reading, as a client on a dead line does; the connection stays. */
  pause(): void {
    this.#socket.pause();
  }

  /** Ends the connection without a close frame; `reset` sends RST instead of FIN. */
  destroy(reset = false): void {
    if (reset) this.#socket.resetAndDestroy();
    else this.#socket.destroy();
  }

  /** Waits until `holds`; false when `withinMs` have passed before. */
  async until(holds: () => boolean, withinMs: number): Promise<boolean> {
    const deadline = performance.now() + withinMs;
    while (!holds()) {
      const leftMs = deadline - performance.now();
      if (leftMs <= 0) return false;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, leftMs);
        this.#changed.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
    return true;
  }

  #read(bytes: string | Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, Buffer.from(bytes)]);
    if (!this.#isOpen) {
      const end = this.#bytes.indexOf('\r\n\r\n');
      if (end === -1) return;
      this.#isOpen = this.#bytes.subarray(0, 12).toString('latin1') === 'HTTP/1.1 101';
      this.#bytes = this.#bytes.subarray(end + 4);
    }
    while (this.#takeFrame()) continue;
    this.#tell();
  }

  #takeFrame(): boolean {
    const bytes = this.#bytes;
    if (bytes.length < 2) return false;
    const opcode = (bytes[0] as number) & 0x0f;
    let length = (bytes[1] as number) & 0x7f;
    let head = 2;
    if (length === 126) {
      if (bytes.length < 4) return false;
      length = bytes.readUInt16BE(2);
      head = 4;
    } else if (length === 127) {
      if (bytes.length < 10) return false;
      length = Number(bytes.readBigUInt64BE(2));
      head = 10;
    }
    if (bytes.length < head + length) return false;
    const payload = bytes.subarray(head, head + length);
    this.#bytes = bytes.subarray(head + length);
    if (opcode === 1) this.texts.push(payload.toString());
    if (opcode === 8) this.closeCode = payload.length >= 2 ? payload.readUInt16BE(0) : 1005;
    return true;
  }

  #tell(): void {
    const changed = this.#changed;
    this.#changed = [];
    for (const look of changed) look();
  }
}
