import type { Config, QueueConfig, ServiceConfig } from '../config/config.ts';
import type { Clock } from '../clock.ts';
import type { AgentId, ChatId, RandomBytes } from '../domain/ids.ts';
import type { Overload } from '../limits/overload.ts';
import type { RequestLimits } from '../limits/request-limits.ts';
import type { Files } from '../files/files.ts';
import type { Journal } from '../journal/journal.ts';
import type { ChatMask } from '../masking/chat-mask.ts';
import type { AuditTrail } from './audit-trail.ts';
import type { AgentPresence } from './agent-presence.ts';
import type { AgentRoster } from './agent-roster.ts';
import type { ChatBook } from './chat-book.ts';
import type { CustomerPresence } from './customer-presence.ts';
import type { ContactBook } from './contact-book.ts';
import type { ConfiguredAgent } from './people.ts';
import type { CustomerIdentity } from '../auth/customer-identity.ts';
import type { ServiceCredentials } from '../auth/service-credentials.ts';
import type { KeptReads } from './kept-reads.ts';
import type { RequestKeys } from './request-keys.ts';
import type { SecureKeys } from './secure-keys.ts';
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
  /** What is stored of people's words goes through it; `chats` asks it itself. */
  readonly mask: ChatMask;
  readonly chats: ChatBook;
  readonly roster: AgentRoster;
  readonly presence: AgentPresence;
  readonly customerPresence: CustomerPresence;
  readonly contacts: ContactBook;
  /** How often customers and agents may ask. */
  readonly limits: RequestLimits;
  /** Whether there is too much to do. */
  readonly overload: Overload;
  /** Who is next, for customers who ask. */
  readonly line: WaitingLine;
  /** The set-up in force: the file and what was changed over the API. `people` and `queues` are parts of it. */
  readonly setUp: SetUp;
  readonly audit: AuditTrail;
  /** Which requests with an idempotency key were carried out. */
  readonly requestKeys: RequestKeys;
  readonly people: ReadonlyMap<AgentId, ConfiguredAgent>;
  readonly queues: ReadonlyMap<string, QueueConfig>;
  readonly services: ReadonlyMap<string, ServiceConfig>;
  readonly serviceCredentials: ServiceCredentials;
  /** Who customers are, where pages sign it. */
  readonly identity: CustomerIdentity;
  readonly secureKeys: SecureKeys;
  readonly keptReads: KeptReads;
  /** A customer has asked something with the key of this chat. */
  readonly customerHeard: (chatId: ChatId) => void;
  /** An increasing integer for the next request that is answered by notifications (gws-agent-api §1.4). */
  readonly nextReferenceId: () => number;
  /** Tells the failure by notification, after the reply that is on its way. */
  readonly tellFailure: (failure: ChatFailure) => void;
  /** Where the bytes of files are. */
  readonly files: Files;
  /** Something that the operator must know and nobody else; it goes to the log. */
  readonly onError: (error: unknown) => void;
}
