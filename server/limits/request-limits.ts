import { refuse, type Refusal, type RefusalCode } from '@parley/contract/refusals.ts';
import type { Client } from '../auth/client-addresses.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import type { AgentId, ChatId } from '../domain/ids.ts';
import { RateLimit } from './rate-limit.ts';

/** The limits by the name under which `/metrics` counts what they refused. */
export type LimitName =
  | 'address_requests'
  | 'address_new_chats'
  | 'address_open_chats'
  | 'chat_requests'
  | 'chat_messages'
  | 'service_new_chats'
  | 'agent_requests';

type RateName = Exclude<LimitName, 'address_open_chats'>;

const secondMs = 1000;
const minuteMs = 60_000;
/** When a limit that no time lifts is worth another try. */
const openChatsRetryMs = 30_000;

function refusal(code: RefusalCode, waitMs: number): Refusal | null {
  return waitMs === 0 ? null : { ...refuse(code), retryAfterMs: waitMs };
}

/**
 * How often customers and agents may ask. Every method takes from what is allowed and returns the refusal when nothing is left:
 * TooManyRequests, or TooManyChats for a chat that would be one too many. What it knows is bounded by `rateLimits.maxWatched`
 * and by the chats that are open, and is gone after a restart.
 */
export class RequestLimits {
  readonly #clock: Clock;
  readonly #maxOpenPerAddress: number;
  readonly #rates: Readonly<Record<RateName, RateLimit>>;
  readonly #openPerGroup = new Map<string, number>();
  readonly #groupOf = new Map<ChatId, string>();
  #openRefused = 0;

  constructor(limits: Config['rateLimits'], clock: Clock) {
    const { perAddress, perChat, perService, perAgent, maxWatched } = limits;
    this.#clock = clock;
    this.#maxOpenPerAddress = perAddress.openChats;
    const limit = (count: number, burst: number, periodMs: number): RateLimit =>
      new RateLimit({ count, burst, periodMs }, maxWatched);
    this.#rates = {
      address_requests: limit(perAddress.requestsPerSecond, perAddress.requestBurst, secondMs),
      address_new_chats: limit(perAddress.newChatsPerMinute, perAddress.newChatBurst, minuteMs),
      chat_requests: limit(perChat.requestsPerSecond, perChat.requestBurst, secondMs),
      chat_messages: limit(perChat.messagesPerSecond, perChat.messageBurst, secondMs),
      service_new_chats: limit(perService.newChatsPerMinute, perService.newChatBurst, minuteMs),
      agent_requests: limit(perAgent.requestsPerSecond, perAgent.requestBurst, secondMs),
    };
  }

  /** A customer's request, before anything of it is read. */
  customerRequest(client: Client): Refusal | null {
    return client.isExempt ? null : this.#take('address_requests', client.group);
  }

  /** A request for a new chat of a service that exists; `client` is null for one that comes over no connection. */
  newChat(client: Client | null, service: string): Refusal | null {
    if (client && !client.isExempt) {
      const { group } = client;
      const open = this.#openPerGroup.get(group) ?? 0;
      if (this.#maxOpenPerAddress > 0 && open >= this.#maxOpenPerAddress) {
        this.#openRefused += 1;
        return refusal('TooManyChats', openChatsRetryMs);
      }
      const refused = this.#take('address_new_chats', group, 'TooManyChats');
      if (refused) return refused;
    }
    return this.#take('service_new_chats', service, 'TooManyChats');
  }

  /** A chat was opened: it counts for its address until it is `closed`. */
  opened(client: Client | null, chatId: ChatId): void {
    if (!client || client.isExempt || this.#maxOpenPerAddress === 0) return;
    this.#groupOf.set(chatId, client.group);
    this.#openPerGroup.set(client.group, (this.#openPerGroup.get(client.group) ?? 0) + 1);
  }

  closed(chatId: ChatId): void {
    const group = this.#groupOf.get(chatId);
    if (group === undefined) return;
    this.#groupOf.delete(chatId);
    const left = (this.#openPerGroup.get(group) ?? 0) - 1;
    if (left > 0) this.#openPerGroup.set(group, left);
    else this.#openPerGroup.delete(group);
  }

  /** A request of the customer of a chat, once their key was proven: nobody else can use up what is theirs. */
  chatRequest(chatId: ChatId): Refusal | null {
    return this.#take('chat_requests', chatId);
  }

  /** Something the customer says in their chat. */
  chatMessage(chatId: ChatId): Refusal | null {
    return this.#take('chat_messages', chatId);
  }

  /** A request of a signed-in agent. */
  agentRequest(agentId: AgentId): Refusal | null {
    return this.#take('agent_requests', agentId);
  }

  /** How many requests each limit has refused. */
  refused(): Readonly<Partial<Record<LimitName, number>>> {
    const counts = Object.entries(this.#rates).map(([name, { refused }]) => [name, refused] as const);
    return Object.fromEntries([...counts, ['address_open_chats', this.#openRefused]]);
  }

  /** Keys in memory now. */
  get watched(): number {
    const sizes = Object.values(this.#rates).map(({ size }) => size);
    return sizes.reduce((sum, size) => sum + size, this.#groupOf.size + this.#openPerGroup.size);
  }

  #take(name: RateName, key: string, code: RefusalCode = 'TooManyRequests'): Refusal | null {
    return refusal(code, this.#rates[name].take(key, this.#clock.now()));
  }
}
