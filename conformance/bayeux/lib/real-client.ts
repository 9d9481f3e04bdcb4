import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type {
  ClientCallName,
  ClientCalls,
  ClientMessage,
  ClientReport,
  CometdClientName,
} from './client-calls.ts';

const waitMs = 15_000;

/** A foreign client in a process of its own, with what it received kept in order. */
export class RealClient {
  /** Events in the order the application got them. */
  readonly events: ClientMessage[] = [];
  /** Meta messages in the order the client saw them. */
  readonly metas: ClientMessage[] = [];
  readonly #process: ChildProcess;
  readonly #waiting = new Map<number, (report: Extract<ClientReport, { kind: 'answer' }>) => void>();
  #changed: (() => void)[] = [];
  #lastCall = 0;
  #output = '';

  /** Starts the process; nothing is connected before `call('open', …)`. */
  constructor(name: CometdClientName | 'faye') {
    const script = name === 'faye' ? './faye-process.ts' : './cometd-process.ts';
    const path = fileURLToPath(new URL(script, import.meta.url));
    this.#process = fork(path, [name], { silent: true, execArgv: ['--no-warnings'] });
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream?.on('data', (chunk: Buffer) => (this.#output = (this.#output + String(chunk)).slice(-4_000)));
    }
    this.#process.on('message', (report: ClientReport) => this.#take(report));
  }

  /** Asks the client for something; rejects when it throws, dies or does not answer in 15 seconds. */
  call<Name extends ClientCallName>(
    name: Name,
    argument: ClientCalls[Name]['argument'],
  ): Promise<ClientCalls[Name]['result']> {
    this.#lastCall += 1;
    const call = this.#lastCall;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no answer to ${name}\n${this.#output}`)), waitMs);
      this.#waiting.set(call, (report) => {
        clearTimeout(timer);
        if (report.error === undefined) resolve(report.result as ClientCalls[Name]['result']);
        else reject(new Error(`${name}: ${report.error}\n${this.#output}`));
      });
      this.#process.send({ call, name, argument });
    });
  }

  /** Resolves as soon as `holds` is true of what was received, looking whenever something comes. */
  async until(what: string, holds: () => boolean): Promise<void> {
    const deadline = performance.now() + waitMs;
    while (!holds()) {
      const leftMs = deadline - performance.now();
      if (leftMs <= 0)
        throw new Error(`waited in vain until ${what}; ${this.events.length} events\n${this.#output}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, leftMs);
        this.#changed.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  /** The payloads of the events on a channel. */
  received(channel: string): unknown[] {
    return this.events.filter((event) => event.channel === channel).map((event) => event.data);
  }

  /** Forgets what was received so far. */
  forget(): void {
    this.events.length = 0;
    this.metas.length = 0;
  }

  /** Ends the process without a word to the server. */
  async kill(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const gone = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await gone;
  }

  #take(report: ClientReport): void {
    if (report.kind === 'answer') this.#waiting.get(report.call)?.(report);
    else (report.kind === 'event' ? this.events : this.metas).push(report.message);
    const changed = this.#changed;
    this.#changed = [];
    for (const look of changed) look();
  }
}
