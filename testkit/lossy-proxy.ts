import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
}

/** Where to cut a connection: in what the client sends or in what it is answered. */
export type Direction = 'request' | 'response';

/** Says whether a request, given its first bytes, may be sent a second time behind the client's back. */
export type MayRepeat = (request: string) => boolean;

/**
 * A TCP proxy in front of a server on 127.0.0.1 that breaks connections as networks do. `swallow` is the hard case: the
 * server has written an answer and believes it gone, the client never sees it.
 */
export class LossyProxy {
  readonly #server: Server;
  readonly #pairs = new Set<Pair>();
  /** What no pair holds any more, or never did. */
  readonly #loose = new Set<Socket>();
  #targetPort: number;
  #swallows = 0;
  #cut: { readonly direction: Direction; bytesLeft: number } | null = null;
  #blocked = false;
  #stalled = false;
  #delayMs = (): number => 0;
  #mayRepeat: MayRepeat | undefined;
  /** How many times an answer was swallowed: a test that swallowed nothing has shown nothing. */
  swallowed = 0;
  /** How many connections were cut by `cutAfter`. */
  cuts = 0;
  /** How many requests were sent twice. */
  repeated = 0;

  private constructor(targetPort: number) {
    this.#targetPort = targetPort;
    this.#server = createServer((near) => this.#join(near));
  }

  /** Listens on a free port and passes everything on to `targetPort`. */
  static async open(targetPort: number): Promise<LossyProxy> {
    const proxy = new LossyProxy(targetPort);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** How many connections are open. */
  get connections(): number {
    return this.#pairs.size;
  }

  /** The server is somewhere else from now on; for new connections. */
  retarget(port: number): void {
    this.#targetPort = port;
  }

  /** Cuts every connection, both ends, at once. */
  cut(): void {
    for (const pair of this.#pairs) this.#end(pair);
    for (const socket of this.#loose) socket.destroy();
  }

  /** The next `times` pieces that the server sends are thrown away, each with its connection. */
  swallow(times = 1): void {
    this.#swallows += times;
  }

  /**
   * From now on so many bytes still pass in this direction, all connections together; then the one that has sent the next,
   * or the last of them, is cut. What has passed arrives.
   */
  cutAfter(direction: Direction, bytes: number): void {
    this.#cut = { direction, bytesLeft: bytes };
  }

  /** Takes `cutAfter` back; whether it had not come to the cut. */
  uncut(): boolean {
    const wasDue = this.#cut !== null;
    this.#cut = null;
    return wasDue;
  }

  /** Cuts everything and refuses new connections until `unblock`. */
  block(): void {
    this.#blocked = true;
    this.cut();
  }

  unblock(): void {
    this.#blocked = false;
  }

  /** Half-open: connections stay, what is sent on them is gone for good, and nobody is told. `cut` frees the clients. */
  stall(): void {
    this.#stalled = true;
  }

  unstall(): void {
    this.#stalled = false;
  }

  /** Each piece arrives so much later, in order on its connection. */
  delay(delayMs: () => number): void {
    this.#delayMs = delayMs;
  }

  /** Sends requests twice, the second time over a connection of its own whose answer nobody reads; nothing ends it. */
  repeat(mayRepeat: MayRepeat | undefined): void {
    this.#mayRepeat = mayRepeat;
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #join(near: Socket): void {
    if (this.#blocked) {
      near.on('error', () => near.destroy());
      near.destroy();
      return;
    }
    const far = connect(this.#targetPort, '127.0.0.1');
    const pair = { near, far };
    this.#pairs.add(pair);
    for (const socket of [near, far]) {
      socket.setNoDelay(true);
      socket.on('error', () => this.#end(pair));
      socket.on('close', () => this.#end(pair));
    }
    const toFar = this.#lane(far);
    const toNear = this.#lane(near);
    near.on('data', (bytes: Buffer) => {
      if (this.#stalled) return;
      if (this.#isCut('request', bytes, pair)) return;
      this.#repeat(bytes);
      toFar(bytes);
    });
    far.on('data', (bytes: Buffer) => {
      if (this.#swallows > 0) {
        this.#swallows -= 1;
        this.swallowed += 1;
        this.#end(pair);
      } else if (!this.#stalled && !this.#isCut('response', bytes, pair)) toNear(bytes);
    });
  }

  #isCut(direction: Direction, bytes: Buffer, pair: Pair): boolean {
    const cut = this.#cut;
    if (!this.#pairs.has(pair) || cut?.direction !== direction) return false;
    if (bytes.length < cut.bytesLeft) {
      cut.bytesLeft -= bytes.length;
      return false;
    }
    this.#cut = null;
    this.cuts += 1;
    this.#pairs.delete(pair);
    const { near, far } = pair;
    const [from, to] = direction === 'request' ? [near, far] : [far, near];
    from.destroy();
    this.#letLoose(to);
    to.end(bytes.subarray(0, cut.bytesLeft));
    return true;
  }

  #letLoose(socket: Socket): void {
    this.#loose.add(socket);
    socket.on('close', () => this.#loose.delete(socket));
  }

  /** Writes pieces in the order in which they came, each after its delay. */
  #lane(to: Socket): (bytes: Buffer) => void {
    let last: Promise<void> | undefined;
    return (bytes) => {
      const delayMs = this.#delayMs();
      if (delayMs === 0 && last === undefined) return void to.write(bytes);
      const due = new Promise<void>((resolve) => setTimeout(resolve, delayMs));
      const turn = Promise.all([last, due]).then(() => {
        if (!to.destroyed) to.write(bytes);
        if (last === turn) last = undefined;
      });
      last = turn;
    };
  }

  #repeat(bytes: Buffer): void {
    if (!this.#mayRepeat?.(bytes.toString('latin1'))) return;
    this.repeated += 1;
    const socket = connect(this.#targetPort, '127.0.0.1', () => socket.write(bytes));
    this.#letLoose(socket);
    socket.on('error', () => socket.destroy());
    socket.resume();
  }

  #end(pair: Pair): void {
    if (!this.#pairs.delete(pair)) return;
    pair.near.destroy();
    pair.far.destroy();
  }
}
