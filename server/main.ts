import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { flushCompileCache } from 'node:module';
import { createApp, type App } from './app.ts';
import { banner } from './banner.ts';
import { systemClock } from './clock.ts';
import { UsageError, type CommandContext } from './commands/command.ts';
import type { Config } from './config/config.ts';
import { loadConfig } from './config/load.ts';
import { checkListen } from './listen-policy.ts';
import { Shutdown, stoppingFailed } from './shutdown.ts';
import { createLogger, standardError } from './telemetry/logger.ts';
import { explainStartupError, type StartupTarget } from './startup-errors.ts';

/** A drain that takes longer is given up: what was answered is on disk already. */
const drainTimeoutMs = 10_000;

let target: StartupTarget | undefined;

function fail(error: unknown): void {
  const explained = explainStartupError(error, target);
  process.stderr.write(`${explained?.sentence ?? (error instanceof Error ? error.stack : String(error))}\n`);
  process.exit(explained?.exitCode ?? 1);
}

async function start(env: CommandContext['env']): Promise<void> {
  const machine = { timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone };
  const config: Config = await loadConfig({
    env,
    readFile: (path) => readFile(path, 'utf8'),
    machine,
  });
  target = { ...config.listen, dataFolder: config.dataFolder };
  checkListen(config);
  // Standard output is for people, standard error for logs.
  const logger = createLogger({ level: config.logLevel, ...config.log }, standardError());
  const app: App = await createApp({
    config,
    clock: systemClock,
    random: randomBytes,
    logger,
    onFatal(error) {
      // The store may be gone: whatever is not on disk was never answered, so there is nothing to drain.
      logger.fatal({ err: error }, 'the store failed');
      process.exit(1);
    },
  });
  // Not left to the end, which may be a kill: what was compiled makes the next start shorter.
  flushCompileCache();
  const { url } = await app.listen();
  const shutdown = new Shutdown({
    clock: systemClock,
    drain: () => app.close(),
    exit: (code) => process.exit(code),
    tell: (sentence) => void process.stdout.write(`${sentence}\n`),
    onError: (error) => stoppingFailed(logger, error),
    drainTimeoutMs,
  });
  // Where it is a file on a full disk: what it says is no reason to end.
  process.stdout.on('error', () => {});
  process.on('SIGINT', () => shutdown.signal());
  process.on('SIGTERM', () => shutdown.signal());
  // Whoever waits for this may stop the server at once.
  process.stdout.write(banner(config, url));
}

/** `parley start`: resolves once the server listens; what it exits with is said by its end. */
export async function run({ args, env }: CommandContext): Promise<number> {
  if (args.length > 0) throw new UsageError(`The server takes no arguments, and "${args[0]}" was given.`);
  await start(env).catch(fail);
  return 0;
}
