import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isRefusal } from '@parley/contract/refusals.ts';
import { capabilitiesOf, chatOperations, type ChatOperation } from './capabilities.ts';
import { evolve, isClosed, isLive, type Chat } from './chat.ts';
import { isLogged, type QueuePlacement, type StoredEvent } from './chat-event.ts';
import { decide, decideRequest, stamp, type AgentCommand, type ChatCommand } from './decide.ts';
import type { AgentId, ChatId, ContactId, ParticipantId } from './ids.ts';

const chatId = '0000Na9B26EF002X' as ChatId;
const agentIds = ['a', 'b', 'c'] as AgentId[];
const placement: QueuePlacement = { queue: 'support', priority: 0, ageingPerMinute: 1, skills: [] };

interface Step {
  readonly kind:
    ChatOperation | 'Offer' | 'RevokeOffer' | 'CustomerSend' | 'CustomerTyping' | 'CustomerLeave';
  readonly agent: number;
  readonly flag: boolean;
  readonly text: string;
}

const operationNames = Object.keys(chatOperations) as ChatOperation[];
const kinds = [
  ...operationNames,
  'Offer',
  'RevokeOffer',
  'CustomerSend',
  'CustomerTyping',
  'CustomerLeave',
] as const;

const steps = fc.array(
  fc.record({
    // Offers and acceptances are what makes the rest possible, so they come more often.
    kind: fc.oneof(
      { weight: 2, arbitrary: fc.constantFrom('Offer' as const, 'Accept' as const) },
      { weight: 5, arbitrary: fc.constantFrom(...kinds) },
    ),
    agent: fc.nat(2),
    flag: fc.boolean(),
    text: fc.string({ maxLength: 5 }),
  }),
  { maxLength: 60 },
);

/** A command of the step's kind with valid parameters; `count` makes participant ids that never repeat. */
function commandOf(step: Step, count: number): ChatCommand {
  const agentId = agentIds[step.agent]!;
  const message = step.text === '' ? {} : { message: { text: step.text } };
  switch (step.kind) {
    case 'Offer': {
      const reason = { rule: 'longest-ready', waitedMs: 0, effectivePriority: 0, eligibleAgents: 1 } as const;
      return { type: 'Offer', agentId, expiresAtMs: count + 30, reason };
    }
    case 'RevokeOffer':
      return { type: 'RevokeOffer', agentId, reason: 'no-answer', notBeforeMs: count + 5 };
    case 'CustomerSend':
      return { type: 'CustomerSend', message: { text: step.text } };
    case 'CustomerTyping':
      return { type: 'CustomerTyping', started: step.flag };
    case 'CustomerLeave':
      return { type: 'CustomerLeave' };
    case 'Accept': {
      const participantId = `p${count}` as ParticipantId;
      return { type: 'Accept', agentId, nickname: step.text, participantId, saveLar: step.flag };
    }
    case 'Reject':
      return { type: 'Reject', agentId, notBeforeMs: count + 5 };
    case 'SendMessage':
      return { type: 'SendMessage', agentId, message: { text: step.text } };
    case 'Leave':
      return { type: 'Leave', agentId, ...message };
    case 'Complete':
      return { type: 'Complete', agentId, saveLar: step.flag, ...message };
    case 'Transfer': {
      const to = step.flag
        ? { placement }
        : { agentId: agentIds[(step.agent + 1) % 3]!, expiresAtMs: count + 30 };
      return { type: 'Transfer', agentId, to, ...message };
    }
    default:
      return { type: step.kind, agentId } as AgentCommand;
  }
}

function begin(): { chat: Chat; stored: readonly StoredEvent[] } {
  const events = decideRequest({
    requested: {
      type: 'ChatRequested',
      service: 'customer-support',
      customer: { nickname: 'PersonP' },
      contactId: 'contact' as ContactId,
      secureKeyDigest: '',
      userData: {},
    },
    participantId: 'p-customer' as ParticipantId,
    placement,
  });
  return stamp(null, events, { chatId, atMs: 0 });
}

