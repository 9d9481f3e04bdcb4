import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { capabilitiesOf, consults, isChatOperation } from './capabilities.ts';
import { carries, evolve, isClosed, isLive, offeredHandler, seated, type Chat } from './chat.ts';
import { isLogged, type StoredEvent } from './chat-event.ts';
import type { AgentCommand, ChatCommand } from './commands.ts';
import { agentIds, begin, play, quota, steps, type Seen } from './chat-arbitrary.ts';
import { beyondAgentFiles, fileOf, usedByCustomer } from './files.ts';
import { isAsleep } from './lifetime.ts';
import { narrower, visibilityOf } from './visibility.ts';

/** Whether every sequence holds what `look` asserts of each step. */
function assertAlways(look: (seen: Seen) => void): void {
  fc.assert(
    fc.property(steps, (list) => void play(list, look)),
    { numRuns: 300 },
  );
}

function isByAgent(command: ChatCommand): command is AgentCommand {
  return isChatOperation(command.type);
}

/** What may be refused although it is among the capabilities: it depends on the parameters. */
function isRefusedForItsParameters(before: Chat, command: AgentCommand): boolean {
  const others = seated(before).filter((one) => one.agentId !== command.agentId && carries(one.role));
  if ('message' in command && command.message && before.session === 'Ended') return true;
  switch (command.type) {
    case 'Transfer': {
      const { to } = command;
      if (!('agentId' in to)) return others.length > 0;
      const target = before.assignments.find((one) => one.agentId === to.agentId && isLive(one));
      const takesOver = target?.role === 'Member' || target?.role === 'Consultant';
      return target !== undefined && !(target.state === 'Chatting' && takesOver);
    }
    case 'Consult':
    case 'Invite': {
      const target = before.assignments.find((one) => one.agentId === command.asked.agentId && isLive(one));
      const joins = command.type === 'Invite' && target?.state === 'Chatting' && target.role === 'Consultant';
      return target !== undefined && !joins;
    }
    case 'CancelConsult':
      return !before.assignments.some((one) => one.state === 'Invited' && consults(command.agentId, one));
    case 'RemoveParticipantFromConference':
      return seated(before).find((one) => one.agentId === command.target)?.role !== 'Member';
    case 'UploadFile':
      return beyondAgentFiles(before, command.maxFiles) !== null;
    case 'DeleteFile':
      return fileOf(before, command.fileId) === undefined;
    case 'Complete':
      return (
        command.placement !== undefined &&
        before.assignments.some(
          (one) =>
            one.agentId === command.agentId &&
            one.state === 'Chatting' &&
            (!carries(one.role) || others.length > 0 || offeredHandler(before) !== undefined),
        )
      );
    default:
      return false;
  }
}

