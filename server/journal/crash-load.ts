import { closeSync, openSync, writeSync } from 'node:fs';
import type { Journal } from './journal.ts';
import { SampleChat } from './sample-chat.ts';

const chatsAtOnce = 8;

export interface CrashLoadOptions {
  readonly acknowledgementsPath: string;
  /** Tells this run's texts and chats from those of others. */
  readonly round: string;
  /** Resolves when so many are acknowledged; without it the process has to die. */
  readonly entries?: number;
}

/**
 * Goes on with the chats that it finds and appends until the process dies, or `entries` are acknowledged; each
 * acknowledged entry becomes a line `chatId seq text`.
 */
export async function appendUntilDeath(
  journal: Pick<Journal, 'append' | 'recover'>,
  options: CrashLoadOptions,
): Promise<void> {
  const { acknowledgementsPath, round, entries = Infinity } = options;
  const acknowledgements = openSync(acknowledgementsPath, 'a');
  process.on('exit', () => closeSync(acknowledgements));
  const recovered = await journal.recover();
  const live = [...recovered.liveChats.values()].map((events) => SampleChat.restored(events));
  let count = 0;
  let left = entries;
  const { promise: allAcknowledged, resolve: acknowledgedAll } = Promise.withResolvers<void>();

  function step(slot: number): void {
    if (count >= entries) return;
    let chat = live[slot];
    count += 1;
    const text = `${round}-${count}`;
    if (!chat) live[slot] = chat = new SampleChat(`chat${round}x${count}`);
    const entry =
      chat.events.length === 0 ? chat.request() : count % 40 === 0 ? chat.leave() : chat.say(text);
    if (chat.chat.session === 'Ended') delete live[slot];
    const last = entry.events.at(-1);
    const line = `${chat.id} ${last?.seq} ${last?.event.type === 'TextSent' ? text : (last?.event.type ?? '')}\n`;
    journal.append(entry, () => {
      writeSync(acknowledgements, line);
      if (--left === 0) acknowledgedAll();
      step(slot);
    });
  }

  for (let slot = 0; slot < chatsAtOnce; slot++) step(slot);
  await allAcknowledged;
}
