import Type from 'typebox';
import { trustedProxies } from './rate-limits-schema.ts';
import { durationMs, section, text, whole } from './schema-parts.ts';
import { stateAfterLogin } from './people-schema.ts';
import { customHttp } from './push-to-apps-schema.ts';

export const listen = Type.Object(
  {
    host: text(255, {
      description: 'The address to listen on. Beyond loopback only without demo passwords.',
      default: '127.0.0.1',
    }),
    port: whole(0, 65_535, { description: 'The port; 0 takes any free one.', default: 8080 }),
    trustedProxies,
  },
  { ...section, description: 'Where the server listens.' },
);

export const agentSession = Type.Object(
  {
    idleTimeoutMs: durationMs(
      { description: 'A login session (`JSESSIONID`) unused for so long ends.', default: 1_800_000 },
      1000,
    ),
    maxSessions: whole(1, 1_000_000, {
      description: 'Login sessions in all. One more ends the one that was idle longest.',
      default: 20_000,
    }),
    maxSessionsPerAgent: whole(1, 1000, {
      description: "Login sessions of one agent. One more ends the agent's own that was idle longest.",
      default: 20,
    }),
    channels: Type.Array(Type.Enum(['chat']), {
      description: 'The media channels an agent can start a session on.',
      minItems: 1,
      uniqueItems: true,
      default: ['chat'],
    }),
    stateAfterLogin,
    csrfProtection: Type.Boolean({
      description: 'Whether PUT, POST and DELETE by agents need the CSRF token of their session.',
      default: false,
    }),
  },
  { ...section, description: "Agents' login sessions." },
);

export const signIn = Type.Object(
  {
    failuresBeforeDelay: whole(1, 100, {
      description: 'Failed sign-ins of one account before the next must wait.',
      default: 5,
    }),
    firstDelayMs: durationMs(
      { description: 'The first wait; it doubles with each failure.', default: 1000 },
      1,
    ),
    longestDelayMs: durationMs({ description: 'The longest wait.', default: 60_000 }, 1),
    forgetAfterMs: durationMs(
      { description: "An account's failures are forgotten after so long without one.", default: 900_000 },
      1000,
    ),
    perAddressPerMinute: whole(1, 1_000_000, {
      description:
        'Failed sign-ins from one address (IPv6: one /64) in a minute; beyond it they are refused.',
      default: 60,
    }),
    maxAddresses: whole(100, 1_000_000, {
      description: 'Addresses watched. When full, the one that failed longest ago is forgotten.',
      default: 10_000,
    }),
    cachedCredentials: whole(0, 1_000_000, {
      description: 'Verified Basic headers kept, so that a header on each poll is hashed once. 0: none.',
      default: 5000,
    }),
    credentialCacheMs: durationMs({
      description: 'How long a verified Basic header is kept, however often it is used.',
      default: 900_000,
    }),
    parallelHashes: whole(1, 64, { description: 'Passwords hashed at the same time.', default: 2 }),
    maxWaitingHashes: whole(0, 100_000, {
      description: 'Sign-ins waiting to be hashed. One more is refused as unavailable.',
      default: 200,
    }),
  },
  { ...section, description: 'Checks and limits of signing in.' },
);

export const crossOrigin = Type.Object(
  {
    allowedOrigins: Type.Array(
      text(300, {
        description: 'An origin.',
        pattern: '^https?://[^/?#@\\s]+$',
        title: 'an origin such as https://desk.example.com (no path, no "*")',
      }),
      {
        description: 'Other origins whose pages may call the server. Compared exactly.',
        uniqueItems: true,
        maxItems: 1000,
        default: [],
      },
    ),
    allowCredentials: Type.Boolean({
      description: 'Whether such pages may send the cookie or credentials.',
      default: true,
    }),
    maxAgeMs: durationMs({
      description: 'How long a browser may keep a preflight answer.',
      default: 120_000,
    }),
    allowedHeaders: Type.Array(
      text(64, {
        description: 'A header.',
        pattern: "^[A-Za-z0-9!#$%&'*+.^_`|~-]+$",
        title: 'the name of a header',
      }),
      {
        description: 'The request headers such pages may send.',
        uniqueItems: true,
        maxItems: 100,
        default: [
          'X-Requested-With',
          'Content-Type',
          'Accept',
          'Origin',
          'Cookie',
          'Authorization',
          'ssid',
          'surl',
          'ContactCenterId',
          'X-CSRF-TOKEN',
          'Idempotency-Key',
          'apikey',
          'gms_user',
        ],
      },
    ),
  },
  { ...section, description: 'Pages of other origins (CORS).' },
);

