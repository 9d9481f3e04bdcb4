import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import type { ChatFile } from '../domain/chat-file.ts';
import type { Chat } from '../domain/chat.ts';
import { LocalFileStore } from '../files/local-file-store.ts';
import { verifyStore, type VerifyOptions } from '../journal/verify/verify-store.ts';
import type { CommandContext } from './command.ts';
import { chosenStore, openContents } from './store-location.ts';

/** More are counted and not printed. */
const mostPrinted = 1_000;

/** `parley verify`: prints each problem on a line of its own and what was looked at; 1 when there is a problem. */
export async function run(context: CommandContext): Promise<number> {
  const { values } = parseArgs({
    args: [...context.args],
    options: { database: { type: 'string' }, 'data-folder': { type: 'string' } },
  });
  const chosen = await chosenStore(context, { database: values.database, dataFolder: values['data-folder'] });
  const contents = await openContents(chosen.location);
  let printed = 0;
  try {
    const report = await verifyStore(contents, {
      onProblem: (problem) => {
        printed += 1;
        if (printed <= mostPrinted) context.print(`${problem}\n`);
      },
      ...(await fileCheck(chosen.filesFolder)),
    });
    const { liveChats, closedChats, events, files, contacts, auditRows, problems } = report;
    context.print(
      `${contents.name}: ${liveChats} live and ${closedChats} closed chats with ${events} events, ${files} files, ` +
        `${contacts} contacts, ${auditRows} audit rows: ${problems === 0 ? 'no problem' : `${problems} problems`}\n`,
    );
    return problems === 0 ? 0 : 1;
  } finally {
    await contents.close();
  }
}

async function fileCheck(folder: string | null): Promise<Pick<VerifyOptions, 'fileProblem'>> {
  if (folder === null) return {};
  // Opening a store makes its folders; here nothing is to be made.
  if (!existsSync(folder)) return { fileProblem: () => Promise.resolve('is missing') };
  const store = await LocalFileStore.open(folder);
  return { fileProblem: (chat, file) => fileProblem(store, chat, file) };
}

async function fileProblem(store: LocalFileStore, chat: Chat, file: ChatFile): Promise<string | null> {
  const found = await store.open({ chatId: chat.id, fileId: file.fileId });
  if (!found) return 'is missing';
  const hash = createHash('sha256');
  await pipeline(found.bytes, hash);
  return hash.digest('hex') === file.sha256 ? null : 'is not what was uploaded';
}
