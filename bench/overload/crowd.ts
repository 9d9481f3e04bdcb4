import type { ChatCredentials } from '@parley/client/customer-operations.ts';
import type { LatencySketch } from '@parley/load/figures/latency-sketch.ts';
import { benchService, idleService } from '../chat/orders.ts';
import { postBytes } from '../push/http-pipe.ts';
import { nowUs } from '../push/orders.ts';
import { WebSocketPipe } from '../push/websocket-pipe.ts';
import { LooseHttp } from './loose-http.ts';

const path = '/genesys/cometd';
const channel = `/service/chatV2/${idleService}`;
/** The server cuts who does not read for 30 s: then they come again. */
const comesAgainAfterMs = 40_000;
const lookEveryMs = 10;

/** Opens tabs over WebSocket that ask for everything that was said in a chat, and read nothing of it. */
export class SlowReaders {
  readonly #port: number;
  readonly #credentials: ChatCredentials;
  readonly #open = new Map<number, WebSocketPipe>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #isOver = false;

  constructor(port: number, credentials: ChatCredentials) {
    this.#port = port;
    this.#credentials = credentials;
  }

  start(count: number): void {
    for (let reader = 0; reader < count; reader += 1) this.#later(reader, (1_000 * reader) / count);
  }

  stop(): void {
    this.#isOver = true;
    for (const timer of this.#timers) clearTimeout(timer);
    for (const pipe of this.#open.values()) pipe.close();
  }

  #later(reader: number, delayMs: number): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#open.get(reader)?.close();
      if (this.#isOver) return;
      this.#read(reader);
      this.#later(reader, comesAgainAfterMs);
    }, delayMs);
    this.#timers.add(timer);
  }

  #read(reader: number): void {
    const { chatId, secureKey } = this.#credentials;
    const handshake = { channel: '/meta/handshake', version: '1.0', supportedConnectionTypes: ['websocket'] };
    const pipe = new WebSocketPipe(this.#port, path, {
      // It comes again when its time has come.
      broken() {},
      open: () => pipe.send(JSON.stringify([handshake])),
      frame(text) {
        const clientId = /"clientId":"(\w+)"/.exec(text)?.[1];
        if (clientId === undefined) return;
        const data = { operation: 'requestNotifications', secureKey, chatId, transcriptPosition: 1 };
        pipe.send(
          JSON.stringify([
            { channel: '/meta/connect', clientId, connectionType: 'websocket' },
            { channel, clientId, data },
          ]),
        );
        pipe.pause();
      },
    });
    this.#open.set(reader, pipe);
  }
}

/** Begins push sessions at a rate, each over a connection of its own, and leaves them. */
export class Connects {
  #due = 0;
  begun = 0;
  readonly #timer: NodeJS.Timeout;

  /** `waits` is told how long each waited for its session, connecting included. */
  constructor(port: number, perSecond: number, waits: LatencySketch) {
    const message = {
      channel: '/meta/handshake',
      version: '1.0',
      supportedConnectionTypes: ['long-polling'],
    };
    const bytes = postBytes(`${path}/handshake`, JSON.stringify([message]), '');
    let lastMs = performance.now();
    this.#timer = setInterval(() => {
      const nowMs = performance.now();
      this.#due += ((nowMs - lastMs) * perSecond) / 1000;
      lastMs = nowMs;
      for (; this.#due >= 1; this.#due -= 1) {
        const connection = new LooseHttp(port);
        const beganAtUs = nowUs();
        this.begun += 1;
        connection.ask(bytes, (answer) => {
          if (answer?.status === 200) waits.add(nowUs() - beganAtUs);
          connection.close();
        });
      }
    }, lookEveryMs);
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

/** Where the customers of a chat post what they say. */
export function sendPath(chatId: string): string {
  return `/genesys/2/chat/${benchService}/${chatId}/send`;
}