describe('any sequence of commands', () => {
  test('keeps seq dense and index growing without a gap', () => {
    fc.assert(
      fc.property(steps, (list) => {
        const log = play(list, () => {});
        expect(log.map(({ seq }) => seq)).toEqual(log.map((_, at) => at + 1));
        const indices = log.filter(({ event }) => isLogged(event)).map(({ index }) => index);
        expect(indices).toEqual(indices.map((_, at) => at + 1));
        expect(log.every(({ event, index }) => isLogged(event) === (index !== undefined))).toBe(true);
      }),
    );
  });

  test('is accepted exactly where the capabilities and its parameters allow it', () => {
    assertAlways(({ before, command, refused }) => {
      if (!isByAgent(command)) return;
      const isAllowed = capabilitiesOf(before, command.agentId).includes(command.type);
      expect(!refused).toBe(isAllowed && !isRefusedForItsParameters(before, command));
    });
  });

  test("keeps the customer's files within their quota", () => {
    assertAlways(({ after }) => {
      const used = usedByCustomer(after, quota.deleteGivesBack);
      expect(used.files).toBeLessThanOrEqual(quota.maxFiles);
      expect(used.bytes).toBeLessThanOrEqual(quota.maxTotalBytes);
      expect(after.downloads).toBeLessThanOrEqual(3);
    });
  });

  test('changes nothing after an agent has finished or the offer was taken back, until the next offer', () => {
    assertAlways(({ before, command, refused }) => {
      if (!isByAgent(command)) return;
      const state = before.assignments.find((one) => one.agentId === command.agentId)?.state;
      if (state === 'Completed' || state === 'Revoked' || state === undefined) expect(refused).toBe(true);
    });
  });

  test('lets nothing happen in a closed chat', () => {
    assertAlways(({ before, after }) => {
      if (isClosed(before)) expect(after).toBe(before);
    });
  });

  test('never has two handlers, in the chat or asked, and never waits while somebody carries the chat', () => {
    assertAlways(({ after }) => {
      const handlers = after.assignments.filter((one) => one.role === 'Handler' && isLive(one));
      expect(handlers.length).toBeLessThanOrEqual(1);
      if (after.waiting) expect(after.assignments.some(isLive)).toBe(false);
    });
  });

  test('never leaves an open chat without somebody whom the customer sees, is to see, or waits for', () => {
    assertAlways(({ after }) => {
      const isCared = after.waiting || offeredHandler(after) !== undefined;
      const isCarried = seated(after).some((one) => carries(one.role));
      if (after.session === 'Open') expect(isCared || isCarried).toBe(!isAsleep(after));
    });
  });

  test('keeps consultants and supervisors only while an agent is there whom they are there for', () => {
    assertAlways(({ after }) => {
      const seats = seated(after);
      if (seats.length > 0) expect(seats.some((one) => carries(one.role))).toBe(true);
    });
  });

  test('seats every agent once, seen as their role is seen', () => {
    assertAlways(({ after }) => {
      const present = after.parties.filter((party) => party.present && party.type === 'Agent');
      const bySeat = (left: { participantId: string }, right: { participantId: string }): number =>
        left.participantId < right.participantId ? -1 : 1;
      expect(
        present
          .toSorted(bySeat)
          .map(({ participantId, agentId, visibility }) => [participantId, agentId, visibility]),
      ).toEqual(
        seated(after)
          .toSorted(bySeat)
          .map(({ participantId, agentId, role }) => [participantId, agentId, visibilityOf[role]]),
      );
    });
  });

  test('lets nobody be heard by those who do not see them', () => {
    assertAlways(({ before, events, command }) => {
      if (!isByAgent(command)) return;
      const role = before.assignments.find((one) => one.agentId === command.agentId)?.role;
      for (const { event } of events) {
        const isSaid =
          event.type === 'TextSent' ||
          event.type === 'UrlSent' ||
          event.type === 'CustomNoticeSent' ||
          event.type === 'TypingStarted' ||
          event.type === 'TypingStopped';
        if (!isSaid || !role) continue;
        const asked = command.type.includes('ToAgents') ? 'Agents' : 'All';
        expect(event.visibility).toBe(narrower(asked, visibilityOf[role]));
      }
    });
  });

  test('tells the going of a participant to those who were told of their coming', () => {
    fc.assert(
      fc.property(steps, (list) => {
        const coming = new Map<string, string>();
        for (const { event } of play(list, () => {})) {
          if (event.type === 'ParticipantJoined')
            coming.set(event.participant.participantId, event.participant.visibility);
          if (event.type === 'ParticipantLeft')
            expect(event.visibility).toBe(coming.get(event.participantId));
        }
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

  test('reaches every role and every operation, so that the above says something', () => {
    const roles = new Set<string>();
    const done = new Set<string>();
    fc.assert(
      fc.property(steps, (list) => {
        play(list, ({ after, command, refused }) => {
          if (!refused) done.add(command.type);
          for (const one of seated(after)) roles.add(one.role);
        });
      }),
      { numRuns: 1000, seed: 1 },
    );
    expect([...roles].toSorted()).toEqual(['BargeIn', 'Coach', 'Consultant', 'Handler', 'Member', 'Monitor']);
    expect(done.size).toBe(30 + 17);
    expect(agentIds).toHaveLength(4);
  });
});

test('an event out of order is refused by the fold', () => {
  const { chat, stored } = begin();
  const [first] = stored;
  if (!first) throw new Error('nothing was stored');
  expect(() => evolve(chat, first)).toThrow(/does not follow/);
});
