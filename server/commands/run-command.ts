import { suggestion } from '../config/near-miss.ts';
import { explainStartupError } from '../startup-errors.ts';
import { version } from '../version.ts';
import { UsageError, type CommandContext } from './command.ts';
import { commandTable, type CommandEntry } from './command-table.ts';

const usageExit = 2;

/** Runs the command that the arguments name, or the server when they name none. Resolves with the exit code. */
export async function runCommand(context: CommandContext): Promise<number> {
  const { args, print, printError } = context;
  const [name = 'start', ...rest] = args;
  if (name === 'help' || name === '--help' || name === '-h') {
    print(help());
    return 0;
  }
  if (name === '--version') {
    print(`${version}\n`);
    return 0;
  }
  const entry = commandTable.find((one) => one.name === name);
  if (!entry) {
    const meant = suggestion(
      name,
      commandTable.map((one) => one.name),
    );
    printError(`There is no command "${name.slice(0, 60)}";${meant || ' "parley help" lists all.'}\n`);
    return usageExit;
  }
  if (rest.includes('--help')) {
    print(usageOf(entry));
    return 0;
  }
  const command = await entry.load();
  try {
    return await command.run({ ...context, args: rest });
  } catch (error) {
    const explained = explainStartupError(error);
    if (explained) {
      printError(`${explained.sentence}\n`);
      return explained.exitCode;
    }
    if (!isUsageError(error)) throw error;
    printError(`${error.message}\n${usageOf(entry)}`);
    return usageExit;
  }
}

/** Ours, or that of `parseArgs`. */
function isUsageError(error: unknown): error is Error {
  if (error instanceof UsageError) return true;
  return error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS_');
}

function usageOf({ name, usage, summary }: CommandEntry): string {
  return `Usage: parley ${`${name} ${usage}`.trim()}\n  ${summary}\n`;
}

function help(): string {
  const width = Math.max(...commandTable.map(({ name, usage }) => `${name} ${usage}`.trim().length));
  const lines = commandTable.map(
    ({ name, usage, summary }) => `  parley ${`${name} ${usage}`.trim().padEnd(width)}  ${summary}`,
  );
  return [
    `Parley ${version}`,
    '',
    ...lines,
    `  parley ${'help'.padEnd(width)}  lists the commands`,
    '',
    'Without a command the server is started. docs/configuration.md says what it reads.',
    '',
  ].join('\n');
}
