import { describe, expect, it } from 'vitest';
import { assertCarriesPage, foundingPage, type FoundingPage } from './founding-page.ts';

type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

const customer = { type: 'Customer', nickname: 'PersonP', participantId: '009052C5E6D6004A' };
const earlier = { type: 'Agent', nickname: 'Marat', participantId: '009052C5E743004C' };
const agent = { type: 'Agent', nickname: 'Marat', participantId: '009052C5EF51004D' };
const uri = 'http://localhost:8080/api/v2/chats/0000Na9B26EF002X';

function chat(participants: Json[]): Json {
  const typing = ['SendMessage', 'SendStartTypingNotification', 'SendStopTypingNotification'];
  const capabilities = ['Transfer', 'Complete', 'Leave', 'InFocus', ...typing];
  return { state: 'Chatting', capabilities, id: '0000Na9B26EF002X', uri, participants };
}

const changed = { messageType: 'ChatStateChangeMessage', referenceId: 13 };

function entry(index: number, type: string, from: Json, seconds: string): { [key: string]: Json } {
  return { index, type, from, visibility: 'All', timestamp: `2014-01-02T14:23:${seconds}-0800` };
}

/** The page with the values that it prints. */
const printed: Readonly<Record<keyof FoundingPage, Json>> = {
  reply: { statusCode: 0 },
  statusChange: { ...changed, notificationType: 'StatusChange', chat: chat([]) },
  participantsUpdated: {
    ...changed,
    notificationType: 'ParticipantsUpdated',
    chat: chat([earlier, customer]),
  },
  messageLogUpdated: {
    messageType: 'MessageLogUpdated',
    notificationType: 'NewMessages',
    messages: [
      entry(1, 'ParticipantJoined', customer, '18.000'),
      entry(2, 'ParticipantJoined', earlier, '18.109'),
      entry(3, 'ParticipantLeft', earlier, '19.909'),
      entry(4, 'TypingStarted', customer, '20.121'),
      { ...entry(5, 'Text', customer, '20.126'), text: 'Hello World' },
      entry(6, 'ParticipantJoined', agent, '20.171'),
    ],
    chatUri: uri,
  },
};

/** Every copy of the value with one thing spoilt: a key taken away, or a value of another type in its place. */
function* spoilt(value: Json): Generator<Json> {
  yield typeof value === 'number' ? String(value) : 0.5;
  if (typeof value !== 'object' || value === null) return;
  for (const [key, item] of Object.entries(value)) {
    const others = Object.entries(value).filter(([name]) => name !== key);
    yield Array.isArray(value) ? others.map(([, other]) => other) : Object.fromEntries(others);
    for (const bad of spoilt(item)) {
      const copy = structuredClone(value) as { [name: string]: Json };
      copy[key] = bad;
      yield copy;
    }
  }
}

describe.each(['reply', 'statusChange', 'participantsUpdated', 'messageLogUpdated'] as const)(
  '%s',
  (name) => {
    const expected = foundingPage()[name];

    it('is satisfied by the page itself', () => assertCarriesPage(printed[name], expected));

    it('welcomes more keys', () => {
      assertCarriesPage({ ...(printed[name] as object), metrics: {} }, expected);
    });

    it('is not satisfied when a key is missing or of another type, wherever it is', () => {
      const copies = [...spoilt(printed[name])];
      const accepted = copies.filter((copy) => {
        try {
          assertCarriesPage(copy, expected);
          return true;
        } catch {
          return false;
        }
      });
      expect(accepted).toEqual([]);
      expect(copies.length).toBeGreaterThan(2);
    });
  },
);

describe('what the page fixes', () => {
  const page = foundingPage();
  const log = printed.messageLogUpdated as { messages: Json[] };

  it.each([
    ['the order of the log', { ...log, messages: log.messages.toReversed() }, page.messageLogUpdated],
    [
      'that the log ends with the agent’s joining',
      { ...log, messages: [...log.messages, entry(7, 'Text', agent, '21.000')] },
      page.messageLogUpdated,
    ],
    [
      'the form of times',
      JSON.parse(JSON.stringify(log).replaceAll('T14:', ' 14:')) as Json,
      page.messageLogUpdated,
    ],
    ['the form of the uri', { ...log, chatUri: uri.replace('/chats', '/me/chats') }, page.messageLogUpdated],
    [
      'that StatusChange lists nobody',
      { ...changed, notificationType: 'StatusChange', chat: chat([customer]) },
      page.statusChange,
    ],
    ['the status code', { statusCode: 1 }, page.reply],
  ])('%s', (_, actual, expected) => {
    expect(() => assertCarriesPage(actual, expected)).toThrow(/^not as on the founding page:\n {2}\$/);
  });

  it('lets the conversation have other names', () => {
    const named = JSON.parse(JSON.stringify(printed.participantsUpdated).replace('Marat', 'Kristi')) as Json;
    assertCarriesPage(named, foundingPage({ agent: 'Kristi' }).participantsUpdated);
    expect(() => assertCarriesPage(named, page.participantsUpdated)).toThrow("wanted 'Marat', got 'Kristi'");
  });
});