const conformance = Type.Object(
  {
    path: text(200, {
      description: 'The path of an extra push endpoint that conformance suites drive.',
      pattern: '^/[A-Za-z0-9/_-]*$',
      title: 'a path beginning with "/"',
    }),
    timeoutMs: durationMs({ description: 'Its hold time.', default: 2000 }, 1),
  },
  { additionalProperties: false },
);

export const push = Type.Object(
  {
    timeoutMs: durationMs(
      {
        description: 'How long a poll is held when nothing happens. Below what proxies cut at.',
        default: 25_000,
      },
      1,
    ),
    intervalMs: durationMs({ description: 'How long clients wait between polls.', default: 0 }),
    maxIntervalMs: durationMs(
      { description: 'A push session without a poll for so long ends.', default: 30_000 },
      1,
    ),
    maxQueue: whole(1, 1_000_000, {
      description:
        'Messages waiting in one push session. One more ends it; the client reads on from the log.',
      default: 1000,
    }),
    maxSessions: whole(1, 1_000_000, {
      description: 'Push sessions in all. Further handshakes are refused.',
      default: 20_000,
    }),
    maxQueueBytes: whole(1024, 1_073_741_824, {
      description: 'Their size in all. Beyond it the push session ends as well.',
      default: 1_048_576,
    }),
    maxSessionsPerAgent: whole(1, 10_000, {
      description: 'Push sessions of one agent: tabs and desktops. Further handshakes are refused.',
      default: 50,
    }),
    maxSubscriptions: whole(1, 10_000, {
      description: 'Subscriptions of one push session. Further ones are refused.',
      default: 100,
    }),
    maxSessionsPerChat: whole(1, 1000, {
      description: 'Push sessions (tabs) of one customer in one chat. One more takes the place of the first.',
      default: 20,
    }),
    maxChatsPerSession: whole(1, 1000, {
      description: 'Chats that one push session of a customer hears of. Further ones are refused.',
      default: 10,
    }),
    customHttp,
    conformance: Type.Union([conformance, Type.Null()], {
      description: 'An extra push endpoint for conformance suites; null: none.',
      default: null,
    }),
  },
  { ...section, description: 'Notifications (Bayeux).' },
);

export const presence = Type.Object(
  {
    lostAfterMs: durationMs({
      description: 'An agent without a push session for so long is lost: nothing more is offered to them.',
      default: 5000,
    }),
    silentAfterMs: durationMs(
      {
        description:
          'The same for an agent who only sends requests and has never listened: without a request.',
        default: 120_000,
      },
      1000,
    ),
    graceMs: durationMs({
      description:
        'How long a lost agent keeps their chats. Then others get them, and the agent is signed out.',
      default: 60_000,
    }),
    endOfSessionReleasesChats: Type.Boolean({
      description: 'Whether others get the chats of an agent who ends their session, at once.',
      default: true,
    }),
    notice: text(1000, {
      description: 'What a customer is told whose agent is gone. Empty: nothing.',
      default: '',
    }),
  },
  { ...section, description: "Whether agents are there: by their connections, never by a browser's timers." },
);

export const limits = Type.Object(
  {
    bodyBytes: whole(1024, 16_777_216, {
      description: 'The body of a request. Longer: 413.',
      default: 65_536,
    }),
    requestTimeoutMs: durationMs(
      {
        description:
          'How long a request may take to come in. Longer: 408, and the connection is closed. It is looked for as often as that, so the end may come after twice the time. Uploads have more time (`files`).',
        default: 30_000,
      },
      100,
    ),
    messageLength: whole(1, 1_000_000, {
      description: 'Characters in one chat message. Longer: refused.',
      default: 14_000,
    }),
    nameLength: whole(1, 10_000, {
      description: 'Characters in a nickname, a name or a subject. Longer: refused.',
      default: 255,
    }),
    userDataKeys: whole(0, 10_000, {
      description: 'Keys in the user data of a chat. More: refused.',
      default: 100,
    }),
    userDataBytes: whole(0, 1_048_576, {
      description: 'The user data of a chat as JSON. More: refused.',
      default: 16_384,
    }),
    openChats: whole(1, 10_000_000, {
      description: 'Chats that are not over. Further requests are refused as unavailable.',
      default: 20_000,
    }),
  },
  { ...section, description: 'Limits of what is taken in.' },
);
