import { inspect } from 'node:util';

/** A value that the page does not fix, told by what it must look like. */
class Check {
  readonly wanted: string;
  readonly fits: (actual: unknown) => boolean;

  constructor(wanted: string, fits: (actual: unknown) => boolean) {
    this.wanted = wanted;
    this.fits = fits;
  }
}

/** A payload of the page: literals are fixed by it, checks stand for what differs from run to run. */
export type PageShape =
  string | number | Check | readonly PageShape[] | { readonly [key: string]: PageShape };

const text = (wanted: string, pattern: RegExp): Check =>
  new Check(wanted, (actual) => typeof actual === 'string' && pattern.test(actual));

const chatId = text('a chat id of 16 letters and digits', /^[0-9A-Za-z]{16}$/);
const chatUri = text(
  'an absolute …/api/v2/chats/{id}',
  /^https?:\/\/[^/]+\/api\/v2\/chats\/[0-9A-Za-z]{16}$/,
);
const participantId = text('a participant id of 16 hex digits', /^[0-9A-F]{16}$/);
const timestamp = text(
  'a time like 2014-01-02T14:23:18.000-0800',
  /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}[+-]\d{4}$/,
);
const integer = new Check('an integer', Number.isInteger);

/** The seven operations that the page shows; there may be more. */
const pageCapabilities = [
  'Transfer',
  'Complete',
  'Leave',
  'InFocus',
  'SendMessage',
  'SendStartTypingNotification',
  'SendStopTypingNotification',
];

const capabilities = new Check(`a list of texts that holds ${pageCapabilities.join(', ')}`, (actual) => {
  if (!Array.isArray(actual) || !actual.every((name) => typeof name === 'string')) return false;
  return pageCapabilities.every((name) => actual.includes(name));
});

const chatting = { state: 'Chatting', capabilities, id: chatId, uri: chatUri };

const agentNamed = (nickname: string): PageShape => ({ type: 'Agent', nickname, participantId });
const customerNamed = (nickname: string): PageShape => ({ type: 'Customer', nickname, participantId });

const logged = (index: number, type: string, from: PageShape): { readonly [key: string]: PageShape } => ({
  index,
  type,
  from,
  visibility: 'All',
  timestamp,
});

/** The four payloads that follow an Accept, as the founding page shows them. */
export interface FoundingPage {
  readonly reply: PageShape;
  readonly statusChange: PageShape;
  readonly participantsUpdated: PageShape;
  readonly messageLogUpdated: PageShape;
}

/**
 * The page's payloads with every key that is on it. The names are the page's own, where one nickname serves both the
 * agent who was there earlier and the one who accepts; pass others where the conversation has others.
 */
export function foundingPage(
  names: { readonly customer?: string; readonly earlierAgent?: string; readonly agent?: string } = {},
): FoundingPage {
  const customer = customerNamed(names.customer ?? 'PersonP');
  const earlierAgent = agentNamed(names.earlierAgent ?? 'Marat');
  const agent = agentNamed(names.agent ?? 'Marat');
  const changed = { messageType: 'ChatStateChangeMessage', referenceId: integer };
  return {
    reply: { statusCode: 0 },
    statusChange: { ...changed, notificationType: 'StatusChange', chat: { ...chatting, participants: [] } },
    participantsUpdated: {
      ...changed,
      notificationType: 'ParticipantsUpdated',
      chat: { ...chatting, participants: [agent, customer] },
    },
    messageLogUpdated: {
      messageType: 'MessageLogUpdated',
      notificationType: 'NewMessages',
      messages: [
        logged(1, 'ParticipantJoined', customer),
        logged(2, 'ParticipantJoined', earlierAgent),
        logged(3, 'ParticipantLeft', earlierAgent),
        logged(4, 'TypingStarted', customer),
        { ...logged(5, 'Text', customer), text: 'Hello World' },
        logged(6, 'ParticipantJoined', agent),
      ],
      chatUri,
    },
  };
}

/**
 * Checks that `actual` carries everything the page shows: every key, the JSON type of its value, and the value itself
 * where the page fixes it. Keys beyond the page are welcome, entries of a list are not. Throws with all that is wrong.
 */
export function assertCarriesPage(actual: unknown, expected: PageShape): void {
  const problems = problemsOf(actual, expected, '$');
  if (problems.length > 0)
    throw new Error(
      `not as on the founding page:\n  ${problems.join('\n  ')}\nin ${inspect(actual, { depth: 8 })}`,
    );
}

function problemsOf(actual: unknown, expected: PageShape, path: string): readonly string[] {
  if (expected instanceof Check)
    return expected.fits(actual) ? [] : [`${path}: wanted ${expected.wanted}, got ${inspect(actual)}`];
  if (isList(expected)) {
    if (!Array.isArray(actual) || actual.length !== expected.length)
      return [`${path}: wanted a list of ${expected.length}, got ${inspect(actual, { depth: 1 })}`];
    return expected.flatMap((item, position) => problemsOf(actual[position], item, `${path}[${position}]`));
  }
  if (typeof expected === 'object') {
    if (typeof actual !== 'object' || actual === null || Array.isArray(actual))
      return [`${path}: wanted an object, got ${inspect(actual)}`];
    const fields: Readonly<Record<string, unknown>> = { ...actual };
    return Object.entries(expected).flatMap(([key, item]) =>
      Object.hasOwn(fields, key)
        ? problemsOf(fields[key], item, `${path}.${key}`)
        : [`${path}.${key}: missing`],
    );
  }
  return actual === expected ? [] : [`${path}: wanted ${inspect(expected)}, got ${inspect(actual)}`];
}

function isList(shape: PageShape): shape is readonly PageShape[] {
  return Array.isArray(shape);
}
