import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export interface Memory {
  readonly rss: number;
  readonly heapUsed: number;
  readonly cpuMs: number;
}

/** The server that is attacked, and what it logged. */
export class HostileServer {
  readonly #child: ChildProcess;
  #log = '';

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.stderr?.on('data', (piece: Buffer) => (this.#log += String(piece)));
  }

  static async start(dataFolder: string): Promise<{ readonly server: HostileServer; readonly url: string }> {
    const script = fileURLToPath(new URL('./hostile-child.ts', import.meta.url));
    const stdio = ['ignore', 'inherit', 'pipe', 'ipc'] as const;
    const child = fork(script, [dataFolder], { execArgv: ['--expose-gc'], stdio: [...stdio] });
    const server = new HostileServer(child);
    const { url } = (await server.#answer()) as { readonly url: string };
    return { server, url };
  }

  /** Whether the process is still the one that was started. */
  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** The lines of its log that say that something unexpected happened, or that are no lines of a log at all. */
  get errors(): readonly string[] {
    return this.#log.split('\n').filter((line) => {
      if (line.trim() === '') return false;
      const level = /^\{"level":(\d+)/.exec(line)?.[1];
      return level === undefined || Number(level) >= 50;
    });
  }

  get log(): string {
    return this.#log;
  }

  /** After a collection of garbage. */
  async memory(): Promise<Memory> {
    this.#child.send('memory');
    return ((await this.#answer()) as { readonly memory: Memory }).memory;
  }

  /** The processor time of the thread that serves requests, so far. */
  async threadMs(): Promise<number> {
    this.#child.send('thread');
    return ((await this.#answer()) as { readonly threadMs: number }).threadMs;
  }

  async stop(): Promise<void> {
    if (!this.isRunning) return;
    const exited = once(this.#child, 'exit');
    this.#child.send('stop');
    await exited;
  }

  async #answer(): Promise<unknown> {
    const answered = new AbortController();
    const { signal } = answered;
    const exited = once(this.#child, 'exit', { signal }).then(() => {
      throw new Error(`the server ended:\n${this.#log.slice(-4000)}`);
    });
    try {
      const [message] = (await Promise.race([once(this.#child, 'message', { signal }), exited])) as unknown[];
      return message;
    } finally {
      // What it waits for no more is heard no more: it is asked thousands of times.
      answered.abort();
    }
  }
}
