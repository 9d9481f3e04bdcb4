import { connect } from 'node:net';
import type { Socket } from 'node:net';

const readBuffer = Buffer.allocUnsafe(256 * 1024);
const nothing = Buffer.alloc(0);
const mask = [0x37, 0xfa, 0x21, 0x3d] as const;
const opcodes = { text: 1, close: 8, ping: 9, pong: 10 } as const;

/**
 * One WebSocket (RFC 6455) with as little work as can be: text frames of ASCII out, masked as a client must, whole text
 * frames in as latin1. A fragmented frame, a close or a refused upgrade ends the load, or calls `broken` where it is given.
 */
export class WebSocketPipe {
  readonly #socket: Socket;
  readonly #onFrame: (text: string) => void;
  readonly #onOpen: () => void;
  readonly #onBroken: (() => void) | undefined;
  #rest = nothing;
  #open = false;

  /** `cookie`: the header of the upgrade; none when empty. */
  constructor(
    port: number,
    path: string,
    on: { open: () => void; frame: (text: string) => void; cookie?: string; broken?: () => void },
  ) {
    this.#onBroken = on.broken;
    this.#onOpen = on.open;
    this.#onFrame = on.frame;
    this.#socket = connect({
      port,
      host: '127.0.0.1',
      onread: {
        buffer: readBuffer,
        callback: (length) => {
          this.#read(readBuffer.subarray(0, length));
          return true;
        },
      },
    });
    this.#socket.setNoDelay(true);
    if (this.#onBroken) this.#socket.on('error', () => this.#break(''));
    this.#socket.write(
      `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        (on.cookie ? `Cookie: ${on.cookie}\r\n` : '') +
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n',
      'latin1',
    );
  }

  send(text: string): void {
    this.#socket.write(maskedFrame(opcodes.text, text));
  }

  /** Reads no more: what the server sends from now on stays on its way. */
  pause(): void {
    this.#socket.pause();
  }

  #break(why: string): void {
    if (!this.#onBroken) throw new Error(why);
    this.#socket.destroy();
    this.#onBroken();
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(piece: Buffer): void {
    let bytes = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece]);
    if (!this.#open) {
      const headEnd = bytes.indexOf('\r\n\r\n');
      if (headEnd !== -1) {
        if (!bytes.toString('latin1', 0, 12).includes(' 101'))
          return this.#break(`no upgrade: ${bytes.toString('latin1')}`);
        this.#open = true;
        bytes = bytes.subarray(headEnd + 4);
        this.#onOpen();
      }
    }
    const used = this.#open ? this.#frames(bytes) : 0;
    // Only what is left over is copied: the read buffer is about to be written over.
    this.#rest = used === bytes.length ? nothing : Buffer.from(bytes.subarray(used));
  }

  /** Hands on every whole frame and says how many bytes that was. */
  #frames(bytes: Buffer): number {
    let at = 0;
    while (bytes.length - at >= 2) {
      const first = bytes[at] as number;
      let length = (bytes[at + 1] as number) & 0x7f;
      let head = 2;
      if (length === 126 && bytes.length - at >= 4) {
        length = bytes.readUInt16BE(at + 2);
        head = 4;
      } else if (length === 127 && bytes.length - at >= 10) {
        length = Number(bytes.readBigUInt64BE(at + 2));
        head = 10;
      } else if (length > 125) break;
      const end = at + head + length;
      if (bytes.length < end) break;
      this.#frame(first, bytes.toString('latin1', at + head, end));
      at = end;
    }
    return at;
  }

  #frame(first: number, text: string): void {
    if (first === (0x80 | opcodes.text)) this.#onFrame(text);
    else if (first === (0x80 | opcodes.ping)) this.#socket.write(maskedFrame(opcodes.pong, text));
    else if (first !== (0x80 | opcodes.pong)) this.#break(`frame 0x${first.toString(16)}: ${text.slice(2)}`);
  }
}

function maskedFrame(opcode: number, text: string): Buffer {
  const { length } = text;
  const head = length < 126 ? 2 : 4;
  if (length > 0xffff) throw new RangeError('a frame of this load is at most 64 kB');
  const frame = Buffer.allocUnsafe(head + 4 + length);
  frame[0] = 0x80 | opcode;
  if (head === 2) frame[1] = 0x80 | length;
  else {
    frame[1] = 0x80 | 126;
    frame.writeUInt16BE(length, 2);
  }
  for (let index = 0; index < 4; index += 1) frame[head + index] = mask[index] as number;
  frame.write(text, head + 4, 'latin1');
  for (let index = 0; index < length; index += 1) {
    const at = head + 4 + index;
    frame[at] = (frame[at] as number) ^ (mask[index & 3] as number);
  }
  return frame;
}