/** Plays the steps; `look` sees the chat before and after each, and what was decided. */
function play(
  list: readonly Step[],
  look: (seen: {
    before: Chat;
    after: Chat;
    command: ChatCommand;
    refused: boolean;
    log: readonly StoredEvent[];
  }) => void,
): readonly StoredEvent[] {
  const start = begin();
  const log = [...start.stored];
  let chat = start.chat;
  list.forEach((step, count) => {
    const command = commandOf(step, count);
    const decided = decide(chat, command);
    const before = chat;
    if (!isRefusal(decided) && decided.length > 0) {
      const next = stamp(chat, decided, { chatId, atMs: count });
      log.push(...next.stored);
      chat = next.chat;
    }
    look({ before, after: chat, command, refused: isRefusal(decided), log });
  });
  return log;
}

describe('any sequence of commands', () => {
  test('keeps seq dense and index growing without a gap', () => {
    fc.assert(
      fc.property(steps, (list) => {
        const log = play(list, () => {});
        expect(log.map(({ seq }) => seq)).toEqual(log.map((_, at) => at + 1));
        const indices = log.filter(({ event }) => isLogged(event)).map(({ index }) => index);
        expect(indices).toEqual(indices.map((_, at) => at + 1));
        expect(log.filter(({ event }) => !isLogged(event)).every(({ index }) => index === undefined)).toBe(
          true,
        );
      }),
    );
  });

  test('is accepted exactly where the capabilities say so', () => {
    fc.assert(
      fc.property(steps, (list) => {
        play(list, ({ before, command, refused }) => {
          if (!('agentId' in command) || command.type === 'Offer' || command.type === 'RevokeOffer') return;
          const allowed = capabilitiesOf(before, command.agentId).includes(command.type);
          const needsListener = 'message' in command && before.session === 'Ended';
          const targetBusy =
            command.type === 'Transfer' &&
            'agentId' in command.to &&
            before.assignments.some(
              (one) => one.agentId === (command.to as { agentId: AgentId }).agentId && isLive(one),
            );
          expect(!refused).toBe(allowed && !needsListener && !targetBusy);
        });
      }),
    );
  });

  test('changes nothing after an agent has finished or the offer was taken back, until the next offer', () => {
    fc.assert(
      fc.property(steps, (list) => {
        play(list, ({ before, command, refused }) => {
          if (!('agentId' in command) || command.type === 'Offer') return;
          const state = before.assignments.find((one) => one.agentId === command.agentId)?.state;
          if (state === 'Completed' || state === 'Revoked' || state === undefined) expect(refused).toBe(true);
        });
      }),
    );
  });

  test('lets nothing happen in a closed chat', () => {
    fc.assert(
      fc.property(steps, (list) => {
        play(list, ({ before, after }) => {
          if (isClosed(before)) expect(after).toBe(before);
        });
      }),
    );
  });

  test('never has two agents invited, and never waits while somebody is', () => {
    fc.assert(
      fc.property(steps, (list) => {
        play(list, ({ after }) => {
          const invited = after.assignments.filter((one) => one.state === 'Invited').length;
          expect(invited).toBeLessThanOrEqual(1);
          if (after.waiting) expect(invited).toBe(0);
        });
      }),
    );
  });

  test('never leaves an open chat without somebody to take care of it', () => {
    fc.assert(
      fc.property(steps, (list) => {
        play(list, ({ after }) => {
          if (after.session === 'Ended') expect(after.waiting).toBe(false);
          else expect(after.waiting || after.assignments.some(isLive)).toBe(true);
        });
      }),
    );
  });

  test('is told again by its log: folding the events anew gives the same chat', () => {
    fc.assert(
      fc.property(steps, (list) => {
        let last: Chat | null = null;
        const log = play(list, ({ after }) => {
          last = after;
        });
        let again: Chat | null = null;
        for (const stored of JSON.parse(JSON.stringify(log)) as StoredEvent[]) again = evolve(again, stored);
        if (last) expect(again).toEqual(last);
      }),
    );
  });
});

test('an event out of order is refused by the fold', () => {
  const { chat, stored } = begin();
  expect(() => evolve(chat, stored[0]!)).toThrow(/does not follow/);
});
