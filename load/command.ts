import { ParleyError } from '@parley/client/parley-error.ts';
import { writeFile } from 'node:fs/promises';
import { readArguments, type Asked } from './read-arguments.ts';
import { htmlReport } from './report/html-report.ts';
import { progress, summary } from './report/summary.ts';
import { loadCourse, type LoadResult } from './run/load-result.ts';
import { LoadRun } from './run/load-run.ts';
import { ownConfiguration, startOwnServer } from './server/own-server.ts';

/** What the command is given of the process it runs in. */
export interface LoadContext {
  readonly args: readonly string[];
  /** Writes to standard output: the summary, or one line of JSON. */
  readonly print: (text: string) => void;
  /** Writes to standard error: progress. */
  readonly printError: (text: string) => void;
}

/** Seconds between two lines of progress. */
const tellEverySeconds = 5;

/**
 * `parley load`. Resolves with the exit code: 0; 1 when something was lost, doubled, out of order or shown to whom it
 * was not meant for, or nothing could be measured. Rejects with an error of `parseArgs` when the flags are wrong.
 */
export async function run(context: LoadContext): Promise<number> {
  const asked = readArguments(context.args, Date.now() % 1_000_000);
  const { load, startsServer } = asked;
  if (!startsServer) return work(asked, load.url, context);
  context.printError('Starting a server on a temporary folder.\n');
  const server = await startOwnServer(ownConfiguration(load.accounts, load.customers));
  try {
    return await work(asked, server.url, context);
  } finally {
    await server.stop();
  }
}

async function work({ load, reportPath, json }: Asked, url: string, context: LoadContext): Promise<number> {
  const { print, printError } = context;
  const onSecond = (one: LoadRun): void => {
    if (one.meter.seconds.length % tellEverySeconds === 0) printError(`${progress(one)}\n`);
  };
  const running = new LoadRun({ ...load, url }, { onSecond });
  const stop = (): void => running.giveUp();
  process.once('SIGINT', stop);
  try {
    printError(`${load.accounts.length} agents sign in at ${url} (seed ${load.seed}).\n`);
    if (!(await running.signIn())) {
      printError(`There is no answer from ${url}: ${[...running.meter.errors.keys()].join('; ')}\n`);
      return 1;
    }
  } catch (error) {
    if (!(error instanceof ParleyError)) throw error;
    printError(`The agents cannot sign in: ${error.message}\n`);
    running.giveUp();
    return 1;
  }
  const result: LoadResult = await running.work();
  process.off('SIGINT', stop);
  if (reportPath !== undefined) await writeFile(reportPath, htmlReport(result, loadCourse(running)));
  print(json ? `${JSON.stringify(result)}\n` : summary(result));
  if (reportPath !== undefined) printError(`The report is in ${reportPath}.\n`);
  return result.isGood ? 0 : 1;
}
