import { execFileSync, type ExecFileSyncOptions } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where Debian puts the programs of each version. */
const versions = '/usr/lib/postgresql';

/** For tests only: the folder of PostgreSQL's own programs, the newest; null when they are not installed. */
export function serverPrograms(): string | null {
  const found = existsSync(versions) ? readdirSync(versions).sort((a, b) => Number(a) - Number(b)) : [];
  const folders = found
    .map((version) => join(versions, version, 'bin'))
    .filter((bin) => existsSync(join(bin, 'postgres')));
  return folders.at(-1) ?? null;
}

/** Below those that the system gives to clients (from 32768): none of them may take it while the server is stopped. */
const [firstPort, lastPort] = [15_000, 30_000];

/** A port that nobody listens on. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(firstPort, lastPort);
    const server = createServer();
    const isFree = await new Promise<boolean>((resolve) =>
      server
        .once('error', () => resolve(false))
        .once('listening', () => resolve(true))
        .listen(port, '127.0.0.1'),
    );
    if (!isFree) continue;
    await new Promise((resolve) => server.close(resolve));
    return port;
  }
}

/** For tests only: a PostgreSQL of one's own, to be stopped and killed at will. It refuses to run as root. */
export class PrivateServer {
  readonly url: string;
  readonly #bin: string;
  readonly #folder: string;
  readonly #port: number;

  private constructor(bin: string, folder: string, port: number) {
    this.#bin = bin;
    this.#folder = folder;
    this.#port = port;
    this.url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  }

  static async start(bin: string): Promise<PrivateServer> {
    const folder = mkdtempSync(join(tmpdir(), 'parley-postgres-'));
    chmodSync(folder, 0o777);
    const server = new PrivateServer(bin, folder, await freePort());
    server.#run('initdb', ['-D', server.#data, '-A', 'trust', '-U', 'postgres', '--no-locale', '-E', 'UTF8']);
    server.start();
    return server;
  }

  get #data(): string {
    return join(this.#folder, 'data');
  }

  start(): void {
    const options = `-p ${this.#port} -k ${this.#folder} -c listen_addresses=127.0.0.1`;
    this.#run('pg_ctl', [
      '-D',
      this.#data,
      '-l',
      join(this.#folder, 'log'),
      '-o',
      options,
      '-w',
      '-t',
      '60',
      'start',
    ]);
  }

  /** Ends it; `immediate` as a crash does, so that it recovers at the next start. */
  stop(mode: 'fast' | 'immediate'): void {
    this.#run('pg_ctl', ['-D', this.#data, '-m', mode, '-w', 'stop']);
  }

  remove(): void {
    if (existsSync(join(this.#data, 'postmaster.pid'))) this.stop('immediate');
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #run(program: string, args: readonly string[]): void {
    const options: ExecFileSyncOptions = { cwd: this.#folder, stdio: 'ignore' };
    const path = join(this.#bin, program);
    if (process.getuid?.() !== 0) execFileSync(path, args, options);
    else
      execFileSync(
        'setpriv',
        ['--reuid=postgres', '--regid=postgres', '--clear-groups', path, ...args],
        options,
      );
  }

  /** What it has logged. */
  get log(): string {
    return readFileSync(join(this.#folder, 'log'), 'utf8');
  }
}
