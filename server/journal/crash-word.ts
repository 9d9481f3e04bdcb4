import { once } from 'node:events';
import { flushCompileCache } from 'node:module';

/**
 * Waits in a child that is ready until it is told to begin, and with what. Its compiled code is kept now: whoever is killed
 * writes nothing at the end. The child ends with whoever has started it.
 */
export async function wordToBegin(): Promise<readonly string[]> {
  process.once('disconnect', () => process.exit());
  flushCompileCache();
  const [args] = (await once(process, 'message')) as [readonly string[]];
  return args;
}
