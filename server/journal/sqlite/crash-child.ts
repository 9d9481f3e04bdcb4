import { closeSync, openSync, writeSync } from 'node:fs';
import { SampleChat } from '../sample-chat.ts';
import { openSqliteJournal } from './open.ts';

/**
 * The process that the crash test kills: `node crash-child.ts <database> <acknowledgements> <round>`. It goes on with
 * the chats it finds and appends until it dies; each acknowledged entry becomes a line `chatId seq text`.
 */
const [path = '', acknowledgementsPath = '', round = ''] = process.argv.slice(2);
const chatsAtOnce = 8;

const journal = await openSqliteJournal({
  path,
  onFatal: (error) => {
    throw error;
  },
  // Small, so that kills fall into compactions and checkpoints too.
  limits: { maxJournalLength: 30_000, idleJournalLength: 5_000, maxWalPages: 60 },
});
const acknowledgements = openSync(acknowledgementsPath, 'a');
process.on('exit', () => closeSync(acknowledgements));
const recovered = await journal.recover();
const live = [...recovered.liveChats.values()].map((events) => SampleChat.restored(events));
let count = 0;

function step(slot: number): void {
  let chat = live[slot];
  count += 1;
  const text = `${round}-${count}`;
  if (!chat) live[slot] = chat = new SampleChat(`chat${round}x${count}`);
  const entry = chat.events.length === 0 ? chat.request() : count % 40 === 0 ? chat.leave() : chat.say(text);
  if (chat.chat.session === 'Ended') delete live[slot];
  const last = entry.events.at(-1);
  const line = `${chat.id} ${last?.seq} ${last?.event.type === 'TextSent' ? text : (last?.event.type ?? '')}\n`;
  journal.append(entry, () => {
    writeSync(acknowledgements, line);
    step(slot);
  });
}

for (let slot = 0; slot < chatsAtOnce; slot++) step(slot);
