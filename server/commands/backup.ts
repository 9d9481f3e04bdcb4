import { parseArgs } from 'node:util';
import { backUp } from '../journal/sqlite/back-up.ts';
import { UsageError, type CommandContext } from './command.ts';
import { run as verify } from './verify.ts';
import { chosenStore } from './store-location.ts';

/** `parley backup`: copies the embedded store into a file while the server runs, and verifies the copy. */
export async function run(context: CommandContext): Promise<number> {
  const { values } = parseArgs({
    args: [...context.args],
    options: { to: { type: 'string' }, 'data-folder': { type: 'string' } },
  });
  if (values.to === undefined) throw new UsageError('--to names the file that is to be made.');
  const { location } = await chosenStore(context, { dataFolder: values['data-folder'] });
  if (location.kind === 'database')
    throw new UsageError('The chats are in PostgreSQL, which has backups of its own: see docs/backup.md.');
  backUp(location.path, values.to);
  return verify({ ...context, args: ['--data-folder', values.to] });
}
