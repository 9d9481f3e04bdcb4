import Type from 'typebox';
import { section, text, whole } from './schema-parts.ts';

const range = (description: string) =>
  text(64, { description, title: 'an IP address or a range such as 10.0.0.0/8' });

const rate = (what: string, most: number, byDefault: number) =>
  whole(0, most, { description: `${what} 0: no limit.`, default: byDefault });

const burst = (what: string, byDefault: number) =>
  whole(1, 1_000_000, { description: `${what} at once, before that rate counts.`, default: byDefault });

export const trustedProxies = Type.Array(range('A proxy.'), {
  description: 'Proxies whose `X-Forwarded-For` says where a request comes from. From others it is ignored.',
  uniqueItems: true,
  maxItems: 1000,
  default: [],
});

const perAddress = Type.Object(
  {
    requestsPerSecond: rate("Customers' requests from one address (IPv6: one /64) a second.", 1_000_000, 500),
    requestBurst: burst('Such requests', 2000),
    newChatsPerMinute: rate('New chats from one address a minute.', 1_000_000, 120),
    newChatBurst: burst('New chats', 60),
    openChats: whole(0, 1_000_000, {
      description: 'Chats that are not over, opened from one address since the start. 0: no limit.',
      default: 500,
    }),
  },
  {
    ...section,
    description: 'By where customers come from: an address may be a whole company behind one proxy.',
  },
);

const perChat = Type.Object(
  {
    requestsPerSecond: rate(
      "The customer's requests in one chat a second, all their tabs together.",
      100_000,
      30,
    ),
    requestBurst: burst('Such requests', 120),
    messagesPerSecond: rate('What the customer says in one chat a second.', 100_000, 10),
    messageBurst: burst('Messages', 20),
  },
  {
    ...section,
    description: 'By chat, counted once the secure key was right. Leaving is always let through.',
  },
);

const perService = Type.Object(
  {
    newChatsPerMinute: rate('New chats of one service a minute.', 1_000_000, 6000),
    newChatBurst: burst('New chats', 1000),
  },
  { ...section, description: 'By service.' },
);

const perAgent = Type.Object(
  {
    requestsPerSecond: rate("One agent's requests a second, push aside.", 100_000, 100),
    requestBurst: burst('Such requests', 1000),
  },
  { ...section, description: 'By agent.' },
);

export const rateLimits = Type.Object(
  {
    exemptAddresses: Type.Array(range('An address or a range.'), {
      description:
        "Addresses for which no limit by address holds: the server's own machine, a gateway that speaks for many customers.",
      uniqueItems: true,
      maxItems: 1000,
      default: ['127.0.0.0/8', '::1'],
    }),
    maxWatched: whole(100, 10_000_000, {
      description:
        'Addresses, chats and agents watched, of each. When full, those seen longest ago are forgotten.',
      default: 100_000,
    }),
    perAddress,
    perChat,
    perService,
    perAgent,
  },
  {
    ...section,
    description:
      'How often somebody may ask. More is refused: customers may try again (`statusCode` 1), agents get 429, both `Retry-After`.',
  },
);
