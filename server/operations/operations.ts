import type { Config, QueueConfig, ServiceConfig } from '../config/config.ts';
import type { Clock } from '../clock.ts';
import type { AgentId, ChatId, RandomBytes } from '../domain/ids.ts';
import type { Journal } from '../journal/journal.ts';
import type { AuditTrail } from './audit-trail.ts';
import type { AgentPresence } from './agent-presence.ts';
import type { AgentRoster } from './agent-roster.ts';
import type { ChatBook } from './chat-book.ts';
import type { ContactBook } from './contact-book.ts';
import type { ConfiguredAgent } from './people.ts';
import type { ServiceCredentials } from '../auth/service-credentials.ts';
import type { SetUp } from './set-up.ts';
import type { WaitingLine } from './waiting-line.ts';

/** A request that was answered and then failed: told to whoever made it (gws-agent-api §3.6). */
export interface ChatFailure {
  readonly agentId: AgentId;
  readonly chatId: ChatId;
  readonly referenceId: number;
  readonly errorMessage: string;
}

/** What the operations work with: the books, the configuration by name, and the outside world as arguments. */
export interface Operations {
  readonly config: Config;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly journal: Journal;
  readonly chats: ChatBook;
  readonly roster: AgentRoster;
  readonly presence: AgentPresence;
  readonly contacts: ContactBook;
  /** Who is next, for customers who ask. */
  readonly line: WaitingLine;
  /** The set-up in force: the file and what was changed over the API. `people` and `queues` are parts of it. */
  readonly setUp: SetUp;
  readonly audit: AuditTrail;
  readonly people: ReadonlyMap<AgentId, ConfiguredAgent>;
  readonly queues: ReadonlyMap<string, QueueConfig>;
  readonly services: ReadonlyMap<string, ServiceConfig>;
  readonly serviceCredentials: ServiceCredentials;
  /** An increasing integer for the next request that is answered by notifications (gws-agent-api §1.4). */
  readonly nextReferenceId: () => number;
  /** Tells the failure by notification, after the reply that is on its way. */
  readonly tellFailure: (failure: ChatFailure) => void;
}
