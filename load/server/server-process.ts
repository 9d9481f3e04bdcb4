import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('../../server/bin.js', import.meta.url));

/** A machine that is busy with other things may take this long to load the server. */
const startTimeoutMs = 30_000;

/** Characters of its output that go into a failure. */
const longestOutput = 4_000;

export interface ServerProcessOptions {
  readonly dataFolder: string;
  readonly configPath: string;
  /** Further options of its Node. */
  readonly nodeOptions?: readonly string[];
}

/** The whole server as `npm start` runs it, in a process of its own on a free port of 127.0.0.1. */
export class ServerProcess {
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  #output = '';
  /** Resolves with the server's URL once it takes requests; rejects when it ends before. */
  readonly ready: Promise<string>;

  constructor(options: ServerProcessOptions) {
    const { dataFolder, configPath, nodeOptions = [] } = options;
    this.#child = spawn(process.execPath, [...nodeOptions, script, 'start'], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PARLEY_HOST: '127.0.0.1',
        PARLEY_PORT: '0',
        PARLEY_DATA: dataFolder,
        PARLEY_CONFIG: configPath,
      },
    });
    this.#ended = once(this.#child, 'exit');
    this.ready = this.#start();
    // Whoever kills the server while it starts does not wait for it.
    this.ready.catch(() => undefined);
  }

  get pid(): number {
    const { pid } = this.#child;
    if (pid === undefined) throw new Error('the server could not be started');
    return pid;
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Resolves with its exit code, or the signal that ended it. */
  async ended(): Promise<number | NodeJS.Signals | null> {
    await this.#ended;
    return this.#child.exitCode ?? this.#child.signalCode;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** What it printed and logged, the end of it. */
  get output(): string {
    return this.#output.slice(-longestOutput);
  }

  /** `kill -9`; resolves when the process is gone. Rejects when it had ended by itself before. */
  async kill(): Promise<void> {
    const killed = this.#child.kill('SIGKILL');
    await this.#ended;
    if (!killed || this.#child.signalCode !== 'SIGKILL')
      throw new Error(`the server ended by itself:\n${this.output}`);
  }

  /** Stops it in good order; rejects when it says that it could not. */
  async stop(): Promise<void> {
    this.#child.kill('SIGTERM');
    await this.#ended;
    if (this.#child.exitCode !== 0)
      throw new Error(`the server ended with ${this.#child.exitCode}:\n${this.output}`);
  }

  #start(): Promise<string> {
    return new Promise((resolve, reject) => {
      const fail = (why: string): void => reject(new Error(`the server ${why}:\n${this.output}`));
      const timer = setTimeout(() => fail(`is not ready after ${startTimeoutMs} ms`), startTimeoutMs);
      const read = (piece: Buffer): void => {
        this.#output += String(piece);
        const url = /http:\/\/127\.0\.0\.1:\d+(?=\/docs\n)/.exec(this.#output)?.[0];
        if (url === undefined) return;
        clearTimeout(timer);
        resolve(url);
      };
      this.#child.stdout?.on('data', read);
      this.#child.stderr?.on('data', read);
      this.#child.once('exit', (code, signal) => {
        clearTimeout(timer);
        fail(`ended with ${signal ?? code} before it was ready`);
      });
    });
  }
}
