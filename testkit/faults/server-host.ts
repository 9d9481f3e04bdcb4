import { ServerProcess } from '@parley/load/server/server-process.ts';
import { pathToFileURL, fileURLToPath } from 'node:url';
import { mkdirSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LossyProxy } from '../lossy-proxy.ts';

const clockShift = fileURLToPath(new URL('./clock-shift.ts', import.meta.url));

export interface ServerHostOptions {
  /** Of this run; the server's data is in `data`, which may be a file system of its own. */
  readonly folder: string;
  readonly dataFolder: string;
  readonly configuration: object;
}

/** A server that is killed and started again on the same data, behind a proxy that stays where it is. */
export class ServerHost {
  readonly #options: ServerHostOptions;
  readonly #proxy: LossyProxy;
  #server: ServerProcess | undefined;
  #url = '';
  /** How often it was started. */
  starts = 0;

  constructor(options: ServerHostOptions, proxy: LossyProxy) {
    this.#options = options;
    this.#proxy = proxy;
  }

  get logPath(): string {
    return join(this.#options.dataFolder, 'parley.db-wal');
  }

  get dataFolder(): string {
    return this.#options.dataFolder;
  }

  get pid(): number {
    return this.#running().pid;
  }

  /** Of the present server. */
  get url(): string {
    return this.#url;
  }

  get isRunning(): boolean {
    return this.#server?.isRunning ?? false;
  }

  /** What the present or last server printed. */
  get output(): string {
    return this.#server?.output ?? '';
  }

  signal(signal: NodeJS.Signals): void {
    this.#running().signal(signal);
  }

  /** Starts the server; rejects when it ends before it takes requests. Its process is there when the call returns. */
  async start(): Promise<void> {
    const { folder, dataFolder, configuration } = this.#options;
    mkdirSync(dataFolder, { recursive: true });
    const configPath = join(folder, 'parley.json');
    writeFileSync(configPath, JSON.stringify(configuration));
    const shift = `${pathToFileURL(clockShift).href}?shift=${encodeURIComponent(this.#shiftPath)}`;
    const server = new ServerProcess({ dataFolder, configPath, nodeOptions: ['--import', shift] });
    this.#server = server;
    this.starts += 1;
    this.#url = await server.ready;
    this.#proxy.retarget(Number(new URL(this.#url).port));
  }

  async kill(): Promise<void> {
    await this.#running().kill();
    this.#proxy.cut();
  }

  /** Resolves with the exit code of a server that ends by itself, or with undefined when it does not in time. */
  async endsByItself(withinMs: number): Promise<number | string | null | undefined> {
    const server = this.#running();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), withinMs);
    });
    const ended = await Promise.race([server.ended(), late]);
    clearTimeout(timer);
    if (!server.isRunning) this.#proxy.cut();
    return ended;
  }

  /** Stops it in good order; rejects when it says that it could not. */
  async stop(): Promise<void> {
    await this.#running().stop();
  }

  /** Leaves no process behind. */
  async abandon(): Promise<void> {
    if (!this.#server?.isRunning) return;
    this.#server.signal('SIGCONT');
    await this.#server.kill().catch(() => undefined);
  }

  /** Lets the server's wall clock show so much more than the machine's, from now on and through restarts. */
  async shiftClock(shiftMs: number): Promise<void> {
    await writeFile(this.#shiftPath, String(shiftMs));
    this.signal('SIGUSR2');
  }

  get #shiftPath(): string {
    return join(this.#options.folder, 'clock-shift');
  }

  #running(): ServerProcess {
    if (!this.#server) throw new Error('the server was never started');
    return this.#server;
  }
}
