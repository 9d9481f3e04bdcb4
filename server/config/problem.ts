/** Where in the configuration: keys and list positions from the root. */
export type ConfigPath = readonly (string | number)[];

/** One thing wrong with the configuration. `ofKey`: the key is the mistake, not its value. */
export interface Problem {
  readonly path: ConfigPath;
  readonly sentence: string;
  readonly ofKey?: true;
}

/** `['queues', 0, 'name']` → `queues[0].name`; the empty path is "the file". A strange key is shown as JSON. */
export function formatPath(path: ConfigPath): string {
  let shown = '';
  for (const step of path) {
    if (typeof step === 'number') shown += `[${step}]`;
    else if (/^[\w-]{1,64}$/.test(step)) shown += shown === '' ? step : `.${step}`;
    else shown += `[${JSON.stringify(step.slice(0, 64))}]`;
  }
  return shown === '' ? 'the file' : shown;
}

/** Problems listed in full; a file with more says how many are left. */
const mostListed = 50;

/**
 * The configuration was refused. `message` begins with where it came from and lists each problem on a line of its own:
 * place, path, what was found, what is allowed.
 */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly string[];

  constructor(source: string, problems: readonly string[]) {
    const listed = problems.slice(0, mostListed).map((line) => `  ${line}`);
    const left = problems.length - listed.length;
    if (left > 0) listed.push(`  and ${left} more`);
    const only = problems.length === 1 ? problems[0] : undefined;
    super(
      only === undefined
        ? `${source} has ${problems.length} mistakes:\n${listed.join('\n')}`
        : `${source}: ${only}`,
    );
    this.problems = problems;
  }
}
