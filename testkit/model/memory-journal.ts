import type { StoredEvent } from '@parley/server/domain/chat-event.ts';
import type { ChatId } from '@parley/server/domain/ids.ts';
import { JournalMeter } from '@parley/server/journal/journal-meter.ts';
import type { Journal } from '@parley/server/journal/journal.ts';

/** A journal that forgets with the process: everything is durable in the next microtask, in the order of the calls. */
export function memoryJournal(): Journal {
  const logs = new Map<ChatId, StoredEvent[]>();
  return {
    meter: new JournalMeter(),
    append({ events }, onDurable) {
      for (const stored of events) {
        const log = logs.get(stored.chatId);
        if (log) log.push(stored);
        else logs.set(stored.chatId, [stored]);
      }
      queueMicrotask(onDurable);
    },
    recover: () =>
      Promise.resolve({
        liveChats: new Map(),
        agents: [],
        loginSessions: [],
        provisioned: [],
        lastAudit: null,
        outbox: [],
        requestKeys: [],
      }),
    chatEvents: (chatId) => Promise.resolve(logs.get(chatId) ?? []),
    findContact: () => Promise.resolve(null),
    searchChats: () => Promise.resolve([]),
    searchContacts: () => Promise.resolve({ contacts: [], totalCount: 0 }),
    auditRows: () => Promise.resolve([]),
    responseUsage: () => Promise.resolve({}),
    expiredChats: () => Promise.resolve([]),
    profilesOf: () => Promise.resolve([]),
    unusedContacts: () => Promise.resolve({ contactIds: [], next: null }),
    dispatch: () => Promise.resolve(null),
    dispatches: () => Promise.resolve([]),
    close: () => Promise.resolve(),
  };
}
