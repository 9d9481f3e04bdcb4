import { spawn } from 'node:child_process';
import type { ChildProcess, Serializable } from 'node:child_process';
import { once } from 'node:events';
import { canPin } from './cores.ts';

const stopGraceMs = 3_000;

/**
 * A Node process on one core that is asked and answers by messages, each an object with a `kind`. It dies with the
 * benchmark: `stop` ends it, and a child that crashes fails whoever waits for it.
 */
export class PinnedChild<Message extends { kind: string }> {
  readonly #process: ChildProcess;
  #inbox: Message[] = [];
  #wake: (() => void) | undefined;
  #exit: string | undefined;

  /** Starts `script` (an absolute path) on `core`; `nodeOptions` go before it. Not pinned where `canPin` is false. */
  constructor(script: string, options: { core: number; nodeOptions?: string[]; args?: string[] }) {
    const node = [process.execPath, ...(options.nodeOptions ?? []), script, ...(options.args ?? [])];
    const [command, ...args] = canPin() ? ['taskset', '-c', String(options.core), ...node] : node;
    this.#process = spawn(command as string, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    this.#process.on('message', (message) => {
      this.#inbox.push(message as Message);
      this.#wake?.();
    });
    this.#process.on('exit', (code, signal) => {
      this.#exit = `${script} ended with ${signal ?? code}`;
      this.#wake?.();
    });
  }

  /** The process id; taskset replaces itself by Node, so this is Node's. */
  get pid(): number {
    return this.#process.pid as number;
  }

  tell(message: Serializable): void {
    this.#process.send(message);
  }

  /** The next message of the kind, those of other kinds before it dropped; throws when the child ends or time is up. */
  async next<Kind extends Message['kind']>(
    kind: Kind,
    withinMs = 60_000,
  ): Promise<Extract<Message, { kind: Kind }>> {
    const deadline = performance.now() + withinMs;
    for (;;) {
      const index = this.#inbox.findIndex((message) => message.kind === kind);
      if (index !== -1) {
        const [found] = this.#inbox.splice(0, index + 1).slice(-1);
        return found as Extract<Message, { kind: Kind }>;
      }
      if (this.#exit !== undefined) throw new Error(`waiting for ${kind}: ${this.#exit}`);
      const leftMs = deadline - performance.now();
      if (leftMs <= 0)
        throw new Error(`no ${kind} within ${withinMs} ms from ${this.#process.spawnargs.join(' ')}`);
      await this.#changed(leftMs);
    }
  }

  /** Ends the process, by force when it does not go within three seconds. */
  async stop(): Promise<void> {
    if (this.#exit !== undefined) return;
    const gone = once(this.#process, 'exit');
    this.#process.kill('SIGTERM');
    const force = setTimeout(() => this.#process.kill('SIGKILL'), stopGraceMs);
    await gone;
    clearTimeout(force);
  }

  #changed(withinMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, withinMs);
      this.#wake = () => {
        clearTimeout(timer);
        this.#wake = undefined;
        resolve();
      };
    });
  }
}
