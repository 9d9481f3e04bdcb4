/** What a command is given of the process it runs in. */
export interface CommandContext {
  /** What stands behind the command's name. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Writes to standard output. */
  readonly print: (text: string) => void;
  /** Writes to standard error. */
  readonly printError: (text: string) => void;
}

/** A module of the command line. What `run` resolves with is the exit code, once nothing keeps the process running. */
export interface Command {
  run(context: CommandContext): Promise<number>;
}

/** The command was written wrongly: its message is a sentence, the usage is printed after it, the exit code is 2. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}
