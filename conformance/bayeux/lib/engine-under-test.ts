import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { ClientTransport } from './client-calls.ts';
import { mountPath } from './engine-calls.ts';
import type { EngineCallName, EngineCalls, EngineReport, EngineSettings } from './engine-calls.ts';

const script = fileURLToPath(new URL('./engine-process.ts', import.meta.url));
const answerWithinMs = 20_000;
const askAgainMs = 10;

/**
 * The engine in a process of its own, so that a crash is a dead process, its memory is its own, and a restart is what a
 * restart is. Open policy: everyone may do everything, and is the user the header `X-User` names, if any. `/service/echo` answers with what it was sent.
 */
export class EngineUnderTest {
  #process: ChildProcess;
  #settings: EngineSettings;
  #lastCall = 0;
  readonly #waiting = new Map<number, (report: Extract<EngineReport, { kind: 'answer' }>) => void>();
  #errors = '';

  private constructor(settings: EngineSettings) {
    this.#settings = settings;
    this.#process = this.#fork();
  }

  /** Starts the engine and waits until it listens. */
  static async start(settings: Partial<EngineSettings> = {}): Promise<EngineUnderTest> {
    const engine = new EngineUnderTest({ port: 0, ...settings });
    await engine.#listening();
    return engine;
  }

  get port(): number {
    return this.#settings.port;
  }

  get pid(): number {
    return this.#process.pid as number;
  }

  /** Where a client connects to; `port` when it is to go through a proxy. */
  url(transport: ClientTransport, port = this.port): string {
    return `${transport === 'websocket' ? 'ws' : 'http'}://127.0.0.1:${port}${mountPath}`;
  }

  /** Asks the engine; rejects when it has crashed, with what it wrote before. */
  call<Name extends EngineCallName>(
    name: Name,
    argument: EngineCalls[Name]['argument'],
  ): Promise<EngineCalls[Name]['result']> {
    this.#lastCall += 1;
    const call = this.#lastCall;
    return new Promise((resolve, reject) => {
      const fail = (reason: string): void => {
        this.#waiting.delete(call);
        this.#process.off('exit', died);
        clearTimeout(timer);
        reject(new Error(`${name}: ${reason}\n${this.#errors}`));
      };
      const died = (): void => fail('the engine died');
      const timer = setTimeout(() => fail('no answer'), answerWithinMs);
      this.#process.once('exit', died);
      this.#waiting.set(call, (report) => {
        this.#waiting.delete(call);
        this.#process.off('exit', died);
        clearTimeout(timer);
        if (report.error === undefined) resolve(report.result as EngineCalls[Name]['result']);
        else reject(new Error(`${name}: ${report.error}`));
      });
      if (this.#process.exitCode !== null || !this.#process.send({ call, name, argument })) died();
    });
  }

  /** Publishes events from inside the server; resolves when the engine has them. */
  async publish(channel: string, ...data: unknown[]): Promise<void> {
    await this.call('publish', { channel, data });
  }

  /** Asks for the counts again and again until `holds` is true of them. */
  async until(what: string, holds: (counts: EngineCalls['counts']['result']) => boolean): Promise<void> {
    const deadline = performance.now() + answerWithinMs;
    for (;;) {
      const counts = await this.call('counts', null);
      if (holds(counts)) return;
      if (performance.now() > deadline)
        throw new Error(`waited in vain until ${what}: ${JSON.stringify(counts)}`);
      await new Promise((resolve) => setTimeout(resolve, askAgainMs));
    }
  }

  /** Asks again and again until one of the engine's counters has reached a number. */
  async untilCounted(counter: string, atLeast: number): Promise<void> {
    const deadline = performance.now() + answerWithinMs;
    for (;;) {
      const reached = (await this.call('troubles', null)).counters[counter] ?? 0;
      if (reached >= atLeast) return;
      if (performance.now() > deadline) throw new Error(`${counter} is ${reached}, not ${atLeast}`);
      await new Promise((resolve) => setTimeout(resolve, askAgainMs));
    }
  }

  /** Kills the process, as a power cut would, and starts another on the same port: it knows no session. */
  async restart(): Promise<void> {
    await this.stop();
    this.#process = this.#fork();
    await this.#listening();
  }

  /** True while the process runs. */
  get isAlive(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }

  async stop(): Promise<void> {
    if (!this.isAlive) return;
    const gone = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await gone;
  }

  #fork(): ChildProcess {
    const child = fork(script, [JSON.stringify(this.#settings)], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      execArgv: ['--expose-gc', '--no-warnings'],
    });
    child.stderr?.on(
      'data',
      (chunk: Buffer) => (this.#errors = (this.#errors + String(chunk)).slice(-4_000)),
    );
    return child;
  }

  async #listening(): Promise<void> {
    const [first] = (await Promise.race([
      once(this.#process, 'message'),
      once(this.#process, 'exit').then(() => {
        throw new Error(`the engine did not start\n${this.#errors}`);
      }),
    ])) as [EngineReport];
    if (first.kind !== 'listening') throw new Error(`the engine said ${first.kind} before it listened`);
    this.#settings = { ...this.#settings, port: first.port };
    this.#process.on('message', (report: EngineReport) => {
      if (report.kind === 'answer') this.#waiting.get(report.call)?.(report);
    });
  }
}
